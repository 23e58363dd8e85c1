// `crbscope serve --live` with a real tool: its commands arrive in the open page, one is held in the middle of a chunk and
// stepped to its end, and the tool is content with what it gets.

import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, type Page, test } from '@playwright/test'
import { type Served, serve, waits } from './served.ts'

let folder = ''
let served: Served
test.beforeAll(() => {
  test.skip(spawnSync('tpm2_quote', ['--version']).error !== undefined, 'tpm2-tools are not installed: no tpm2_quote')
})
test.beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crbscope-live-'))
  served = await serve()
})
test.afterEach(async () => {
  await served.stop()
  rmSync(folder, { recursive: true })
})

interface Tool {
  code: number | null | undefined
  out: string
}

function tool(line: string): Tool {
  const [program = '', ...args] = line.split(' ')
  const env = { ...process.env, TPM2TOOLS_TCTI: `swtpm:host=127.0.0.1,port=${served.port}` }
  const child = spawn(program, args, { cwd: folder, env })
  const run: Tool = { code: undefined, out: '' }
  for (const s of [child.stdout, child.stderr]) {
    s.on('data', d => {
      run.out += String(d)
    })
  }
  child.on('exit', code => {
    run.code = code
  })
  return run
}

async function succeed(line: string): Promise<void> {
  const run = tool(line)
  await expect.poll(() => run.code, { timeout: 30_000, message: line }).not.toBe(undefined)
  expect(run.code, `${line}: ${run.out}`).toBe(0)
}

/** Takes the command that is held to its end, unless it is the one that is waited for. In one act: another may come. */
const letPass = (page: Page, but: string): Promise<string> =>
  page.evaluate(name => {
    const held = document.querySelector('[data-live-command]')?.getAttribute('data-live-command') ?? ''
    if (held !== '' && held !== name) {
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'End', bubbles: true }))
    }
    return held
  }, but)

/** Steps with a key until the sentence says what is wanted. */
async function stepUntil(page: Page, key: string, said: RegExp): Promise<void> {
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press(key)
    if (said.test((await page.locator('[data-now]').textContent()) ?? '')) return
  }
  throw new Error(`never said ${said}`)
}

test('a real tpm2_quote is held in the middle of a chunk, stepped to its end, and checks', async ({ page }) => {
  await page.goto(served.url)
  const where = `127.0.0.1:${served.port}`
  await expect(page.locator('[data-next]')).toHaveText(`Live: waiting for a command on ${where}.`)

  // At full speed: the tools do not notice the page.
  await succeed('tpm2_startup -c')
  await succeed('tpm2_createprimary -Q -C e -G ecc -c prim.ctx')
  await succeed('tpm2_create -Q -C prim.ctx -G ecc:ecdsa -u k.pub -r k.priv')
  await succeed('tpm2_load -Q -C prim.ctx -u k.pub -r k.priv -c k.ctx')
  await succeed('tpm2_readpublic -Q -c k.ctx -f pem -o k.pem')
  await expect(page.locator('[data-now]')).toContainText('The application has its answer')
  const before = Number(await page.locator('#step-field').inputValue())
  expect(before).toBeGreaterThan(500)

  // Held, through a window of 64 bytes.
  await page.getByRole('combobox', { name: 'Window size' }).selectOption('64')
  await page.getByRole('checkbox', { name: 'Hold each command' }).check()
  await page.locator('h1').click()
  const quote = tool('tpm2_quote -Q -c k.ctx -l sha256:0,1,7 -q c0ffee -m q.msg -s q.sig -o q.pcrs -g sha256')
  let held = false
  while (quote.code === undefined) {
    if ((await letPass(page, held ? '' : 'TPM2_Quote')) === 'TPM2_Quote' && !held) {
      held = true
      await expect(waits(page)).toContainText('Quote: the tool waits')
      await expect(page.locator('[data-now]')).toContainText('A tool sent TPM2_Quote')
      await stepUntil(page, 'Shift+ArrowRight', /took chunk 1/)
      await stepUntil(page, 'ArrowRight', /copied chunk 2 into the window/)
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('ArrowRight')
      await expect(page.locator('[data-now]')).toContainText('chunk 2')
      await expect(page.locator('[data-tape=command]')).toHaveAttribute('data-taken', '64')
      await page.waitForTimeout(500)
      expect(quote.code).toBe(undefined)
      if (process.env['SHOTS']) await shots(page)
      await stepUntil(page, 'Control+ArrowRight', /The application has its answer/)
    } else await page.waitForTimeout(20)
  }
  expect(held).toBe(true)
  expect(quote.code, quote.out).toBe(0)
  await page.getByRole('checkbox', { name: 'Hold each command' }).uncheck()
  await succeed('tpm2_checkquote -Q -u k.pem -m q.msg -s q.sig -f q.pcrs -q c0ffee -g sha256')
  expect(served.complaints).toBe('')

  // Earlier commands of the session are still there.
  await page.locator('h1').click()
  await page.keyboard.press('Home')
  await expect(page.locator('#step-field')).toHaveValue('0')
  // And a tool that comes while one looks at them is answered, with the viewer left where they are.
  await succeed('tpm2_getrandom -Q 8')
  await expect(page.locator('#step-field')).toHaveValue('0')
})

async function shots(page: Page): Promise<void> {
  for (const [width, height] of [
    [1280, 720],
    [1920, 1080],
  ] as const) {
    await page.setViewportSize({ width, height })
    await page.waitForTimeout(200)
    await page.screenshot({ path: `${process.env['SHOTS']}/held-${width}.png` })
  }
  await page.setViewportSize({ width: 1280, height: 720 })
}

test('a second page is refused in words; a page that closes in mid-command leaves the tool its answer', async ({
  page,
  context,
}) => {
  await page.goto(served.url)
  await expect(waits(page)).toContainText('waiting for a command')
  const second = await context.newPage()
  await second.goto(served.url)
  await expect(second.locator('[data-next]')).toContainText('Another page shows this TPM already')
  await second.close()

  await page.getByRole('checkbox', { name: 'Hold each command' }).check()
  const start = tool('tpm2_startup -c')
  await expect(waits(page)).toContainText('Startup: the tool waits')
  await page.keyboard.press('Shift+ArrowRight')
  expect(start.code).toBe(undefined)
  await page.close()
  await expect.poll(() => start.code).toBe(0)
  await succeed('tpm2_getrandom -Q 8')
  expect(served.complaints).toBe('')
})
