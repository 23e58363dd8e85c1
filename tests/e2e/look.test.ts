// How the page stands: no scrolling at 1280x720, all columns at 1920x1080, one column below 1024 and with large type;
// nothing under 14 pixels; and nothing that axe finds, in three themes.

import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { open } from './stage.ts'

const VERIFY = scenarioById('verify-mldsa87') as Scenario
const overflow = (page: Page) =>
  page.evaluate(() => {
    const e = document.documentElement
    return { x: e.scrollWidth - e.clientWidth, y: e.scrollHeight - e.clientHeight }
  })

/** Controls that no scrolling of the page brings into sight: beyond its sides, or cut by a box. */
const cutOff = (page: Page) =>
  page.evaluate(() => {
    const out: string[] = []
    for (const e of document.querySelectorAll('button, select, input')) {
      const r = e.getBoundingClientRect()
      if (r.width === 0 || e.closest('.hidden, .paper, .event-box, .lane-area')) continue
      const name = e.getAttribute('aria-label') ?? e.textContent ?? ''
      if (r.left < -1 || r.right > innerWidth + 1) out.push(`${name}: ${Math.round(r.left)} to ${Math.round(r.right)}`)
      for (let box = e.parentElement; box && box !== document.body; box = box.parentElement) {
        const b = box.getBoundingClientRect()
        if (getComputedStyle(box).overflowY !== 'visible' && r.bottom > b.bottom + 1) out.push(`${name}: cut`)
      }
    }
    return out
  })

const dress = async (page: Page, settings: object): Promise<void> => {
  await page.addInitScript(s => localStorage.setItem('crbscope', JSON.stringify(s)), settings)
}

for (const theme of ['light', 'dark', 'contrast']) {
  test(`axe finds nothing in ${theme}: stage, drawers, dialogs, wide`, async ({ page }) => {
    test.slow()
    await dress(page, { theme })
    await open(page, VERIFY)
    const check = async (what: string): Promise<void> => {
      const { violations } = await new AxeBuilder({ page }).analyze()
      expect(
        violations.map(
          v => `${what}: ${v.id}: ${v.nodes.map(n => `${n.target.join(' ')} ${n.failureSummary}`).join('; ')}`,
        ),
      ).toEqual([])
    }
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
    const small = await page.evaluate(() => {
      const out: string[] = []
      const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
      for (let n = walker.nextNode(); n; n = walker.nextNode()) {
        const e = n.parentElement
        if (!e || n.textContent?.trim() === '' || e.closest('.hidden, script, style, noscript, option')) continue
        const px = Number.parseFloat(getComputedStyle(e).fontSize)
        if (px < 13.99) out.push(`${px}: ${n.textContent}`)
      }
      for (const b of document.querySelectorAll('button, select, input:not([type=checkbox])')) {
        const r = b.getBoundingClientRect()
        if (r.height > 0 && r.height < 23.9) out.push(`${r.width}x${r.height}: ${b.outerHTML.slice(0, 80)}`)
      }
      return out
    })
    expect(small).toEqual([])
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
