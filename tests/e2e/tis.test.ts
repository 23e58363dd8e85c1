// The TIS on the page, beyond the runs of scenarios.test.ts: its registers and words, the seized locality, the comparison
// with the CRB, and that the page stays accessible with it.

import { AxeBuilder } from '@axe-core/playwright'
import { expect, test } from '@playwright/test'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { open } from './stage.ts'

const scenario = (id: string): Scenario => scenarioById(id) as Scenario

for (const { width, height } of [
  { width: 1280, height: 720 },
  { width: 1920, height: 1080 },
]) {
  test(`a TIS has its registers, its buffer and its words, ${width} wide`, async ({ page }) => {
    await page.setViewportSize({ width, height })
    await open(page, scenario('tis-get-random'))
    await expect(page.locator('.bar')).toContainText('QEMU tpm-tis')
    await expect(page.getByLabel('Window size')).toHaveCount(0)
    await page.keyboard.press('Control+ArrowRight')
    await expect(page.locator('.device')).toContainText('TIS device')
    await expect(page.locator('.device [data-reg=STS]').first()).toBeVisible()
    await page.keyboard.press('Home')
    await page.keyboard.press('Shift+ArrowRight')
    await expect(page.locator('[data-now]')).toContainText('one by one')
    await page.screenshot({ path: `test-results/tis-${width}.png` })
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  })
}

test('a locality that lost its turn reads all ones', async ({ page }) => {
  await open(page, scenario('tis-status-ff'))
  await page.keyboard.press('End')
  await expect(page.locator('.device [data-reg=STS]').first()).toHaveAttribute('data-reads', 'ffffffff')
  await expect(page.locator('.device')).toContainText('locality 2')
})

test('one seal over both interfaces, side by side', async ({ page }) => {
  await open(page, scenario('seal-tis'))
  await page.keyboard.press('d')
  const dialog = page.getByRole('dialog')
  await expect(dialog.locator('[data-compare=CRB]')).toContainText('accesses')
  await expect(dialog.locator('[data-compare=TIS]')).toContainText('859 bytes')
  await expect(dialog).toContainText('Get the sentence back')
  await page.screenshot({ path: 'test-results/tis-compare.png' })
  expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
})

test('the reference has the registers of both interfaces', async ({ page }) => {
  await open(page, scenario('tis-get-random'))
  await page.keyboard.press('h')
  await page.getByRole('dialog').getByRole('searchbox').fill('TIS STS')
  await expect(page.getByRole('dialog')).toContainText('TIS STS')
})
