// The built page in headless Chromium: how soon it can be used with the CPU slowed four times, and what a frame costs
// while it plays a step a frame. Medians of several visits and plays. Build first.

import { type Browser, chromium, type Page } from 'playwright'
import { chromiumPath } from '../../scripts/chromium.mjs'
import { serve } from '../../scripts/serve.mjs'
import { median, percentile, report } from '../support/bench.ts'

const RUNS = 5
const SLOWER = 4
const FRAMES = 600
const PLAYS = 3
const LATE = 25

declare global {
  interface Window {
    usableAt?: number
    stageFrames?: { at: number; work: number }[]
  }
}

/** Milliseconds from the start of the navigation until the first scenario is on stage and its buttons work. */
async function usable(browser: Browser, url: string): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: SLOWER })
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (window.usableAt === undefined && document.querySelector('[data-ready]')) window.usableAt = performance.now()
    }).observe(document, { subtree: true, childList: true, attributes: true })
  })
  await page.goto(url)
  await page.waitForFunction(() => window.usableAt !== undefined)
  const at = await page.evaluate(() => window.usableAt as number)
  await page.keyboard.press('ArrowRight')
  await page.waitForFunction(() => (document.querySelector('#step-field') as HTMLInputElement).value !== '0')
  await page.close()
  return at
}

/** Plays a step a frame. @returns main-thread work of each frame, and the time between frames, in milliseconds */
async function frames(page: Page, url: string): Promise<{ work: number[]; between: number[] }> {
  await page.goto(url)
  await page.locator('[data-ready]').waitFor()
  await page.locator('.scenario').selectOption('sign-sequence')
  await page.waitForFunction(() => !document.querySelector('[data-steps]')?.textContent?.includes('…'))
  await page.getByRole('combobox', { name: 'Speed' }).selectOption('instant')
  await page.getByRole('button', { name: 'Line', exact: true }).click()
  await page.evaluate(wanted => {
    const seen: { at: number; work: number }[] = []
    const channel = new MessageChannel()
    let began = 0
    // The message is handled after the frame's callbacks, style, layout and paint.
    channel.port1.addEventListener('message', () => seen.push({ at: began, work: performance.now() - began }))
    channel.port1.start()
    // As a method: the runner gives names to functions in a way that the page does not know.
    const loop = {
      tick(): void {
        // The longest scenario has fewer steps than there are frames to measure: it is played again.
        if (!document.querySelector('[data-playing]'))
          document.querySelector<HTMLElement>('[data-action=play]')?.click()
        began = performance.now()
        channel.port2.postMessage(0)
        if (seen.length < wanted) requestAnimationFrame(loop.tick)
        else window.stageFrames = seen
      },
    }
    requestAnimationFrame(loop.tick)
  }, FRAMES)
  await page.waitForFunction(() => window.stageFrames !== undefined, undefined, { timeout: 60_000 })
  const seen = await page.evaluate(() => window.stageFrames as { at: number; work: number }[])
  return { work: seen.map(f => f.work), between: seen.slice(1).map((f, i) => f.at - (seen[i]?.at ?? 0)) }
}

const executablePath = chromiumPath()
if (!executablePath) throw new Error('no Chromium: see scripts/ensure-chromium.mjs')
const { server, url } = await serve({ port: 0 })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) times.push(await usable(browser, url))
  report({ name: 'page: usable, CPU slowed four times', figure: median(times) / 1000, unit: 's', atMost: 1.2 })
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  const plays: Awaited<ReturnType<typeof frames>>[] = []
  for (let i = 0; i < PLAYS; i++) plays.push(await frames(page, url))
  report({
    name: 'page: work a frame at 60 steps/s, 95th percentile',
    figure: median(plays.map(p => percentile(p.work, 0.95))),
    unit: 'ms',
    atMost: 8,
  })
  const late = plays.map(p => (100 * p.between.filter(ms => ms > LATE).length) / p.between.length)
  report({ name: `page: frames later than ${LATE} ms`, figure: median(late), unit: '%', atMost: 1 })
} finally {
  await browser.close()
  server.close()
  server.closeAllConnections()
}
