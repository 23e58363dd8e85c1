// Passthrough and TPM 1.2 as a person walks them: start-up is refused and said so; the owner is cleared from the guest and
// stays cleared when the guest is gone; the host is started anew by its buttons; a real TPM behind the bridge, which goes
// away and comes back.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { freePort } from '../support/ports.ts'
import { CLI } from '../support/cli.ts'

const ROOT = join(import.meta.dirname, '..', '..')

async function openScenario(page: Page, id: string): Promise<void> {
  await page.goto('./')
  await page.locator(`.scenario option[value="${id}"]`).waitFor({ state: 'attached' })
  await page.locator('.scenario').selectOption(id)
  await expect(page.locator(`[data-scenario="${id}"]`)).toBeVisible()
}
const fact = (page: Page, name: string) => page.locator(`[data-fact="${name}"] dd`)
const steps = (page: Page) => page.locator('#step-field')
const end = async (page: Page): Promise<void> => {
  await page.locator('body').press('End')
  await expect(page.locator('[data-next]')).toContainText('Nothing more to do')
}
/** Goes on by commands until the page says what is looked for. */
async function walkTo(page: Page, text: string | RegExp): Promise<void> {
  for (let i = 0; i < 600; i++) {
    if (await page.locator('[data-now]').filter({ hasText: text }).count()) return
    await page.locator('body').press('ArrowRight')
  }
  throw new Error(`never said: ${text}`)
}
const clean = async (page: Page): Promise<void> => {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(v => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([])
}

test('passthrough: the start-up of the guest is refused, and the kernel works all the same', async ({ page }) => {
  await openScenario(page, 'passthrough-kernel')
  await page.locator('body').press('s')
  await expect(page.locator('[data-whose]')).toContainText('Opaque to the guest: the host’s TPM 2.0')
  await expect(page.locator('[data-probe]')).toContainText('TPM2_GetCapability: 8192 bytes')
  await walkTo(page, 'The host’s TPM refused to be started a second time')
  await expect(page.locator('[data-rc]')).toContainText('TPM_RC_INITIALIZE')
  await end(page)
  await expect(page.locator('[data-rc]')).toHaveText('TPM_RC_SUCCESS')
  await expect(page.locator('[data-now]')).toContainText('A second guest is refused')
  await clean(page)
})

test('the owner is cleared from the guest, and still cleared after the guest is gone', async ({ page }) => {
  await openScenario(page, 'owner-cleared')
  await page.locator('body').press('s')
  await expect(fact(page, 'Owner')).toHaveText('yes')
  await expect(page.locator('[data-flag=disable]')).toHaveAttribute('data-set', 'false')
  await walkTo(page, 'The owner is gone, and with the owner all keys')
  await expect(fact(page, 'Owner')).toHaveText('no')
  await expect(page.locator('[data-flag=disable]')).toHaveAttribute('data-set', 'true')
  await expect(fact(page, 'Guests so far')).toHaveText('1')
  await walkTo(page, 'The guest is switched off and removed.')
  await expect(fact(page, 'Guests so far')).toHaveText('2')
  await expect(fact(page, 'Owner')).toHaveText('no')
  await end(page)
  await expect(page.locator('[data-rc]')).toContainText('TPM_DISABLED')
  await expect(page.locator('[data-rc-meaning]')).toContainText('the TPM is disabled')
  // What a person can do about it: nothing from a guest, all from the host.
  await page.locator('[data-host-act=reboot-host]').click()
  await expect(page.locator('[data-now]')).toContainText('The host is started anew')
  await expect(fact(page, 'Enabled')).toHaveText('no')
  await expect(fact(page, 'Activated')).toHaveText('no')
  await page.locator('[data-host-act=enable-tpm]').click()
  await expect(fact(page, 'Enabled')).toHaveText('yes')
  await expect(fact(page, 'Activated')).toHaveText('yes')
  await expect(fact(page, 'Owner')).toHaveText('no')
  await clean(page)
  for (const theme of ['dark', 'contrast']) {
    await page.locator('body').press('t')
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme)
    await clean(page)
  }
})

test('the filter stops the command, and the transport session carries it', async ({ page }) => {
  await openScenario(page, 'filter-round')
  await page.locator('body').press('s')
  await expect(fact(page, 'Filter')).toHaveText('TPM_OwnerClear')
  await walkTo(page, 'The filter stopped TPM_OwnerClear')
  await expect(fact(page, 'Owner')).toHaveText('yes')
  await walkTo(page, 'The owner is gone')
  await expect(fact(page, 'Owner')).toHaveText('no')
})

test('a TPM behind the bridge: it answers, goes away, and the command is tried again or ended', async ({ page }) => {
  test.slow()
  const port = await freePort()
  const run = async (...args: string[]): Promise<{ kill(): Promise<void>; out: string }> => {
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    while (!/listening on|bridge at/.test(out)) out += String(((await once(child.stdout, 'data')) as unknown[])[0])
    return {
      out,
      async kill() {
        child.kill('SIGTERM')
        if (child.exitCode === null) await once(child, 'exit')
      },
    }
  }
  let tpm = await run('serve', '--port', String(port))
  const bridge = await run('bridge', '--to', `127.0.0.1:${port}`)
  try {
    await page.goto(/bridge at (\S+)/.exec(bridge.out)?.[1] ?? '')
    await expect(page.locator('.live .where')).toHaveText(`TPM: swtpm at 127.0.0.1:${port}`)
    await end(page)
    await page.locator('body').press('s')
    await expect(page.locator('[data-whose]')).toContainText(`Opaque: swtpm at 127.0.0.1:${port} answers.`)
    await expect(fact(page, 'Commands sent out')).toHaveText('1')
    await expect(page.locator('[data-rc]')).toHaveText('TPM_RC_SUCCESS')

    const send = async (): Promise<void> => {
      await page.locator('body').press('n')
      await page.getByRole('dialog').getByRole('textbox').fill('80010000000c0000017b0010')
      await page.getByRole('button', { name: /^Send/ }).last().click()
      await page.locator('body').press('End')
    }
    await send()
    await expect(fact(page, 'Commands sent out')).toHaveText('2')
    await end(page)
    await tpm.kill()
    await send()
    await expect(page.locator('[data-next]')).toContainText(`swtpm at 127.0.0.1:${port} cannot be reached`)
    await expect(page.locator('.live .what')).toHaveText('no answer')
    const held = await steps(page).inputValue()
    tpm = await run('serve', '--port', String(port))
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.locator('.live .what')).toHaveText('nothing on its way')
    await end(page)
    expect(Number(await steps(page).inputValue())).toBeGreaterThan(Number(held))
    // The new one was not started: a true answer, and not the one of before.
    await expect(page.locator('[data-rc]')).toContainText('TPM_RC_INITIALIZE')

    await bridge.kill()
    await send()
    await expect(page.locator('[data-next]')).toContainText('does not answer: it is down. Nothing in this machine')
    await clean(page)
    await page.getByRole('button', { name: 'End the command' }).click()
    await page.locator('body').press('End')
    await expect(page.locator('[data-next]')).toContainText('Nothing more to do')
  } finally {
    await tpm.kill()
    await bridge.kill()
  }
})
