// One column: what is read first stands first, on the page and for the Tab key.

import { expect, test } from '@playwright/test'
import { FIRST } from '../../src/lessons/scenarios/index.ts'
import { open } from './stage.ts'

test('one column: sentence, buttons, registers, window, tapes, then the driver', async ({ page }) => {
  await page.setViewportSize({ width: 640, height: 900 })
  await open(page, FIRST)
  const parts = ['.sentence', '.transport .buttons', '.device .regs', '.device .window', '.tpm .tapes', '.guest .code']
  const seen = await page.evaluate(selectors => {
    const found = selectors.map(s => document.querySelector(s) as Element)
    return found.map((e, i) => ({
      top: Math.round(e.getBoundingClientRect().top),
      after: i === 0 || (found[i - 1]?.compareDocumentPosition(e) ?? 0) === Node.DOCUMENT_POSITION_FOLLOWING,
    }))
  }, parts)
  const tops = seen.map(s => s.top)
  expect(tops).toEqual(tops.toSorted((a, b) => a - b))
  expect(seen.every(s => s.after)).toBe(true)
})
