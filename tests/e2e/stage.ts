// What a browser test sees of the stage, and what the machine says it must show: the same run is computed here, in Node.

import '../support/whole.ts'
import { expect, type Page } from '@playwright/test'
import { driverFor } from '../../src/guest/drivers.ts'
import { modelOf } from '../../src/machine/device.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { begin } from '../../src/lessons/play.ts'
import type { History } from '../../src/machine/history.ts'
import type { Machine } from '../../src/machine/machine.ts'
import { faceOf } from '../../src/view/face.ts'
import { now, upcoming } from '../../src/view/sentences.ts'
import { answerTape, commandTape, objectRows } from '../../src/view/tpm.ts'
import { windowBytes } from '../../src/view/window.ts'

const hex8 = (v: number): string => v.toString(16).padStart(8, '0')

/** Everything compared at a step. */
export interface Seen {
  readonly step: string
  readonly now: string
  readonly next: string
  readonly registers: { readonly [name: string]: string }
  readonly fill: string
  /** Bytes of the first row of the window, as far as they are shown. */
  readonly row: string
  readonly command: string
  readonly answer: string
  readonly line: string
  readonly objects: number
}

/** Milliseconds that the page may take to show a step. */
const SHOWN_WITHIN = 5_000

/** What the page shows, once it is at step `k` where one is given: waited for in the page, which is much faster than asking. */
export const seen = (page: Page, k?: number): Promise<Seen> =>
  page.evaluate(
    async ([wanted, within]) => {
      const field = document.querySelector('#step-field') as HTMLInputElement
      const end = performance.now() + within
      const shown = (): boolean => wanted === undefined || field.value === String(wanted)
      while (!shown() && performance.now() < end) await new Promise(resolve => setTimeout(resolve))
      const text = (s: string): string => document.querySelector(s)?.textContent ?? ''
      const attr = (s: string, name: string): string => document.querySelector(s)?.getAttribute(name) ?? ''
      const registers: Record<string, string> = {}
      for (const r of document.querySelectorAll('.device [data-reg]')) {
        registers[r.getAttribute('data-reg') ?? ''] = r.getAttribute('data-reads') ?? ''
      }
      const tape = (kind: string): string =>
        `${attr(`[data-tape=${kind}]`, 'data-taken')} of ${attr(`[data-tape=${kind}]`, 'data-total')}`
      return {
        step: field.value,
        now: text('[data-now]'),
        next: text('[data-next]'),
        registers,
        fill: text('[data-window-fill]'),
        row: Array.from(document.querySelectorAll('[data-window-row="000"] .bytes'), b => b.textContent).join(' '),
        command: tape('command'),
        answer: tape('answer'),
        line: `${attr('.code', 'data-fn')}:${attr('.line.now', 'data-line')}`,
        objects: Number(/^(\d+) objects/.exec(text('.objects'))?.[1] ?? (text('.objects').startsWith('8') ? 1 : 0)),
      }
    },
    [k, SHOWN_WITHIN] as const,
  )

/** What runs next where no line was executed. */
const programOf = (g: Machine['guest']): string => g.stack.at(-1)?.fn ?? g.entry ?? driverFor(g).probe

/** What must be seen at moment `k`, read from the machine. */
export function wanted(h: History, k: number, back: boolean, shown: Seen): Seen {
  const m = h.at(k)
  const { machine } = m
  const line = m.events.find(e => e.t === 'line')
  const tape = (t: { crossed: number; total: number }): string => `${t.crossed} of ${t.total}`
  const bytes = windowBytes(machine)
  const used = machine.content.kind !== 'nothing'
  const face = faceOf(machine.config)
  const { map } = face
  const base = face.base(m)
  const registers: Record<string, string> = {}
  for (const name of Object.keys(shown.registers)) {
    registers[name] = hex8(modelOf(machine.config).read(machine.device, base + (map[name]?.at ?? 0), 4))
  }
  return {
    step: String(k),
    now: `${back ? 'Back: ' : ''}${now(m)}`,
    next: upcoming(k + 1 < h.length ? h.at(k + 1) : undefined, m),
    registers,
    fill: machine.content.length.toLocaleString('en-US'),
    row: used ? Array.from(bytes.slice(0, 16), b => b.toString(16).padStart(2, '0')).join(' ') : '',
    command: tape(commandTape(machine)),
    answer: tape(answerTape(machine)),
    line: line?.t === 'line' ? `${line.fn}:${line.n}` : `${programOf(machine.guest)}:`,
    objects: objectRows(machine.backend.tpm.objects).length,
  }
}

/** The page on the scenario, at power-on, with the whole run computed. */
export async function open(page: Page, s: Scenario): Promise<History> {
  await page.goto('./')
  const h = begin(s)
  h.extend(100_000)
  await page.locator('[data-ready]').waitFor()
  if ((await page.locator('.scenario').getAttribute('data-scenario')) !== s.id) {
    await page.locator('.scenario').selectOption(s.id)
    await page.locator('.scenario').blur()
  }
  await expect(page.locator(`[data-steps="${h.length - 1}"]`)).toHaveText(`of ${h.length - 1}`)
  return h
}

/** To a step, through the field that shows its number. */
export async function go(page: Page, k: number): Promise<void> {
  await page.locator('#step-field').fill(String(k))
  await page.locator('#step-field').press('Enter')
  await page.locator('#step-field').blur()
}

export async function compare(page: Page, h: History, k: number, back: boolean): Promise<void> {
  const got = await seen(page, k)
  expect(got, `step ${k}`).toEqual(wanted(h, k, back, got))
}

/** Opens the command builder on a command. */
export async function choose(page: Page, name: string): Promise<void> {
  await page.keyboard.press('b')
  await page.getByLabel('Search commands').fill(name)
  await page
    .getByRole('list', { name: 'Commands found' })
    .getByRole('button', { name: new RegExp(`^${name} `) })
    .click()
  await expect(page.locator(`[data-command=TPM2_${name}]`)).toBeVisible()
}
