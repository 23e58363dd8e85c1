// What people do with the page: send a command, act in the past and return, open and save runs, by keyboard alone; and
// what they hear when something is wrong.

import { readFileSync, writeFileSync } from 'node:fs'
import { expect, type Page, test } from '@playwright/test'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { digest } from '../../src/machine/digest.ts'
import { parseRecording, verifyRecording } from '../../src/machine/recording.ts'
import { compare, open, seen } from './stage.ts'

const VERIFY = scenarioById('verify-mldsa87') as Scenario
const GET_RANDOM = '80 01 00 00 00 0c 00 00 01 7b 00 10'
const now = (page: Page) => page.locator('[data-now]')

test('a command is sent, stepped through, and the old future returned to, by keyboard alone', async ({ page }) => {
  const h = await open(page, VERIFY)
  await page.keyboard.press('Shift+ArrowRight')
  await expect(now(page)).toContainText('took chunk 1')
  const before = await page.locator('#step-field').inputValue()

  await page.keyboard.press('n')
  await page.getByRole('dialog').getByRole('textbox').focus()
  await page.keyboard.type(GET_RANDOM)
  await expect(page.getByRole('dialog')).toContainText('TPM2_GetRandom')
  const button = page.getByRole('button', { name: 'Send it' })
  for (let i = 0; i < 3 && !(await button.evaluate(b => b === document.activeElement)); i++) {
    await page.keyboard.press('Tab')
  }
  await expect(button).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(now(page)).toHaveText('You sent a command: TPM2_GetRandom.')

  await page.keyboard.press('Control+ArrowRight')
  await page.keyboard.press('Control+ArrowRight')
  await expect(now(page)).toHaveText('The application has its answer: 28 bytes.')
  const futures = page.locator('[data-branches]')
  await expect(futures).toHaveAttribute('data-branches', '1')
  await futures.selectOption({ index: 1 })
  await expect(page.locator(`[data-steps="${h.length - 1}"]`)).toBeVisible()
  await page.locator('#step-field').fill(before)
  await page.locator('#step-field').press('Enter')
  await expect(now(page)).toContainText('took chunk 1')
})

test('a running command is cancelled and answers TPM_RC_CANCELED', async ({ page }) => {
  await open(page, scenarioById('get-random') as Scenario)
  await page.keyboard.press('Shift+ArrowRight')
  await expect(now(page)).toContainText('handed 12 bytes to the TPM')
  await page.keyboard.press('c')
  await expect(now(page)).toHaveText('You asked the driver to cancel.')
  await page.keyboard.press('Shift+ArrowRight')
  await expect(page.locator('[data-rc]')).toContainText('TPM_RC_CANCELED')
})

test('keys are shown, can be switched off, and rest while one types', async ({ page }) => {
  await open(page, VERIFY)
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  await expect(sheet).toContainText('Next chunk')
  await sheet.getByRole('checkbox').click()
  await page.keyboard.press('Escape')
  await expect(sheet).toHaveCount(0)
  await page.keyboard.press('ArrowRight')
  await expect(page.locator('#step-field')).toHaveValue('0')
  await page.getByRole('button', { name: 'Help' }).click()
  await sheet.getByRole('checkbox').click()
  await page.keyboard.press('Escape')
  await page.keyboard.press('ArrowRight')
  await expect(page.locator('#step-field')).not.toHaveValue('0')
})

test('a step is gone to by its number, the window is shown three ways, a byte is explained', async ({ page }) => {
  await open(page, VERIFY)
  await page.keyboard.press('g')
  await page.keyboard.type('28')
  await page.keyboard.press('Enter')
  await expect(now(page)).toContainText('took chunk 1')
  await page.keyboard.press('v')
  await expect(page.locator('[data-window-row="000"]')).toContainText('8001')
  await page.keyboard.press('v')
  await expect(page.locator('.cell16')).toHaveCount(248)
  await page.keyboard.press('v')
  await page.locator('.paper').focus()
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight')
  await page.keyboard.press('e')
  await expect(page.locator('[data-inspect]')).toHaveText('commandSize')
  await expect(page.locator('[data-inspect-now]')).toContainText('4683')
})

test('a bit is selected and run until it changes, both ways', async ({ page }) => {
  await open(page, VERIFY)
  await page.getByRole('button', { name: /^CTRL_STS\.tpmIdle/ }).click()
  await page.keyboard.press('e')
  await expect(page.locator('[data-inspect]')).toHaveText('tpmIdle')
  await page.keyboard.press('r')
  const first = Number(await page.locator('#step-field').inputValue())
  await expect(page.locator('.device [data-reg=CTRL_STS]')).toHaveAttribute('data-reads', '00000000')
  await page.keyboard.press('r')
  await expect(page.locator('.device [data-reg=CTRL_STS]')).toHaveAttribute('data-reads', '00000002')
  await page.keyboard.press('Shift+R')
  await expect(page.locator('#step-field')).toHaveValue(String(first))
})

test('playing reaches the end, and pauses when told', async ({ page }) => {
  const h = await open(page, scenarioById('get-random') as Scenario)
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('4')
  await page.keyboard.press('k')
  await expect(page.locator('#step-field')).not.toHaveValue('0')
  await page.keyboard.press('k')
  await expect(page.getByRole('button', { name: 'Play' })).toBeVisible()
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('instant')
  await page.keyboard.press('k')
  await expect(page.locator('#step-field')).toHaveValue(String(h.length - 1))
})

test('a play of a step a frame is paused with all parts of the screen at the same step', async ({ page }) => {
  // Long enough not to end in between, however slow the machine is that looks on.
  const h = await open(page, scenarioById('s3') as Scenario)
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('instant')
  await page.getByRole('button', { name: 'Line', exact: true }).click()
  for (let n = 0; n < 8; n++) {
    await page.keyboard.press('k')
    await expect(page.locator('[data-playing]')).toHaveCount(1)
    // In the frames that follow it, parts are drawn in turn.
    await page.evaluate(
      frames =>
        new Promise<void>(done => {
          const next = (left: number): unknown => (left === 0 ? done() : requestAnimationFrame(() => next(left - 1)))
          next(frames)
        }),
      5 + (n % 3),
    )
    await page.keyboard.press('k')
    await expect(page.locator('[data-playing]')).toHaveCount(0)
    const k = Number(await page.locator('#step-field').inputValue())
    expect(k).toBeGreaterThan(n)
    await compare(page, h, k, false)
  }
  await page.locator('#step-field').fill(String(h.length - 20))
  await page.keyboard.press('Enter')
  await page.keyboard.press('k')
  await compare(page, h, h.length - 1, false)
})

test('the event table tells the same and leads to a step', async ({ page }) => {
  await open(page, VERIFY)
  await page.keyboard.press('Shift+ArrowRight')
  await page.getByRole('button', { name: 'Events' }).click()
  const table = page.getByRole('table')
  await expect(table).toContainText('The device took chunk 1: 3,968 of 4,683 bytes.')
  await page.getByRole('combobox', { name: 'Only one register' }).selectOption('CTRL_START')
  await expect(page.locator('[data-event-count]')).not.toHaveAttribute('data-event-count', '0')
  await page.getByRole('searchbox', { name: 'Filter events by text' }).fill('Start to CTRL_START')
  await page
    .getByRole('button', { name: /^Go to step/ })
    .first()
    .click()
  await expect(now(page)).toContainText('handed 4,683 bytes to the TPM')
})

test('a teaching window is labelled, and the answer is the same', async ({ page }) => {
  await open(page, VERIFY)
  await page.getByRole('combobox', { name: 'Window size' }).selectOption('256')
  await expect(page.locator('.teaching')).toHaveText('teaching window')
  await page.keyboard.press('End')
  await expect(page.locator('[data-rc]')).toHaveText('TPM_RC_SUCCESS')
})

test('a run is saved and opened again; the recording reaches the same digest here and in Node', async ({ page }) => {
  const h = await open(page, scenarioById('sign-mldsa87') as Scenario)
  await page.keyboard.press('End')
  await page.keyboard.press('o')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save this run' }).click(),
  ])
  const path = await file.path()
  const recording = parseRecording(readFileSync(path, 'utf8'))
  expect(recording.digest).toBe(digest(h.at(h.length - 1).machine))
  expect(() => verifyRecording(recording)).not.toThrow()
  await page.getByLabel('Open a recording').setInputFiles(path)
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.locator('#step-field')).toHaveValue(String(h.length - 1))
  await expect(page.locator('.scenario')).toHaveValue('')
})

test('files that are no recordings are said, and the machine stays as it is', async ({ page }, info) => {
  const h = await open(page, VERIFY)
  await page.keyboard.press('Shift+ArrowRight')
  const before = await seen(page)
  const { saveRecording } = await import('../../src/machine/recording.ts')
  const good = JSON.stringify(saveRecording(h, 'x'))
  const cases: [string, string, string][] = [
    ['cut.json', good.slice(0, 300), 'truncated'],
    ['newer.json', good.replace('"version":1', '"version":7'), 'newer than this program knows'],
    ['text.json', 'hello', 'not JSON'],
    [
      'other.json',
      good.replace(/"digest":"[0-9a-f]{64}"/, `"digest":"${'0'.repeat(64)}"`),
      'the replay ends with digest',
    ],
  ]
  await page.keyboard.press('o')
  for (const [name, text, message] of cases) {
    const path = info.outputPath(name)
    writeFileSync(path, text)
    await page.getByLabel('Open a recording').setInputFiles(path)
    await expect(page.getByRole('alert')).toContainText(message)
    await expect(page.getByRole('alert')).toContainText(name)
  }
  await page.keyboard.press('Escape')
  expect(await seen(page)).toEqual(before)
})

test('pasted bytes that are none are refused with their place; odd commands are said and sent all the same', async ({
  page,
}) => {
  await open(page, scenarioById('get-random') as Scenario)
  await page.keyboard.press('End')
  await page.keyboard.press('n')
  const box = page.getByRole('dialog').getByRole('textbox')
  const send = page.getByRole('button', { name: /^Send it/ })
  await box.fill('80 01 00 0g')
  await expect(page.getByRole('alert')).toHaveText(/Line 1, column 11: "g" is not a hexadecimal digit/)
  await expect(send).toBeDisabled()
  await box.fill('80 01 00 00 0')
  await expect(page.getByRole('alert')).toBeVisible()
  await box.fill('80 01 00 00 00 0c')
  await expect(page.getByRole('alert')).toHaveText(/only 6 bytes, at least 10 are needed/)
  await expect(send).toBeDisabled()
  await box.fill('00000000: 8001 0000 0006 0000 017b 0010            .........{..')
  await expect(page.getByRole('dialog')).toContainText('The header says 6 bytes, there are 12.')
  await send.click()
  await page.keyboard.press('End')
  await expect(page.locator('.device [data-reg=CTRL_STS]')).toHaveAttribute('data-reads', '00000003')
  await expect(now(page)).toContainText('-EIO')
})

test('a defect is said, with the recording for download, never a blank page', async ({ page }) => {
  await open(page, VERIFY)
  await page.keyboard.press('Shift+ArrowRight')
  await page.evaluate(() =>
    setTimeout(() => {
      throw new Error('made by a test')
    }),
  )
  await expect(page.locator('[data-defect]')).toHaveText('made by a test')
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save the recording' }).click(),
  ])
  expect(parseRecording(readFileSync(await file.path(), 'utf8')).title).toBe(VERIFY.title)
})

test('works on without the network once it is loaded', async ({ page, context }) => {
  await open(page, VERIFY)
  await page.waitForLoadState('networkidle')
  await page.keyboard.press('l')
  await page.keyboard.press('l')
  await context.setOffline(true)
  await page.keyboard.press('End')
  await expect(page.locator('[data-rc]')).toHaveText('TPM_RC_SUCCESS')
  await page.keyboard.press('l')
  await expect(page.getByRole('table')).toBeVisible()
})
