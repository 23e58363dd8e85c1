// The command builder on the page: ten commands of different chapters are built, sent and stepped; bytes, answers and the
// TPM panel are held against the same run in Node. Then the keyboard alone, bad input, and the reference.

import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { toHex } from '../../src/lib/bytes.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import type { History } from '../../src/machine/history.ts'
import type { CommandRow } from '../../src/spec/command.ts'
import { commandByName } from '../../src/spec/commands/index.ts'
import { coverageLine } from '../../src/view/coverage.ts'
import { build, changeDraft, draftOf, type Form } from '../../src/view/builder.ts'
import { offersOf } from '../../src/view/builder-defaults.ts'
import { facts, objectRows, pcrRows } from '../../src/view/tpm-state.ts'
import { lastExchange } from '../../src/view/tpm.ts'
import { choose, open } from './stage.ts'

const SHORT = scenarioById('get-random') as Scenario

type Typed = readonly [path: readonly (string | number)[], text: string]
/** Chapters 10, 24, 12, 20, 15, 17, 22, 16, 29 and 28 of Part 3, and what is typed into their fields. */
const TEN: readonly (readonly [name: string, ...typed: Typed[]])[] = [
  ['SelfTest'],
  ['CreatePrimary', [['parameters', 'inSensitive', 'userAuth'], '7077']],
  ['ReadPublic'],
  ['SignDigest', [['passwords', 'keyHandle'], '7077']],
  ['Hash', [['parameters', 'data'], '00ff00ff']],
  ['HashSequenceStart'],
  ['PCR_Extend', [['parameters', 'digests', 0, 'digest'], '5a'.repeat(32)]],
  ['GetRandom', [['parameters', 'bytesRequested'], '0x18']],
  ['ReadClock'],
  ['FlushContext'],
]

const typed = (text: string) => (f: Form) => ({ ...f, text }) as Form

/** What the TPM panel shows. */
const panel = (page: Page) =>
  page.evaluate(() => {
    const text = (e: Element, s: string): string => e.querySelector(s)?.textContent ?? ''
    return {
      facts: Array.from(document.querySelectorAll('[data-fact]'), e => `${text(e, 'dt')}: ${text(e, 'dd')}`),
      objects: Array.from(document.querySelectorAll('[data-object]'), e => e.textContent),
      pcrs: Array.from(document.querySelectorAll('[data-pcr]'), e => e.textContent),
    }
  })

function wantedPanel(h: History, k: number) {
  const m = h.at(k)
  const objects = objectRows(m.machine.backend.tpm.objects)
  return {
    facts: facts(m.machine).map(f => `${f.name}: ${f.value}`),
    objects: objects.map(o => `${o.handleText} ${o.what}${o.name ? `Name ${o.name}` : ''}`),
    pcrs: pcrRows(m, h.at(k - 1)).map(p => `PCR ${p.pcr} ${p.bank} ${p.value}`),
  }
}

test('ten commands of different chapters: bytes, answer and TPM are what the engine says', async ({ page }) => {
  test.setTimeout(120_000)
  const h = await open(page, SHORT)
  await page.keyboard.press('End')
  await page.keyboard.press('s')
  for (const [name, ...fields] of TEN) {
    const k = h.length - 1
    const row = commandByName(`TPM2_${name}`) as CommandRow
    let draft = draftOf(row, offersOf(h.at(k).machine))
    await choose(page, name)
    for (const [path, text] of fields) {
      draft = changeDraft(draft, path, typed(text))
      await page
        .locator(`[data-path="${path.join('.')}"]`)
        .getByRole('textbox')
        .fill(text)
    }
    const { bytes } = build(draft)
    const hexadecimal = bytes === undefined ? '' : toHex(bytes)
    await expect(page.locator('[data-live]'), name).toHaveAttribute('data-live', hexadecimal)
    await page.getByRole('button', { name: `Send TPM2_${name}` }).click()
    h.act(k, {
      kind: 'enqueue',
      task: { id: `built-${k}`, label: row.name, parts: [{ hex: hexadecimal }], keepSize: true },
    })
    h.extend(100_000)
    const last = h.length - 1
    expect(lastExchange(h.at(last).machine), name).toEqual({ command: row.name, rc: 'TPM_RC_SUCCESS' })
    await expect(page.locator(`[data-steps="${last}"]`)).toHaveText(`of ${last}`)
    await page.keyboard.press('End')
    await expect(page.locator('#step-field')).toHaveValue(String(last))
    await expect(page.locator('[data-rc]')).toHaveText('TPM_RC_SUCCESS')
    expect(await panel(page), name).toEqual(wantedPanel(h, last))
  }
})

test('the keyboard alone: search, choose, fill in, send', async ({ page }) => {
  await open(page, SHORT)
  await page.keyboard.press('b')
  await expect(page.getByLabel('Search commands')).toBeFocused()
  await page.keyboard.type('stir')
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-command=TPM2_StirRandom]')).toBeVisible()
  const field = page.getByLabel('inData', { exact: true })
  for (let i = 0; i < 8 && !(await field.evaluate(e => e === document.activeElement)); i++) {
    await page.keyboard.press('Tab')
  }
  await expect(field).toBeFocused()
  await page.keyboard.type('abc')
  await expect(page.getByRole('alert')).toHaveText('an odd number of hexadecimal digits')
  await expect(page.getByRole('button', { name: 'Send TPM2_StirRandom' })).toBeDisabled()
  await page.keyboard.type('d')
  await expect(page.locator('[data-live]')).toHaveAttribute('data-live', '80010000000e000001460002abcd')
  const button = page.getByRole('button', { name: 'Send TPM2_StirRandom' })
  for (let i = 0; i < 8 && !(await button.evaluate(e => e === document.activeElement)); i++) {
    await page.keyboard.press('Tab')
  }
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.locator('#step-field')).toHaveValue('1')
})

test('the reference: opened by its key and from a field, searched, followed', async ({ page }) => {
  await open(page, SHORT)
  await page.keyboard.press('h')
  await expect(page.getByRole('dialog')).toContainText(coverageLine())
  await page.getByLabel('Search the reference').fill('auth_fail')
  await page.keyboard.press('Enter')
  await expect(page.locator('[data-entry]')).toContainText('What to do')
  await page.getByLabel('Search the reference').fill('createprimary')
  await page.keyboard.press('Enter')
  const entry = page.getByRole('article')
  await entry.getByRole('button', { name: 'TPM2B_PUBLIC', exact: true }).first().click()
  await entry.getByRole('button', { name: 'TPMT_PUBLIC', exact: true }).click()
  await expect(page.locator('[data-entry=TPMT_PUBLIC]')).toBeVisible()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Shift+ArrowRight')
  await page.locator('.segment').first().click()
  await page.keyboard.press('e')
  await page.getByRole('button', { name: 'Open in the reference' }).click()
  await expect(page.locator('[data-entry=TPM_ST]')).toBeVisible()
})

for (const [what, width, zoom] of [
  ['a window of 1000 pixels', 1000, 100],
  ['type of 200 %', 1280, 200],
] as const) {
  test(`in one column no field lies over the bytes: ${what}`, async ({ page }) => {
    await page.setViewportSize({ width, height: 720 })
    await page.addInitScript(z => localStorage.setItem('crbscope', JSON.stringify({ zoom: z })), zoom)
    await open(page, SHORT)
    await choose(page, 'CreatePrimary')
    const [lowest = 0, bytes = 0] = await page.evaluate(() => {
      const boxes = Array.from(document.querySelectorAll('.build-field'), e => e.getBoundingClientRect().bottom)
      return [Math.max(...boxes), document.querySelector('.live-head')?.getBoundingClientRect().top]
    })
    expect(lowest).toBeGreaterThan(720)
    expect(bytes).toBeGreaterThanOrEqual(lowest)
    await page.getByRole('button', { name: 'Send TPM2_CreatePrimary' }).scrollIntoViewIfNeeded()
    await expect(page.getByRole('button', { name: 'Send TPM2_CreatePrimary' })).toBeInViewport()
  })
}

for (const theme of ['light', 'dark', 'contrast']) {
  test(`builder and reference can be read and reached, ${theme}`, async ({ page }) => {
    await page.addInitScript(t => localStorage.setItem('crbscope', JSON.stringify({ theme: t })), theme)
    await open(page, SHORT)
    await choose(page, 'CreatePrimary')
    const builder = await new AxeBuilder({ page }).include('[role=dialog]').analyze()
    expect(builder.violations.map(v => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([])
    await page.keyboard.press('Escape')
    await page.keyboard.press('h')
    await page.getByLabel('Search the reference').fill('TPMT_PUBLIC')
    await page.keyboard.press('Enter')
    const reference = await new AxeBuilder({ page }).include('[role=dialog]').analyze()
    expect(reference.violations.map(v => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([])
  })
}
