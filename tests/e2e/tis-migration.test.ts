// A machine with a TIS migrates in mid-command: four scenarios, the section's fields as bytes, an older receiver that refuses
// it, one that does not look and misreads it, a snapshot; by keyboard, and clean for axe.

import { expect, type Page, test } from '@playwright/test'
import { CASES } from '../../src/lessons/migration-table.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import type { History } from '../../src/machine/history.ts'
import { axe, cutOff, dress, tooSmall } from './measure.ts'
import { compare, go, open } from './stage.ts'

const OLDER = scenarioById('tis-migrate-older') as Scenario
const now = (page: Page) => page.locator('[data-now]')
const outcome = (page: Page) => page.locator('[data-outcome]')
const stream = (page: Page) => page.locator('[data-stream]')
const host = (page: Page, which: 'source' | 'destination') => page.locator(`[data-host=${which}]`)

const actAt = (h: History): number =>
  Array.from({ length: h.length }, (_, k) => k).find(k => h.at(k).events.some(e => e.t === 'user')) as number

async function choose(page: Page, which: 'source' | 'destination', label: string, value: string): Promise<void> {
  const select = host(page, which).getByRole('combobox', { name: label, exact: true })
  await select.focus()
  await expect(select).toBeFocused()
  await select.selectOption(value)
}

const WORDS = {
  alike: /^The machine runs on QEMU 11\.1 .*tpm-tis, its buffer 8192, .* bytes crossed\.$/,
  older:
    /^The migration is refused by the destination: section tpm-tis is of version 1, newer .* at offset 41 \(QEMU: /,
  unchecked: /^The migration is refused by the destination: section tpm-tis does not end here: 0x/,
  smaller: /^The machine runs on QEMU 11\.1 .*backend 4096/,
}
for (const id of ['alike', 'older', 'unchecked', 'smaller'] as const) {
  test(`in mid-command: ${id}`, async ({ page }) => {
    const h = await open(page, scenarioById(`tis-migrate-${id}`) as Scenario)
    const k = actAt(h)
    await go(page, k)
    await expect(now(page)).toHaveText(WORDS[id])
    await page.keyboard.press('Control+ArrowRight')
    await compare(page, h, h.nextStop(k, 'command'), false)
    await expect(now(page)).toContainText(id === 'smaller' ? '-ETIME' : '84 bytes')
    await page.keyboard.press('End')
    await compare(page, h, h.length - 1, false)
  })
}

test('the section as bytes, and an older receiver that refuses it', async ({ page }) => {
  const h = await open(page, OLDER)
  await go(page, actAt(h) - 1)
  await page.keyboard.press('x')
  const dialog = page.getByRole('dialog', { name: 'Migration' })
  await expect(dialog.locator('[data-phase]')).toContainText(
    'All 8,192 bytes of the buffer will be saved: they hold 4,682 of 4,683 bytes of a command.',
  )
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'runs-on')
  await expect(outcome(page)).toContainText('The whole buffer')

  // Its fields, and their bytes.
  await stream(page).getByRole('button', { name: 'Fields of section tpm-tis', exact: true }).click()
  await expect(stream(page).locator('[data-field=version]').last()).toContainText('1: a buffer of 8,192 bytes')
  await stream(page).locator('[data-field=version]').last().click()
  await expect(stream(page).locator('.hb.marked')).toHaveText(['00', '00', '00', '01'])
  await stream(page).locator('[data-field=rw_offset]').click()
  await expect(stream(page).locator('[data-field=rw_offset]')).toContainText('4,682: position in the buffer')
  await expect(stream(page).locator('.hb.marked')).toHaveText(['12', '4a'])
  await stream(page).getByRole('button', { name: 'Fields of loc[0]', exact: true }).click()
  await expect(stream(page).locator('[data-field=state]')).toContainText('reception')
  await expect(stream(page).locator('[data-field=sts]')).toContainText('tpmFamily 1, stsValid, Expect')
  // What a tpm-tis has not is not offered.
  await expect(host(page, 'destination').getByRole('combobox', { name: 'cap-chunk' })).toHaveCount(0)
  await expect(host(page, 'source').getByRole('combobox', { name: 'buffer of the TIS' })).toBeDisabled()

  await choose(page, 'destination', 'buffer of the TIS', '4096')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'version')
  await choose(page, 'source', 'machine type', 'pc-q35-11.0')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'machine-type')
  await choose(page, 'destination', 'QEMU', '11.0')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'version')
  await expect(outcome(page)).toContainText(
    'Section tpm-tis is of version 1, newer than this host knows (0), at offset 41.',
  )
  await expect(outcome(page)).toContainText("QEMU: “savevm: unsupported version 1 for 'tpm-tis' v0”")
  await stream(page).getByRole('button', { name: 'As the destination reads it' }).press('Enter')
  await expect(stream(page)).toContainText('From offset 41 on the stream is not explained')

  await dialog.getByRole('button', { name: 'Migrate now' }).press('Enter')
  await expect(dialog.locator('[data-migrated]')).toHaveText(WORDS.older)
  await page.keyboard.press('Escape')
  // The machine stays, and the command is answered.
  await page.keyboard.press('Control+ArrowRight')
  await expect(now(page)).toContainText('84 bytes')
})

test('a receiver that does not look takes bytes of the buffer for position and localities', async ({ page }) => {
  const h = await open(page, OLDER)
  await go(page, actAt(h) - 1)
  await page.keyboard.press('x')
  await choose(page, 'destination', 'buffer of the TIS', '4096')
  await choose(page, 'destination', 'looks at versions', 'no')
  await expect(host(page, 'destination')).toContainText('our completion: QEMU looks')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'misread')
  await expect(outcome(page)).toContainText('Section tpm-tis does not end here')
  await expect(outcome(page)).toContainText('QEMU: “Missing section footer for tpm-tis”')
  await stream(page).getByRole('button', { name: 'As the destination reads it' }).click()
  await stream(page).getByRole('button', { name: 'Fields of section tpm-tis', exact: true }).click()
  const position = stream(page).locator('[data-field=rw_offset]')
  await position.click()
  const marked = await stream(page).locator('.hb.marked').allTextContents()
  expect(marked).toHaveLength(2)
  await expect(position).toContainText(Number.parseInt(marked.join(''), 16).toLocaleString('en-US'))
  await expect(position).not.toContainText('4,682')
  // The bytes are in sight, also where the screen is small.
  await expect(stream(page).locator('.hb.marked').first()).toBeInViewport({ ratio: 0.9 })
  await stream(page).getByRole('button', { name: 'Fields of footer' }).click()
  await expect(stream(page).locator('[data-field=mark] .wrong')).toContainText('instead of its footer')
})

test('another interface, a smaller backend, a stream that is damaged', async ({ page }) => {
  const h = await open(page, OLDER)
  await go(page, actAt(h) - 1)
  await page.keyboard.press('x')
  await choose(page, 'destination', 'device', 'tpm-crb')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'no-section')
  await expect(outcome(page)).toContainText("Unknown section or instance 'tpm-tis' 0, at offset 24.")
  await choose(page, 'destination', 'device', 'tpm-tis')
  await choose(page, 'destination', 'buffer of the TIS', '8192')
  await choose(page, 'destination', 'backend takes', '4096')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'shrunk')
  await choose(page, 'destination', 'backend takes', '8192')
  await page.getByRole('combobox', { name: 'on the way' }).selectOption('repeated')
  await expect(outcome(page)).toContainText(/Section tpm-tis is repeated, at offset \d+\./)
})

test('a snapshot is taken and returned to', async ({ page }) => {
  await open(page, scenarioById('tis-get-random') as Scenario)
  await page.keyboard.press('Shift+ArrowRight')
  const from = Number(await page.locator('#step-field').inputValue())
  // The button of the bar, as over a CRB.
  await page.getByRole('button', { name: 'Migrate', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Migration' })
  const status = dialog.locator('[data-migrated]')
  await dialog.getByRole('button', { name: 'Take snapshot' }).press('Enter')
  await expect(status).toHaveText(/^A snapshot is taken: [\d,]+ bytes\.$/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('End')
  await expect(page.locator('[data-rc]')).toContainText('TPM_RC_SUCCESS')
  await page.keyboard.press('x')
  await dialog.getByRole('button', { name: `Return to snapshot of step ${from + 1}` }).click()
  await expect(status).toHaveText(/^The machine is again as it was saved at step \d+/)
})

test('a guest with the host’s TPM stays where it is', async ({ page }) => {
  await open(page, scenarioById('tpm-off') as Scenario)
  await page.keyboard.press('x')
  await expect(outcome(page)).toHaveAttribute('data-outcome', 'host-tpm')
  await expect(outcome(page)).toContainText('its owner, keys and PCRs cannot go along with the guest')
})

test('the table has the outcomes of a TIS', async ({ page }) => {
  await open(page, OLDER)
  await page.keyboard.press('x')
  await page.getByRole('button', { name: 'All outcomes' }).click()
  for (const id of ['version', 'misread', 'no-section', 'shrunk']) {
    await page.getByRole('combobox', { name: 'outcome', exact: true }).selectOption(id)
    const wanted = CASES.filter(c => c.outcome === id).length
    expect(wanted).toBeGreaterThan(9)
    await expect(page.locator('[data-cases]')).toHaveAttribute('data-cases', String(wanted))
    await expect(page.locator('[data-case]')).toHaveCount(wanted)
  }
})

for (const theme of ['light', 'dark', 'contrast']) {
  test(`axe finds nothing in ${theme}, nothing is cut off or too small`, async ({ page }) => {
    await dress(page, { theme })
    await page.setViewportSize({ width: 1920, height: 1080 })
    const h = await open(page, OLDER)
    await go(page, actAt(h) - 1)
    await page.keyboard.press('x')
    await choose(page, 'destination', 'buffer of the TIS', '4096')
    await choose(page, 'destination', 'looks at versions', 'no')
    await stream(page).getByRole('button', { name: 'As the destination reads it' }).click()
    await expect(stream(page).locator('.hb').first()).toBeVisible()
    expect(await cutOff(page)).toEqual([])
    await stream(page).getByRole('button', { name: 'Fields of section tpm-tis', exact: true }).click()
    await stream(page).locator('[data-field=rw_offset]').click()
    await expect(stream(page).locator('.hb.marked').first()).toBeVisible()
    await page.screenshot({ path: `test-results/tis-migration-${theme}-1920.png` })
    await page.setViewportSize({ width: 1280, height: 720 })
    await page.screenshot({ path: `test-results/tis-migration-${theme}-1280.png` })
    expect(await tooSmall(page)).toEqual([])
    expect(await axe(page)).toEqual([])
  })
}
