// A machine migrates in mid-command: ten scenarios to five destinations with five outcomes, the panel with its two hosts,
// the stream field by field, the table, and a snapshot; by keyboard, and clean for axe.

import { expect, type Page, test } from '@playwright/test'
import { CASES } from '../../src/lessons/migration-table.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import type { History } from '../../src/machine/history.ts'
import { axe, cutOff, dress, tooSmall } from './measure.ts'
import { compare, go, open } from './stage.ts'

const VERIFY = scenarioById('verify-mldsa87') as Scenario
const now = (page: Page) => page.locator('[data-now]')
const outcome = (page: Page) => page.locator('[data-outcome]')

const actAt = (h: History): number =>
  Array.from({ length: h.length }, (_, k) => k).find(k => h.at(k).events.some(e => e.t === 'user')) as number

const WORDS = {
  alike: /^The machine runs on QEMU 11\.1 .* bytes crossed\.$/,
  older:
    /^The migration is refused by the destination: section tpm-crb has no subsection 'tpm-crb\/chunk' here, at offset \d+/,
  blocked: /^The migration is refused by the source: .*machine version less than 11\.1"\)\.$/,
  lost: /^The machine runs on QEMU 11\.1 /,
  stale: /^The machine runs on QEMU 11\.1 .*cap-chunk=off/,
}
/** The first command that the migration touches ends so; the driver's last word on it. */
const ENDS = {
  send: { alike: 84, older: 84, blocked: 84, lost: 10, stale: 84 },
  receive: { alike: 4652, older: 4652, blocked: 4652, lost: 4652, stale: 4652 },
}

for (const way of ['send', 'receive'] as const) {
  for (const journey of ['alike', 'older', 'blocked', 'lost', 'stale'] as const) {
    test(`in mid-${way}: ${journey}`, async ({ page }) => {
      const h = await open(page, scenarioById(`migrate-${way}-${journey}`) as Scenario)
      const k = actAt(h)
      await go(page, k)
      await expect(now(page)).toHaveText(WORDS[journey])
      const end = h.nextStop(k, 'command')
      await page.keyboard.press('Control+ArrowRight')
      await compare(page, h, end, false)
      await expect(now(page)).toContainText(`${ENDS[way][journey].toLocaleString('en-US')} bytes`)
      await page.keyboard.press('End')
      await compare(page, h, h.length - 1, false)
    })
  }
}

test('two hosts, chosen by keyboard: the outcome is there before anything happens', async ({ page }) => {
  const h = await open(page, VERIFY)
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('x')
  const dialog = page.getByRole('dialog', { name: 'Migration' })
  await expect(dialog.locator('[data-phase]')).toContainText('3,968 of 4,683 bytes of a command are held')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'runs-on')
  const destination = dialog.locator('[data-host=destination]')
  const source = dialog.locator('[data-host=source]')
  const choose = async (where: typeof source, label: string, value: string): Promise<void> => {
    const select = where.getByRole('combobox', { name: label, exact: true })
    await select.focus()
    await expect(select).toBeFocused()
    await select.selectOption(value)
  }
  const to = async (label: string, value: string, wanted: string): Promise<void> => {
    await choose(destination, label, value)
    await expect(outcome(page)).toHaveAttribute('data-outcome', wanted)
  }
  await to('QEMU', '11.0', 'machine-type')
  await expect(outcome(page)).toContainText("Machine type received is 'pc-q35-11.1' and local is 'pc-q35-11.0'")
  await to('machine type', 'pc-q35-11.1', 'machine-type')
  await to('QEMU', '11.1-rfc', 'machine-type')
  await to('machine type', 'pc-q35-11.1', 'subsection')
  await to('QEMU', '11.1', 'runs-on')
  await to('cap-chunk', 'off', 'stale')
  await to('cap-chunk', 'on', 'runs-on')
  await to('backend takes', '4096', 'cut')
  await to('backend takes', '2048', 'buffer')
  await to('backend takes', '8192', 'runs-on')
  await to('TPM', 'no-pqc', 'tpm-state')
  await to('TPM', 'crbscope', 'runs-on')
  await to('device', 'tpm-tis', 'ram-block')
  await to('device', 'tpm-crb', 'runs-on')
  await choose(source, 'x-allow-chunk-migration', 'off')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'blocked')
  await choose(source, 'QEMU', '11.1-rfc')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'loses')
  await choose(source, 'QEMU', '11.1')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'runs-on')
  // Nothing has happened so far.
  await page.keyboard.press('Escape')
  await compare(page, h, h.nextStop(0, 'chunk'), false)
})

test('the stream is explained field by field, and what damages it is found', async ({ page }) => {
  await open(page, VERIFY)
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('x')
  const stream = page.locator('[data-stream]')
  await stream.getByRole('button', { name: 'Fields of section tpm-crb', exact: true }).click()
  await stream.getByRole('button', { name: 'Fields of registers' }).click()
  await stream.locator('[data-field=INTF_ID]').click()
  await expect(stream.locator('[data-field=INTF_ID]')).toContainText('0x00025c11')
  await expect(stream.locator('[data-field=INTF_ID]')).toContainText('CapCRBChunk')
  // Its four bytes are marked among the others.
  await expect(stream.locator('.hb.marked')).toHaveText(['00', '02', '5c', '11'])
  await stream.locator('.hb.marked').first().click()
  await expect(stream.locator('[data-field=INTF_ID]')).toHaveAttribute('aria-pressed', 'true')
  await page.getByRole('combobox', { name: 'on the way' }).selectOption('repeated')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'damaged')
  await expect(outcome(page)).toContainText(/Section tpm-crb is repeated, at offset \d+\./)
  await expect(stream).toContainText('is not explained: section tpm-crb is repeated')
})

test('a migration and a snapshot happen in the run, and one returns', async ({ page }) => {
  await open(page, scenarioById('sign-mldsa87') as Scenario)
  await page.keyboard.press('Control+ArrowRight')
  const from = Number(await page.locator('#step-field').inputValue())
  await page.keyboard.press('x')
  const dialog = page.getByRole('dialog', { name: 'Migration' })
  const status = dialog.locator('[data-migrated]')
  await expect(dialog.getByRole('button', { name: 'Return to snapshot' })).toBeDisabled()
  await dialog.getByRole('button', { name: 'Take snapshot' }).press('Enter')
  await expect(status).toHaveText(/^A snapshot is taken: [\d,]+ bytes\.$/)
  await dialog
    .locator('[data-host=destination]')
    .getByRole('combobox', { name: 'x-allow-chunk-migration' })
    .selectOption('off')
  await dialog.getByRole('button', { name: 'Migrate now' }).press('Enter')
  await expect(status).toHaveText(/^The machine runs on QEMU 11\.1 .*x-allow-chunk-migration=off/)
  // From there it cannot leave.
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'blocked')
  await page.keyboard.press('Escape')
  await expect(page.locator('#step-field')).toHaveValue(String(from + 2))
  await page.keyboard.press('End')
  await expect(page.locator('[data-rc]')).toContainText('TPM_RC_SUCCESS')
  await page.keyboard.press('x')
  await dialog.getByRole('button', { name: `Return to snapshot of step ${from + 1}` }).click()
  await expect(status).toHaveText(/^The machine is again as it was saved at step \d+/)
})

test('the table of all outcomes is filtered', async ({ page }) => {
  await open(page, VERIFY)
  await page.getByRole('button', { name: 'Migrate', exact: true }).click()
  await page.getByRole('button', { name: 'All outcomes' }).click()
  const cases = page.locator('[data-cases]')
  await expect(cases).toHaveAttribute('data-cases', String(CASES.length))
  await page.getByRole('combobox', { name: 'outcome', exact: true }).selectOption('loses')
  const lost = CASES.filter(c => c.outcome === 'loses')
  await expect(cases).toHaveAttribute('data-cases', String(lost.length))
  await page.getByRole('combobox', { name: 'when' }).selectOption('read')
  await expect(page.locator('[data-case]')).toHaveCount(lost.filter(c => c.at === 'read').length)
  for (const row of await page.locator('[data-case]').all()) await expect(row).toHaveAttribute('data-case', 'loses')
})

for (const theme of ['light', 'dark', 'contrast']) {
  test(`axe finds nothing in ${theme}, nothing is cut off or too small`, async ({ page }) => {
    await dress(page, { theme })
    await open(page, VERIFY)
    await page.keyboard.press('Shift+ArrowRight')
    await page.keyboard.press('x')
    await expect(page.locator('[data-stream] .hb').first()).toBeVisible()
    await page.screenshot({ path: `test-results/migration-${theme}-1280.png` })
    expect(await axe(page)).toEqual([])
    expect(await tooSmall(page)).toEqual([])
    await page.getByRole('button', { name: 'All outcomes' }).click()
    await expect(page.locator('[data-cases]')).toBeVisible()
    await page.screenshot({ path: `test-results/migration-table-${theme}-1280.png` })
    expect(await axe(page)).toEqual([])
    expect(await cutOff(page)).toEqual([])
    await page.setViewportSize({ width: 1920, height: 1080 })
    await page.getByRole('button', { name: 'This machine' }).click()
    await expect(page.locator('[data-stream] .hb').first()).toBeVisible()
    await page.screenshot({ path: `test-results/migration-${theme}-1920.png` })
    expect(await cutOff(page)).toEqual([])
  })
}
