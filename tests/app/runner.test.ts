// Whatever one does with the run, the store says what the machine is: a long walk of made-up acts, each of them followed
// by a comparison of the store with the history.

import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { wholeEngine } from '../../src/app/engine.ts'
import * as runner from '../../src/app/runner.ts'
import { get, set, type Store, store } from '../../src/app/store.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import { GRAINS } from '../../src/machine/grains.ts'
import { History } from '../../src/machine/history.ts'
import { grow, NO_TIMELINE } from '../../src/view/timeline.ts'
import { getRandom } from '../support/machines.ts'

const initial = store.getInitialState()
let frames: ((time: number) => void)[] = []

// The rest of the engine is there, as it is a moment after the page has come up.
beforeAll(() => wholeEngine())
beforeEach(() => {
  vi.useFakeTimers()
  frames = []
  vi.stubGlobal('window', globalThis)
  vi.stubGlobal('requestAnimationFrame', (f: (time: number) => void) => frames.push(f))
  vi.stubGlobal('cancelAnimationFrame', () => void (frames = []))
  store.setState({ ...initial, scenarios: get().scenarios }, true)
  runner.stageStands()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** Lets the run be computed to its end. */
const settle = (): void => void vi.runAllTimers()
/** One frame of the screen, `after` milliseconds later. */
const frame = (after: number): void => {
  vi.advanceTimersByTime(after)
  const due = frames
  frames = []
  for (const f of due) f(performance.now())
}

function agree(): void {
  const s: Store = get()
  expect(s.at).toBe(runner.momentAt(s.cursor))
  expect(s.before).toBe(s.cursor > 0 ? runner.momentAt(s.cursor - 1) : undefined)
  expect(s.next).toBe(s.cursor + 1 < s.length ? runner.momentAt(s.cursor + 1) : undefined)
  expect(s.timeline).toEqual(grow(NO_TIMELINE, 0, s.length, runner.momentAt))
}

describe('opening', () => {
  it('shows power-on at once and the whole run a little later, without moving or playing', () => {
    runner.openScenario('verify-mldsa87', 3968)
    agree()
    expect(get().cursor).toBe(0)
    settle()
    agree()
    const h = History.start(scenarioById('verify-mldsa87')?.config as History['config'])
    h.extend(100_000)
    expect(get()).toMatchObject({ complete: true, length: h.length, cursor: 0, playing: false })
  })

  it('leaves the run on stage as it is when a recording cannot be used', async () => {
    runner.openScenario('get-random', 3968)
    settle()
    runner.step('chunk')
    const before = get()
    for (const text of ['', '{', '[]', '{"format":"crbscope-recording","version":2}']) {
      await expect(runner.openRecording(text)).rejects.toThrow(/./)
    }
    expect(get()).toBe(before)
  })

  it('opens what it recorded, at the step where it was recorded', async () => {
    runner.openScenario('get-random', 3968)
    settle()
    runner.step('chunk')
    const { cursor } = get()
    const text = JSON.stringify(await runner.record())
    runner.openScenario('hash-3951', 64)
    await runner.openRecording(text)
    expect(get()).toMatchObject({ cursor, scenario: undefined, window: 3968 })
    agree()
  })
})

describe('moving', () => {
  it.each([1, 2, 3])('agrees with the machine after every act of a long walk (%i)', seed => {
    let state = seed
    const pick = (n: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return Math.floor((state / 2 ** 32) * n)
    }
    runner.openScenario('get-random', 256)
    settle()
    for (let i = 0; i < 150; i++) {
      const grain = GRAINS[pick(GRAINS.length)]
      const acts = [
        () => runner.step(grain),
        () => runner.step(grain),
        () => runner.back(grain),
        () => runner.seek(pick(get().length + 20) - 10),
        () => runner.send(getRandom(`sent-${i}`)),
        () => runner.cancel(),
        () => get().branches[0] && runner.switchBranch(get().branches[pick(get().branches.length)]?.id as number),
        () => runner.runUntil({ kind: 'register', name: 'CTRL_START' }, pick(2) === 0 ? 1 : -1),
        () => settle(),
        () => (pick(2) === 0 ? runner.first() : runner.last()),
      ]
      if (get().length > 600 || get().branches.length > 6) runner.openScenario('get-random', 256)
      acts[pick(acts.length)]?.()
      agree()
    }
  })

  it('keeps the old future when one acts in the past, and returns to it whole', () => {
    runner.openScenario('get-random', 3968)
    settle()
    const old = get().length
    runner.step('chunk')
    const at = get().cursor
    runner.send(getRandom('again'))
    settle()
    expect(get().cursor).toBe(at + 1)
    expect(get().length).toBeGreaterThan(old)
    expect(get().branches).toHaveLength(1)
    runner.switchBranch(get().branches[0]?.id as number)
    agree()
    expect(get().length).toBe(old)
    expect(get().branches).toHaveLength(1)
  })

  it('says whether it runs until something, and stays where nothing changes', () => {
    runner.openScenario('get-random', 3968)
    settle()
    expect(runner.runUntil({ kind: 'bit', register: 'CTRL_STS', field: 'tpmIdle' }, 1)).toBe(true)
    expect(get().cursor).toBeGreaterThan(0)
    runner.last()
    expect(runner.runUntil({ kind: 'bit', register: 'CTRL_STS', field: 'tpmIdle' }, 1)).toBe(false)
    agree()
  })
})

describe('playing', () => {
  it('walks from stop to stop, pauses when told, and stops at the end', () => {
    runner.openScenario('get-random', 3968)
    settle()
    set({ grain: 'chunk', speed: '4' })
    const stops: number[] = []
    const h = History.start(get().config as History['config'])
    h.extend(100_000)
    for (let k = 0; k < h.length - 1; ) stops.push((k = h.nextStop(k, 'chunk')))
    runner.play()
    expect(get().playing).toBe(true)
    const passed: number[] = []
    for (let i = 0; i < 2000 && get().playing; i++) {
      frame(16)
      agree()
      if (passed.at(-1) !== get().cursor && get().cursor > 0) passed.push(get().cursor)
    }
    expect(passed).toEqual(stops)
    expect(get()).toMatchObject({ playing: false, cursor: h.length - 1 })
  })

  it('can be paused, and then moves no more', () => {
    runner.openScenario('get-random', 3968)
    settle()
    runner.play()
    frame(600)
    runner.play()
    const { cursor, playing } = get()
    expect(playing).toBe(false)
    for (let i = 0; i < 50; i++) frame(100)
    expect(get().cursor).toBe(cursor)
  })

  it('shows one stop a frame at instant speed, and leaves none out', () => {
    runner.openScenario('hash-3951', 64)
    settle()
    set({ speed: 'instant', grain: 'line' })
    runner.play()
    for (let k = 1; get().playing; k++) {
      frame(16)
      expect(get().cursor).toBe(k)
    }
    expect(get().cursor).toBe(get().length - 1)
    agree()
  })
})
