// How a live TPM stands on the page, with nobody and with somebody waiting: nothing that axe finds, nothing cut off, nothing
// too small, in three themes and two sizes; and no command can be sent by hand, which is said before one is filled in.

import { expect, test } from '@playwright/test'
import { axe, cutOff, dress, overflow, tooSmall } from './measure.ts'
import { exchange, type Served, serve, waits } from './served.ts'

const STARTUP = '80010000000c000001440000'
/** TPM2_Hash of 80 octets, SHA-256: two chunks through a window of 64 bytes. */
const HASH = `8001000000620000017d0050${'5a'.repeat(80)}000b40000007`

let served: Served
test.beforeEach(async () => {
  served = await serve()
})
test.afterEach(() => served.stop())

for (const theme of ['light', 'dark', 'contrast']) {
  test(`a live TPM can be read and reached in ${theme}`, async ({ page }) => {
    test.slow()
    await dress(page, { theme })
    await page.goto(served.url)
    await expect(waits(page)).toContainText('waiting for a command')
    const check = async (what: string): Promise<void> => {
      for (const size of [
        { width: 1280, height: 720 },
        { width: 1920, height: 1080 },
      ]) {
        const where = `${what}, ${size.width}`
        await page.setViewportSize(size)
        await expect(page.locator('[data-drawer-open]')).toHaveCount(0)
        if (size.width === 1920) await expect(page.getByRole('table')).toBeVisible()
        expect(await axe(page), where).toEqual([])
        expect(await overflow(page), where).toEqual({ x: 0, y: 0 })
        expect(await tooSmall(page), where).toEqual([])
        if (size.width === 1280) expect(await cutOff(page), where).toEqual([])
      }
    }
    await check('nobody waits')

    expect(await exchange(served.port, STARTUP)).toBe(0)
    await page.setViewportSize({ width: 1280, height: 720 })
    await page.getByRole('combobox', { name: 'Window size' }).selectOption('64')
    await page.getByRole('checkbox', { name: 'Hold each command' }).check()
    await page.locator('h1').click()
    let answered = false
    const hash = exchange(served.port, HASH).finally(() => {
      answered = true
    })
    await expect(waits(page)).toContainText('Hash: the tool waits')
    while (!/took chunk 1/.test((await page.locator('[data-now]').textContent()) ?? '')) {
      await page.keyboard.press('Shift+ArrowRight')
    }
    await check('a tool waits in mid-chunk')
    expect(answered).toBe(false)
    await page.keyboard.press('End')
    expect(await hash).toBe(0)
  })
}

test('a live TPM takes no command by hand, and says so at once', async ({ page }) => {
  await page.goto(served.url)
  await expect(waits(page)).toContainText('waiting for a command')
  await expect(page.getByRole('button', { name: 'Send a command' })).toHaveCount(0)
  for (const key of ['b', 'n']) {
    await page.keyboard.press(key)
    await expect(page.locator('[data-next]')).toHaveText(
      'Live: this TPM belongs to the server. Send the command with a tool.',
    )
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await page.keyboard.press('Escape')
    await expect(page.locator('[data-next]')).toContainText('Live: waiting for a command')
  }
  // Another machine on stage: now it can.
  await page.locator('.scenario').selectOption('get-random')
  await page.locator('.scenario').blur()
  await expect(waits(page)).toHaveCount(0)
  await page.getByRole('button', { name: 'Send a command' }).click()
  await expect(page.getByRole('dialog')).toBeVisible()
})
