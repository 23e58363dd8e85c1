// The list of actions against itself, and keys against it: what the key sheet shows is what a key does.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ACTIONS, onKey } from '../../src/app/actions.ts'
import { get, set, store } from '../../src/app/store.ts'

class FakeElement {
  readonly inside: string
  constructor(inside = '') {
    this.inside = inside
  }
  closest(selector: string): FakeElement | null {
    return this.inside !== '' && selector.includes(this.inside) ? this : null
  }
}

const press = (key: string, more: object = {}): { prevented: boolean } => {
  const e = {
    ...{ key, shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, defaultPrevented: false },
    ...{ target: new FakeElement(), preventDefault: () => void (seen.prevented = true) },
    ...more,
  }
  const seen = { prevented: false }
  onKey(e as unknown as KeyboardEvent)
  return seen
}

const initial = store.getInitialState()
beforeEach(() => {
  vi.stubGlobal('HTMLElement', FakeElement)
  for (const other of ['HTMLInputElement', 'HTMLButtonElement']) vi.stubGlobal(other, class extends FakeElement {})
  store.setState(initial, true)
})
afterEach(() => void vi.unstubAllGlobals())

describe('the list', () => {
  it('has every id and every key once', () => {
    const ids = ACTIONS.map(a => a.id)
    const keys = ACTIONS.flatMap(a => a.keys.split(' '))
    expect(new Set(ids).size).toBe(ids.length)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('names every action, and gives each a key of the shape that KeyboardEvent has', () => {
    for (const a of ACTIONS) {
      expect(a.label).toMatch(/^[A-Z]/)
      for (const k of a.keys.split(' ')) {
        expect(k).toMatch(
          /^(?:Ctrl\+|Alt\+|Shift\+)?(?:Arrow(?:Left|Right|Up|Down)|Page(?:Up|Down)|Home|End|Space|Escape|\?|[a-zA-Z1-4])$/,
        )
      }
    }
  })
})

describe('keys', () => {
  it('choose the grain, and stop at either end of the list', () => {
    for (let i = 0; i < 9; i++) press('ArrowUp')
    expect(get().grain).toBe('beat')
    for (let i = 0; i < 9; i++) press('ArrowDown')
    expect(get().grain).toBe('line')
  })

  it('go round the views of the window and open what they say', () => {
    const views = Array.from({ length: 3 }, () => {
      press('v')
      return get().windowView
    })
    expect(views).toEqual(['hex', 'picture', 'fields'])
    press('?')
    expect(get().dialog).toBe('keys')
  })

  it('open a drawer, exchange it for another, and close it', () => {
    press('l')
    expect(get().drawer).toBe('events')
    press('m')
    expect(get().drawer).toBe('map')
    press('m')
    expect(get().drawer).toBeUndefined()
    press('s')
    press('Escape')
    expect(get().drawer).toBeUndefined()
  })

  it('rest while one types, while a dialog is open, and when they are switched off', () => {
    for (const inside of ['textarea', 'select', 'role=dialog']) {
      expect(press('v', { target: new FakeElement(inside) }).prevented).toBe(false)
    }
    set({ keys: false })
    expect(press('v').prevented).toBe(false)
    expect(get().windowView).toBe('fields')
  })

  it('leave to the browser what is not theirs, and what is not possible now', () => {
    expect(press('v', { ctrlKey: true }).prevented).toBe(false)
    expect(press('v', { metaKey: true }).prevented).toBe(false)
    expect(press('F5').prevented).toBe(false)
    expect(press('ArrowLeft').prevented).toBe(false)
    expect(press('v', { defaultPrevented: true }).prevented).toBe(false)
    expect(get().windowView).toBe('fields')
  })

  it('say what is missing instead of doing nothing', () => {
    press('r')
    expect(get().notice).toMatch(/^Select /)
    press('v')
    expect(get().notice).toBe('')
  })
})
