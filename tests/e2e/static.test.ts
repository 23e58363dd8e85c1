// What is built stands alone: under any path of a static server, without any other host, and it speaks up where it
// cannot run: from a folder, without JavaScript, with a part missing.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'

const dist = join(import.meta.dirname, '..', '..', 'dist')

test('runs under a sub-path and asks no other host for anything', async ({ page, baseURL }) => {
  const wrong: string[] = []
  page.on('console', m => m.type() === 'error' && wrong.push(m.text()))
  page.on('pageerror', e => wrong.push(e.message))
  page.on('requestfailed', r => wrong.push(`failed: ${r.url()}`))
  page.on('response', r => r.status() >= 400 && wrong.push(`${r.status()}: ${r.url()}`))
  page.on('request', r => r.url().startsWith(baseURL as string) || /^(data|blob):/.test(r.url()) || wrong.push(r.url()))
  await page.goto('./')
  await expect(page.locator('.first')).toHaveCount(0)
  await expect(page.getByRole('main').first()).toBeVisible()
  expect(wrong).toEqual([])
})

test('says what to do when opened straight from a folder', async ({ page }) => {
  expect(existsSync(join(dist, 'index.html'))).toBe(true)
  await page.goto(pathToFileURL(join(dist, 'index.html')).href)
  await expect(page.getByRole('alert')).toHaveText(/npm start/)
  await expect(page.getByText('Loading the simulator')).toBeHidden()
})

test('says so when a part of it is missing', async ({ page }) => {
  await page.route(/assets\/core-.*\.js$/, route => route.abort())
  await page.goto('./')
  await expect(page.getByRole('alert')).toHaveText(/could not be loaded/)
})

test('says that it needs JavaScript', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  await page.goto(baseURL as string)
  await expect(page.locator('noscript p')).toBeVisible()
  await expect(page.getByText('Loading the simulator')).toBeHidden()
  await context.close()
})
