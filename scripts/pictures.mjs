// npm run pictures: drives the built page in Chromium and saves docs/pictures/. The scenario has a fixed seed, and motion
// is reduced, so that the same build gives the same pictures. Build first.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { chromiumPath } from './chromium.mjs'
import { dist, root, serve } from './serve.mjs'

const fail = message => {
  console.error(`crbscope: ${message}`)
  process.exit(1)
}

/** Name, window and theme. */
const PICTURES = [
  { name: 'learn-light-1280', width: 1280, height: 720, theme: 'light' },
  { name: 'learn-dark-1280', width: 1280, height: 720, theme: 'dark' },
  { name: 'wide-light-1920', width: 1920, height: 1080, theme: 'light' },
  { name: 'learn-contrast-1280', width: 1280, height: 720, theme: 'contrast' },
  { name: 'wide-dark-1920', width: 1920, height: 1080, theme: 'dark' },
]

/** One chunk into the scenario: the device has taken the first of two. */
const SCENARIO = 'verify-mldsa87'
const KEYS = ['Shift+ArrowRight']

if (!existsSync(join(dist, 'index.html'))) fail('dist/ is not built: npm run build')
const executablePath = chromiumPath()
if (!executablePath) fail('no Chromium: see scripts/ensure-chromium.mjs')
const folder = join(root, 'docs', 'pictures')
mkdirSync(folder, { recursive: true })

const { server, url } = await serve({ port: 0 })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--font-render-hinting=none'] })
let errors = 0
try {
  for (const p of PICTURES) {
    const page = await browser.newPage({
      viewport: { width: p.width, height: p.height },
      reducedMotion: 'reduce',
    })
    await page.addInitScript(theme => localStorage.setItem('crbscope', JSON.stringify({ theme })), p.theme)
    page.on('pageerror', e => {
      errors++
      console.error(`crbscope: ${e.message}, ${p.name}`)
    })
    await page.goto(url)
    await page.locator('[data-ready]').waitFor()
    await page.locator('.scenario').selectOption(SCENARIO)
    await page.locator('.scenario').blur()
    await page.getByText('of 60', { exact: true }).waitFor()
    for (const key of KEYS) await page.keyboard.press(key)
    await page.evaluate(() => document.fonts.ready.then(() => true))
    await page.mouse.move(0, 0)
    await page.screenshot({ path: join(folder, `${p.name}.png`) })
    console.log(`docs/pictures/${p.name}.png`)
    await page.close()
  }
} finally {
  await browser.close()
  server.close()
  server.closeAllConnections()
}
process.exit(errors > 0 ? 1 : 0)
