// Power and firmware as a person meets them: sleep and wake-up by keyboard, the firmware's menu where there is one, the event
// log held against the PCRs.

import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import type { History } from '../../src/machine/history.ts'
import { now } from '../../src/view/sentences.ts'
import { open } from './stage.ts'

const named = (id: string): Scenario => scenarioById(id) as Scenario

const goTo = async (page: Page, k: number): Promise<void> => {
  await page.keyboard.press('g')
  await page.keyboard.type(String(k))
  await page.keyboard.press('Enter')
  await expect(page.locator('#step-field')).toHaveValue(String(k))
}
const first = (h: History, wanted: (k: number) => boolean): number => {
  for (let k = 0; k < h.length; k++) if (wanted(k)) return k
  throw new Error('never')
}
const fact = (page: Page, name: string) => page.locator(`[data-survived="${name}"]`)

test('sleep and wake up, walked by keyboard from command to command', async ({ page }) => {
  test.slow()
  const h = await open(page, named('s3'))
  const asleep = first(h, k => h.at(k).machine.platform?.state === 'asleep')
  await goTo(page, h.previousStop(asleep, 'command'))
  await page.keyboard.press('p')
  const seen: string[] = []
  for (let k = h.previousStop(asleep, 'command'); k < h.length - 1; ) {
    k = h.nextStop(k, 'command')
    await page.keyboard.press('Control+ArrowRight')
    await expect(page.locator('#step-field')).toHaveValue(String(k))
    await expect(page.locator('[data-now]')).toHaveText(now(h.at(k)))
    seen.push(await page.locator('[data-platform-state]').innerText())
  }
  expect(seen).toContain('The machine is asleep (S3).')
  expect(seen).toContain('The machine is on, the firmware runs.')
  expect(seen.at(-1)).toBe('The machine is on, the driver is there.')
  await expect(fact(page, 'restartCount')).toHaveText(/restartCount\s*0\s*1/)
  await expect(fact(page, 'resetCount')).toContainText('as before')
  await expect(fact(page, 'PCR 0–7')).toContainText('as before')
  await expect(page.locator('[data-log-check]')).toHaveAttribute('data-log-check', 'ok')
})

test('a machine is put to sleep, woken and reset with keys, and each is a future of its own', async ({ page }) => {
  await open(page, named('get-random'))
  await page.keyboard.press('End')
  await page.keyboard.press('p')
  await expect(page.locator('[data-platform-state]')).toHaveText('The machine is on, the driver is there.')
  await expect(page.getByRole('button', { name: 'Wake up' })).toBeDisabled()
  await page.keyboard.press('Shift+S')
  await expect(page.locator('[data-now]')).toHaveText(/You put the machine to sleep\./)
  await page.keyboard.press('End')
  await expect(page.locator('[data-platform-state]')).toHaveText('The machine is asleep (S3).')
  await expect(page.getByRole('button', { name: 'Sleep (S3)' })).toBeDisabled()
  await page.keyboard.press('Shift+U')
  await expect(page.locator('[data-now]')).toHaveText(/The machine wakes after a minute\./)
  await page.keyboard.press('End')
  await expect(fact(page, 'restartCount')).toContainText('1')
  await page.getByRole('button', { name: 'Warm reset' }).click()
  await expect(page.locator('[data-now]')).toHaveText(/The platform was reset/)
  await page.keyboard.press('End')
  await expect(fact(page, 'resetCount')).toHaveText(/resetCount\s*1\s*2/)
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog')).toContainText('Warm reset')
})

test('the menu of the firmware is there where the firmware has started the TPM', async ({ page }) => {
  const h = await open(page, named('boot-seabios'))
  await goTo(
    page,
    first(h, k => h.at(k).machine.guest.boot?.asks === 'menu'),
  )
  await expect(page.locator('[data-console]')).toContainText('Press t for the TPM menu.')
  await page.getByRole('group', { name: 'Keys of the machine' }).getByRole('button', { name: 't' }).click()
  await expect(page.locator('[data-now]')).toHaveText('You pressed t.')
  await page.locator('[data-action="command"], body').first().focus()
  for (let i = 0; i < 12 && (await page.locator('[data-asks="choice"]').count()) === 0; i++) {
    await page.keyboard.press('ArrowRight')
  }
  await expect(page.locator('[data-console]')).toContainText('Clear the TPM')
  await page.getByRole('group', { name: 'Keys of the machine' }).getByRole('button', { name: '1' }).click()
  await page.keyboard.press('End')
  await expect(page.locator('[data-console]')).toContainText('The TPM was cleared.')
})

test('and is missing where somebody else has', async ({ page }) => {
  const h = await open(page, named('boot-refused'))
  for (let k = 0; k < h.length - 1; k = h.nextStop(k, 'beat')) {
    await goTo(page, k)
    await expect(page.getByRole('group', { name: 'Keys of the machine' })).toHaveCount(0)
    await expect(page.locator('#guest')).not.toContainText('TPM menu')
  }
  await page.keyboard.press('End')
  await expect(page.locator('[data-console]')).toHaveText(/SeaBIOS-like\s*Starting the operating system\.$/)
  await page.keyboard.press('p')
  await expect(page.locator('.drawer')).toContainText('The firmware has measured nothing.')
})

test('the event log is held against the PCRs, and explained field by field', async ({ page }) => {
  const h = await open(page, named('tampered'))
  await page.keyboard.press('p')
  const handed = first(h, k => h.at(k).events.some(e => e.t === 'platform' && /hands over/.test(e.say)))
  await goTo(page, handed)
  await expect(page.locator('[data-log-check]')).toHaveAttribute('data-log-check', 'ok')
  await expect(page.locator('[data-log-event]')).toHaveCount(17)
  await page.locator('[data-log-event="15"]').getByRole('button').click()
  await expect(page.locator('[data-log]')).toContainText('hashAlg')
  await page.keyboard.press('End')
  await expect(page.locator('[data-log-check]')).toContainText('Event 15 is another than in the boot before.')
  await expect(fact(page, 'PCR 0–7')).not.toContainText('as before')
  await expect(page.locator('[data-rc]')).toContainText('TPM_RC_POLICY_FAIL')
})

for (const theme of ['light', 'dark', 'contrast'] as const) {
  test(`power and event log can be read and reached, ${theme}`, async ({ page }) => {
    await page.addInitScript(t => localStorage.setItem('crbscope', JSON.stringify({ theme: t })), theme)
    const h = await open(page, named('boot-seabios'))
    await goTo(
      page,
      first(h, k => h.at(k).machine.guest.boot?.asks === 'menu'),
    )
    await page.keyboard.press('p')
    await expect(page.locator('[data-log-event]')).toHaveCount(5)
    for (const part of ['.drawer', '.console']) {
      const { violations } = await new AxeBuilder({ page }).include(part).analyze()
      expect(violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`)).toEqual([])
    }
    // All of it by keyboard alone.
    for (
      let i = 0;
      i < 60 && !(await page.evaluate(() => document.activeElement?.closest('[data-log-event="4"]')));
      i++
    ) {
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await expect(page.locator('[data-log]')).toContainText('pcrIndex')
  })
}

test('a log that does not lead to the PCRs is said to be wrong, and where', async ({ page }) => {
  await open(page, named('s3-lost'))
  await page.keyboard.press('End')
  await page.keyboard.press('p')
  await expect(page.locator('[data-log-check]')).toHaveAttribute('data-log-check', 'wrong')
  await expect(page.locator('[data-log-check]')).toContainText('PCR 0 in bank SHA256: it has the value before event 1')
  await expect(page.locator('[data-log-pcr].wrong')).toHaveCount(8)
})

test('a request for the firmware is seen in the memory that both share', async ({ page }) => {
  const h = await open(page, named('ppi-clear'))
  await page.keyboard.press('p')
  const asked = first(h, k => h.at(k).machine.platform?.shared[0x109] === 5)
  await goTo(page, asked)
  await expect(page.locator('[data-shared-field="pprq"]')).toContainText('5, clear the TPM')
  await page.keyboard.press('End')
  await expect(page.locator('[data-shared-field="pprq"]')).toContainText('0, no request')
  await expect(page.locator('[data-shared-field="pprp"]')).toContainText('done')
  await expect(fact(page, 'NV Indexes')).toContainText('none')
})
