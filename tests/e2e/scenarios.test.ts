// Scenarios are driven by keyboard, to the end and back, and at every stop the page is held against the machine's state:
// three at every grain, the others by beat and by chunk.

import { test } from '@playwright/test'
import { SCENARIOS } from '../../src/lessons/scenarios/index.ts'
import { type Grain, GRAINS } from '../../src/machine/grains.ts'
import { compare, open } from './stage.ts'

const EVERY_GRAIN = ['verify-mldsa87', 'sign-mldsa87', 'half-read']

/** Keys that choose the grain: down from the coarsest. */
const choose = (grain: Grain): string[] => [
  ...Array.from({ length: GRAINS.length }, () => 'ArrowUp'),
  ...Array.from({ length: GRAINS.indexOf(grain) }, () => 'ArrowDown'),
]

for (const s of SCENARIOS) {
  const grains = EVERY_GRAIN.includes(s.id) ? GRAINS : (['beat', 'chunk'] as const)
  for (const grain of grains) {
    test(`${s.id} by ${grain}, to the end and back`, async ({ page }) => {
      // A whole boot has hundreds of stops.
      test.slow(grain === 'line' || grain === 'access' || s.config.firmware !== undefined)
      const h = await open(page, s)
      for (const key of choose(grain)) await page.keyboard.press(key)
      await compare(page, h, 0, false)
      let k = 0
      while (k < h.length - 1) {
        k = h.nextStop(k, grain)
        await page.keyboard.press('ArrowRight')
        await compare(page, h, k, false)
      }
      while (k > 0) {
        k = h.previousStop(k, grain)
        await page.keyboard.press('ArrowLeft')
        await compare(page, h, k, true)
      }
    })
  }
}
