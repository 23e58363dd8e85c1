// Sessions by hand: somebody starts an HMAC session and two policy sessions with the command builder, asserts the policies,
// and approves a signature in each. The bytes that the builder shows are those that cross the window, and the TPM of the
// page answers as the same engine does here.

import { expect, type Page, test } from '@playwright/test'
import { fromHex, toHex } from '../../src/lib/bytes.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import type { History } from '../../src/machine/history.ts'
import { parseCommand } from '../../src/spec/frame.ts'
import { lastExchange } from '../../src/view/tpm.ts'
import { axe, dress } from './measure.ts'
import { choose, open } from './stage.ts'

const SHORT = scenarioById('get-random') as Scenario
const VALUE = '70617373'
/** policyDigest after TPM2_PolicyAuthValue: SHA-256 of 32 zeros and 0000016b. The same after TPM2_PolicyPassword. */
const POLICY = '8fcd2169ab92694e0c633f1ab772842b8241bbc20288981fc7ac1eddc1fddb0e'

const field = (page: Page, path: string) => page.locator(`[data-path="${path}"]`)
const fill = (page: Page, path: string, text: string) => field(page, path).getByRole('textbox').fill(text)

/** Sends what the builder shows, on the page and here, and goes to the end of it. @returns the bytes */
async function send(page: Page, h: History, name: string): Promise<string> {
  const live = (await page.locator('[data-live]').getAttribute('data-live')) ?? ''
  const k = h.length - 1
  await page.getByRole('button', { name: `Send TPM2_${name}`, exact: true }).click()
  const task = { id: `built-${k}`, label: `TPM2_${name}`, parts: [{ hex: live }], keepSize: true }
  h.act(k, { kind: 'enqueue', task })
  h.extend(100_000)
  const last = h.length - 1
  await expect(page.locator(`[data-steps="${last}"]`)).toHaveText(`of ${last}`)
  if (live.length > 2 * 64) await crosses(page, live)
  await page.keyboard.press('End')
  await expect(page.locator('#step-field')).toHaveValue(String(last))
  expect(lastExchange(h.at(last).machine), name).toEqual({ command: `TPM2_${name}`, rc: 'TPM_RC_SUCCESS' })
  await expect(page.locator('[data-rc]')).toHaveText('TPM_RC_SUCCESS')
  return live
}

/** The window holds these bytes once the driver has copied them. */
async function crosses(page: Page, bytes: string): Promise<void> {
  while (!/into the window/.test((await page.locator('[data-now]').textContent()) ?? '')) {
    await page.keyboard.press('ArrowRight')
  }
  const shown = await page.evaluate(() =>
    Array.from(document.querySelectorAll('[data-window-row] .bytes'), e => e.textContent).join(''),
  )
  const there = shown.replaceAll(/[^0-9a-f]/g, '').slice(0, bytes.length)
  expect(there.length).toBeGreaterThanOrEqual(2 * 48)
  expect(bytes.startsWith(there)).toBe(true)
}

async function startSession(page: Page, h: History, type: string): Promise<void> {
  await choose(page, 'StartAuthSession')
  await field(page, 'parameters.sessionType').getByRole('combobox').selectOption(type)
  await send(page, h, 'StartAuthSession')
}

/** Chooses the session in the form, checks what the builder says of it, and sends. @returns session handle and HMAC */
async function signBy(page: Page, h: History, by: RegExp, says: string): Promise<{ by: number; hmac: string }> {
  await choose(page, 'Sign')
  const list = page.getByLabel('keyHandle approved by')
  const option = await list.locator('option').filter({ hasText: by }).textContent()
  await list.selectOption(option)
  await expect(page.locator('[data-proof]')).toHaveText(says)
  if (/password/.test(says)) await fill(page, 'passwords.keyHandle', VALUE)
  else await expect(field(page, 'passwords.keyHandle')).toHaveCount(0)
  const [auth] = parseCommand(fromHex(await send(page, h, 'Sign'))).auths
  return { by: auth?.sessionHandle ?? 0, hmac: toHex(auth?.hmac ?? fromHex('')) }
}

test('an HMAC session and policy sessions approve what is built', async ({ page }) => {
  test.setTimeout(180_000)
  await page.setViewportSize({ width: 1920, height: 1080 })
  const h = await open(page, SHORT)
  await page.keyboard.press('End')
  await choose(page, 'CreatePrimary')
  await fill(page, 'parameters.inSensitive.userAuth', VALUE)
  await fill(page, 'parameters.inPublic.authPolicy', POLICY)
  await send(page, h, 'CreatePrimary')

  await startSession(page, h, 'TPM_SE_HMAC')
  const first = await signBy(page, h, /HMAC session/, 'HMAC keyed with the authValue.')
  const second = await signBy(page, h, /HMAC session/, 'HMAC keyed with the authValue.')
  expect([first.by, second.by]).toEqual([0x02000000, 0x02000000])
  expect(first.hmac).toHaveLength(64)
  expect(second.hmac).not.toBe(first.hmac)

  await startSession(page, h, 'TPM_SE_POLICY')
  await choose(page, 'Sign')
  await page.getByLabel('keyHandle approved by').selectOption({ index: 2 })
  await expect(field(page, 'approvals.keyHandle')).toContainText('is not the authPolicy of this entity, so far')
  await page.keyboard.press('Escape')
  await choose(page, 'PolicyAuthValue')
  await send(page, h, 'PolicyAuthValue')
  const policy = await signBy(page, h, /PolicyAuthValue/, 'HMAC keyed with the authValue.')
  expect(policy.by).toBe(0x03000001)
  expect(policy.hmac).toHaveLength(64)

  // Used, the session has begun anew.
  await choose(page, 'PolicyPassword')
  await send(page, h, 'PolicyPassword')
  const password = await signBy(page, h, /PolicyPassword/, 'The policy asks for the password itself.')
  expect(password).toEqual({ by: 0x03000001, hmac: VALUE })
})

test('a policy that needs neither HMAC nor password', async ({ page }) => {
  const h = await open(page, SHORT)
  await page.keyboard.press('End')
  await choose(page, 'CreatePrimary')
  // policyDigest after TPM2_PolicyCommandCode(TPM2_Sign): SHA-256 of 32 zeros, 0000016c and 0000015d.
  await fill(page, 'parameters.inPublic.authPolicy', 'cc6918b226273b08f5bd406d7f10cf160f0a7d13dfd83b7770ccbcd1aa80d811')
  await send(page, h, 'CreatePrimary')
  await startSession(page, h, 'TPM_SE_POLICY')
  await choose(page, 'PolicyCommandCode')
  await fill(page, 'parameters.code', '0x15d')
  await expect(field(page, 'parameters.code')).toContainText('TPM_CC_Sign')
  await send(page, h, 'PolicyCommandCode')
  const { by, hmac } = await signBy(page, h, /policy session/, 'The policy is enough: no HMAC.')
  expect(by).toBe(0x03000000)
  expect(hmac).toBe('')
})

for (const theme of ['light', 'dark', 'contrast']) {
  test(`an approval in a session can be read and reached in ${theme}`, async ({ page }) => {
    await dress(page, { theme })
    const h = await open(page, SHORT)
    await page.keyboard.press('End')
    await startSession(page, h, 'TPM_SE_POLICY')
    await choose(page, 'CreatePrimary')
    await page.getByLabel('primaryHandle approved by').selectOption({ index: 1 })
    await expect(field(page, 'approvals.primaryHandle')).toContainText('has no authPolicy')
    await field(page, 'approvals.primaryHandle').hover()
    expect(await axe(page)).toEqual([])
    await page.setViewportSize({ width: 1920, height: 1080 })
    expect(await axe(page)).toEqual([])
  })
}
