// npm run pictures [-- NAME…]: drives the built page in Chromium and saves docs/pictures/. Scenarios have a fixed seed, and motion is
// reduced, so that the same build gives the same pictures; only those of a real tool show its own random bytes. Build first.

import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright'
import { chromiumPath } from './chromium.mjs'
import { liveTool } from './live-tool.mjs'
import { dist, root, serve } from './serve.mjs'

const fail = message => {
  console.error(`crbscope: ${message}`)
  process.exit(1)
}

const PROJECTOR = { width: 1280, height: 720 }
const DESK = { width: 1920, height: 1080 }

/** Name, window, theme, and what is on the picture. */
const PICTURES = [
  { name: 'learn-light-1280', size: PROJECTOR, theme: 'light', show: chunk },
  { name: 'learn-dark-1280', size: PROJECTOR, theme: 'dark', show: chunk },
  { name: 'wide-light-1920', size: DESK, theme: 'light', show: chunk },
  { name: 'learn-contrast-1280', size: PROJECTOR, theme: 'contrast', show: chunk },
  { name: 'wide-dark-1920', size: DESK, theme: 'dark', show: chunk },
  { name: 'builder-light-1280', size: PROJECTOR, theme: 'light', show: builder },
  { name: 'live-light-1280', size: PROJECTOR, theme: 'light', show: live },
]

if (!existsSync(join(dist, 'index.html'))) fail('dist/ is not built: npm run build')
const executablePath = chromiumPath()
if (!executablePath) fail('no Chromium: see scripts/ensure-chromium.mjs')
const folder = join(root, 'docs', 'pictures')
mkdirSync(folder, { recursive: true })
const { server, url } = await serve({ port: 0 })
/** To be closed at the end. */
const tools = []

/** Puts a scenario on stage, at its first step. */
async function scenario(page, id) {
  await page.goto(url)
  await page.locator('[data-ready]').waitFor()
  await page.locator('.scenario').selectOption(id)
  await page.locator('.scenario').blur()
  await page.locator(`[data-scenario=${id}]`).waitFor()
  await page.locator('[data-steps]').filter({ hasNotText: '…' }).waitFor()
}

/** The device has taken the first chunk of two. */
async function chunk(page) {
  await scenario(page, 'verify-mldsa87')
  await page.keyboard.press('Shift+ArrowRight')
}

/** A signature is being built, approved in an HMAC session that was started by hand. */
async function builder(page) {
  await scenario(page, 'get-random')
  await page.keyboard.press('End')
  const build = async name => {
    await page.keyboard.press('b')
    await page.getByLabel('Search commands').fill(name)
    await page.getByRole('button', { name: new RegExp(`^${name} `) }).click()
  }
  for (const name of ['CreatePrimary', 'StartAuthSession']) {
    await build(name)
    if (name === 'CreatePrimary') await page.getByLabel('inSensitive userAuth', { exact: true }).fill('7077')
    await page.getByRole('button', { name: `Send TPM2_${name}` }).click()
    await page.locator('[data-steps]').filter({ hasNotText: '…' }).waitFor()
    await page.keyboard.press('End')
    await page.locator('[data-rc]').getByText('TPM_RC_SUCCESS').waitFor()
  }
  await build('Sign')
  await page.getByLabel('keyHandle approved by').selectOption({ index: 1 })
  await page.locator('[data-path="approvals.keyHandle"]').hover()
}

/** A tool's TPM2_Quote is held in mid-chunk: of two through a window of 64 bytes, the second is being copied. */
async function live(page) {
  const tool = await liveTool()
  tools.push(tool)
  await page.goto(tool.url)
  await page.locator('[data-live-command]').waitFor()
  await tool.setup()
  await page.getByRole('combobox', { name: 'Window size' }).selectOption('64')
  await page.getByRole('checkbox', { name: 'Hold each command' }).check()
  await page.locator('h1').click()
  const quote = tool.quote()
  const now = () => page.locator('[data-now]').textContent()
  // What the tool sends before its quote is waved through.
  while (!(await now()).includes('A tool sent TPM2_Quote')) {
    const waits = await page.locator('[data-live-command]').getAttribute('data-live-command')
    if (waits && waits !== 'TPM2_Quote') await page.keyboard.press('End')
    else await page.waitForTimeout(20)
  }
  while (!(await now()).includes('took chunk 1')) await page.keyboard.press('Shift+ArrowRight')
  while (!(await now()).includes('copied chunk 2 into the window')) await page.keyboard.press('ArrowRight')
  return async () => {
    const first = await Promise.race([quote.then(() => 'answered'), page.waitForTimeout(500)])
    if (first) throw new Error('the tool did not wait for the viewer')
    await page.getByRole('checkbox', { name: 'Hold each command' }).uncheck()
    await quote
  }
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--font-render-hinting=none'] })
const only = process.argv.slice(2)
let errors = 0
try {
  for (const p of PICTURES) {
    if (only.length > 0 && !only.includes(p.name)) continue
    const page = await browser.newPage({ viewport: p.size, reducedMotion: 'reduce' })
    await page.addInitScript(theme => localStorage.setItem('crbscope', JSON.stringify({ theme })), p.theme)
    page.on('pageerror', e => {
      errors++
      console.error(`crbscope: ${e.message}, ${p.name}`)
    })
    const end = await p.show(page)
    await page.evaluate(() => document.fonts.ready.then(() => true))
    if (p.show !== builder) await page.mouse.move(0, 0)
    await page.screenshot({ path: join(folder, `${p.name}.png`) })
    console.log(`docs/pictures/${p.name}.png`)
    await end?.()
    await page.close()
  }
} finally {
  for (const tool of tools) tool.close()
  await browser.close()
  server.close()
  server.closeAllConnections()
}
process.exit(errors > 0 ? 1 : 0)
