// What one sets stays set: over a reload, whatever is stored, and against what the system says. In forced colours the
// system's colours are used, and every text can be read.

import { expect, type Page, test } from '@playwright/test'
import { FIRST } from '../../src/lessons/scenarios/index.ts'
import { open } from './stage.ts'

const root = (page: Page, name: string) => page.locator('html').getAttribute(`data-${name}`)

test('theme, size of type, motion and keys are kept over a reload; the run begins anew, at rest', async ({ page }) => {
  await open(page, FIRST)
  await page.keyboard.press('t')
  await page.getByRole('button', { name: 'Larger type' }).click()
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keys' })
  await sheet.getByRole('combobox', { name: 'Motion' }).selectOption('off')
  await sheet.getByRole('checkbox').click()
  await page.keyboard.press('Escape')
  await page.reload()
  await page.locator('[data-ready]').waitFor()
  expect(await root(page, 'theme')).toBe('dark')
  expect(await root(page, 'motion')).toBe('off')
  expect(await page.locator('html').evaluate(e => e.style.fontSize)).toBe('120%')
  await page.keyboard.press('ArrowRight')
  await page.waitForTimeout(700)
  await expect(page.locator('#step-field')).toHaveValue('0')
})

for (const kept of ['not JSON', '[]', 'null', '{"theme":"pink","zoom":7,"motion":3}']) {
  test(`opens in its own colours where ${kept} is stored`, async ({ page }) => {
    const wrong: string[] = []
    page.on('pageerror', e => wrong.push(e.message))
    await page.addInitScript(text => localStorage.setItem('crbscope', text), kept)
    await open(page, FIRST)
    expect(await root(page, 'theme')).toBe('light')
    expect(await page.locator('html').evaluate(e => e.style.fontSize)).toBe('100%')
    expect(wrong).toEqual([])
  })
}

test('motion can be switched on where the system asks for less, and off where it does not', async ({ page }) => {
  const duration = () =>
    page
      .locator('.fill')
      .first()
      .evaluate(e => Number.parseFloat(getComputedStyle(e).transitionDuration))
  const set = async (value: string): Promise<void> => {
    await page.keyboard.press('?')
    await page.getByRole('combobox', { name: 'Motion' }).selectOption(value)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
  }
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await open(page, FIRST)
  await page.keyboard.press('Shift+ArrowRight')
  expect(await duration()).toBe(0)
  await set('on')
  expect(await duration()).toBeGreaterThan(0)
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  await set('off')
  expect(await duration()).toBe(0)
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`forced colours, ${colorScheme}: filled controls can be read, the chosen grain is marked`, async ({ page }) => {
    await page.emulateMedia({ forcedColors: 'active', colorScheme })
    await open(page, FIRST)
    await page.keyboard.press('Shift+ArrowRight')
    await expect(page.locator('.head-line b')).toBeVisible()
    // Left to the system, a plate in the colour of the text would stand behind the text of what is filled.
    const looks = await page.evaluate(() =>
      ['.transport .step', '.head-line b', '.line.now', '.badge'].map(selector => {
        const s = getComputedStyle(document.querySelector(selector) as Element)
        return { selector, adjust: s.forcedColorAdjust, same: s.color === s.backgroundColor }
      }),
    )
    for (const l of looks) expect(l).toEqual({ selector: l.selector, adjust: 'none', same: false })
    const borders = await page.evaluate(() =>
      Array.from(document.querySelectorAll('.grains .tabs button'), e => ({
        on: e.getAttribute('aria-pressed') === 'true',
        color: getComputedStyle(e).borderBottomColor,
      })),
    )
    const marked = borders.find(b => b.on)?.color
    expect(borders.filter(b => b.color === marked)).toHaveLength(1)
  })
}
