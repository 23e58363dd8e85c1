// How the page stands: no scrolling at 1280x720, all columns at 1920x1080, one column below 1024 and with large type;
// nothing under 14 pixels; and nothing that axe finds, in three themes.

import { expect, test } from '@playwright/test'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { axe, cutOff, dress, overflow, tooSmall } from './measure.ts'
import { open } from './stage.ts'

const VERIFY = scenarioById('verify-mldsa87') as Scenario
for (const theme of ['light', 'dark', 'contrast']) {
  test(`axe finds nothing in ${theme}: stage, drawers, dialogs, wide`, async ({ page }) => {
    test.slow()
    await dress(page, { theme })
    await open(page, VERIFY)
    const check = async (what: string): Promise<void> => expect(await axe(page), what).toEqual([])
    await check('power-on')
    await page.keyboard.press('Shift+ArrowRight')
    await check('a chunk taken')
    await page.keyboard.press('l')
    await expect(page.getByRole('table')).toBeVisible()
    await check('events')
    for (const [key, name] of [
      ['m', 'map'],
      ['s', 'tpm'],
      ['e', 'inspector'],
    ] as const) {
      await page.keyboard.press(key)
      await expect(page.locator(`[data-drawer-open=${name}]`)).not.toBeEmpty()
      await check(name)
    }
    await page.keyboard.press('Escape')
    for (const key of ['?', 'n', 'o']) {
      await page.keyboard.press(key)
      await expect(page.getByRole('dialog')).toBeVisible()
      await check(`dialog ${key}`)
      await page.keyboard.press('Escape')
    }
    await page.setViewportSize({ width: 1920, height: 1080 })
    await expect(page.getByRole('table')).toBeVisible()
    await check('wide')
    await page.keyboard.press('Home')
    await check('wide, power-on')
  })
}

for (const theme of ['light', 'dark', 'contrast']) {
  test(`every control is in sight at 1280x720 in ${theme}`, async ({ page }) => {
    await dress(page, { theme })
    await open(page, VERIFY)
    await page.keyboard.press('Shift+ArrowRight')
    expect(await cutOff(page)).toEqual([])
  })
}

test('what has happened is never set smaller than what comes', async ({ page }) => {
  const h = await open(page, VERIFY)
  const size = (selector: string) =>
    page.locator(selector).evaluate(e => Number.parseFloat(getComputedStyle(e).fontSize))
  for (let k = 0; k < h.length - 1; k = h.nextStop(k, 'access')) {
    expect(await size('[data-now]'), `step ${k}`).toBeGreaterThanOrEqual(await size('[data-next]'))
    await page.keyboard.press('ArrowRight')
  }
})

test('fits 1280x720 without scrolling, whatever happens on stage', async ({ page }) => {
  for (const id of ['verify-mldsa87', 'half-read', 'header-6', 'sign-sequence']) {
    const h = await open(page, scenarioById(id) as Scenario)
    for (let k = 0; k < h.length - 1; k = h.nextStop(k, 'chunk')) {
      await page.keyboard.press('Shift+ArrowRight')
      expect(await overflow(page)).toEqual({ x: 0, y: 0 })
    }
  }
})

test('sentences stay within their band at 1280x720', async ({ page }) => {
  test.slow()
  for (const id of ['verify-mldsa87', 'half-read', 'mlkem1024']) {
    const h = await open(page, scenarioById(id) as Scenario)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowDown')
    for (let k = 0; k < h.length - 1; k++) {
      await page.keyboard.press('ArrowRight')
      const clipped = await page.evaluate(() =>
        Array.from(document.querySelectorAll('.sentence p > :last-child'))
          .filter(e => e.scrollHeight > e.clientHeight + 4 || (e.parentElement?.offsetHeight ?? 0) > 40)
          .map(e => e.textContent),
      )
      expect(clipped, `step ${k + 1}`).toEqual([])
    }
  }
})

test('shows everything at 1920x1080', async ({ page }) => {
  await page.setViewportSize({ width: 1920, height: 1080 })
  await open(page, VERIFY)
  await page.keyboard.press('Shift+ArrowRight')
  for (const name of ['Guest driver', 'CRB device', 'TPM', 'Explanation', 'Events', 'Timeline']) {
    await expect(page.getByRole('region', { name, exact: true })).toBeVisible()
  }
  expect(await overflow(page)).toEqual({ x: 0, y: 0 })
})

for (const [what, size, settings] of [
  ['a window of 1000 pixels', { width: 1000, height: 720 }, {}],
  ['type of 200 %', { width: 1280, height: 720 }, { zoom: 200 }],
  ['a window of 320 pixels', { width: 320, height: 640 }, {}],
] as const) {
  test(`reflows to one column: ${what}`, async ({ page }) => {
    await page.setViewportSize(size)
    await dress(page, settings)
    await open(page, VERIFY)
    await page.keyboard.press('Shift+ArrowRight')
    await expect(page.locator('[data-now]')).toBeInViewport()
    expect((await overflow(page)).x).toBe(0)
    for (const id of ['guest', 'device', 'tpm']) {
      await page.locator(`#${id}`).scrollIntoViewIfNeeded()
      await expect(page.locator(`#${id}`)).toBeInViewport()
    }
    // Only the buttons stay in sight; what is beside them on a wide page scrolls with this one, whole.
    const buttons = page.getByRole('navigation', { name: 'Time' }).locator('.buttons')
    await expect(buttons).toBeInViewport()
    const share = ((await buttons.boundingBox())?.height ?? Number.NaN) / size.height
    expect(share).toBeLessThanOrEqual(0.2)
    expect(await cutOff(page)).toEqual([])
  })
}

test('has no text under 14 pixels and no control under 24', async ({ page }) => {
  for (const size of [
    { width: 1280, height: 720 },
    { width: 1920, height: 1080 },
  ]) {
    await page.setViewportSize(size)
    await open(page, VERIFY)
    await page.keyboard.press('Shift+ArrowRight')
    expect(await tooSmall(page)).toEqual([])
  }
})

test('moves nothing when motion is not wanted', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await open(page, VERIFY)
  const moving = await page.evaluate(
    () =>
      Array.from(document.querySelectorAll('*')).filter(e => {
        const s = getComputedStyle(e)
        return s.animationName !== 'none' || (s.transitionDuration !== '0s' && s.transitionProperty !== 'none')
      }).length,
  )
  expect(moving).toBe(0)
})
