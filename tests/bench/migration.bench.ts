// Snapshots and migrations: the whole machine as bytes, in Node; and in the built page, from the click on "Migrate now" with
// 8 KiB in flight until the panel that shows it is painted. Build first.

import '../support/whole.ts'
import { chromium } from 'playwright'
import { chromiumPath } from '../../scripts/chromium.mjs'
import { serve } from '../../scripts/serve.mjs'
import { begin } from '../../src/lessons/play.ts'
import type { Scenario } from '../../src/lessons/scenario.ts'
import { scenarioById } from '../../src/lessons/scenarios/index.ts'
import { isAt } from '../../src/lessons/when.ts'
import { crbOf } from '../../src/machine/device.ts'
import { hostOf } from '../../src/machine/host.ts'
import { reduce } from '../../src/machine/reduce.ts'
import { median, report, time } from '../support/bench.ts'

const SCENARIO = 'external-mu'
const RUNS = 15

// The signature of the command before is still held when chunk 1 of the next is taken.
const h = begin(scenarioById(SCENARIO) as Scenario)
let at = 0
while (!isAt(h.at(at), { task: 'verify', at: 'taken' })) if (++at >= h.length) h.extend(1)
const { machine } = h.at(at)
const inFlight = crbOf(machine).command.length + crbOf(machine).response.length
if (inFlight < 8192) throw new Error(`only ${inFlight} bytes are in flight`)

const snapshots: number[] = []
for (let i = 0; i < 60; i++) {
  const took = time(() => reduce(machine, { t: 'user', act: { kind: 'snapshot', late: true, label: 'x' } }))
  if (i >= 10) snapshots.push(took)
}
report({ name: 'migration: a snapshot of the whole machine', figure: median(snapshots), unit: 'ms', atMost: 5 })

const moves: number[] = []
const from = hostOf(machine)
for (let i = 0; i < 60; i++) {
  const took = time(() =>
    reduce(machine, { t: 'user', act: { kind: 'migrate', late: true, label: 'x', from, to: from } }),
  )
  if (i >= 10) moves.push(took)
}
report({ name: 'migration: saved and loaded, 8 KiB in flight', figure: median(moves), unit: 'ms' })

declare global {
  interface Window {
    drawnAfter?: number
  }
}

const executablePath = chromiumPath()
if (!executablePath) throw new Error('no Chromium: see scripts/ensure-chromium.mjs')
const { server, url } = await serve({ port: 0 })
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 720 } })
  const times: number[] = []
  for (let i = 0; i < RUNS; i++) {
    await page.goto(url)
    await page.locator('[data-ready]').waitFor()
    await page.locator('.scenario').selectOption(SCENARIO)
    await page.waitForFunction(n => Number(document.querySelector('[data-steps]')?.getAttribute('data-steps')) > n, at)
    await page.locator('#step-field').fill(String(at))
    await page.locator('#step-field').press('Enter')
    await page.locator('#step-field').blur()
    await page.keyboard.press('x')
    await page.locator('[data-stream] .hb').first().waitFor()
    await page.evaluate(() => {
      delete window.drawnAfter
      const button = [...document.querySelectorAll('button')].find(b => b.textContent === 'Migrate now')
      const status = document.querySelector('[data-migrated]')
      if (!button || !status) throw new Error('no panel')
      const channel = new MessageChannel()
      let began = 0
      // Handled after the frame that shows the words: style, layout and paint are done.
      channel.port1.addEventListener('message', () => (window.drawnAfter = performance.now() - began))
      channel.port1.start()
      const seen = new MutationObserver(() => {
        if (!status.textContent) return
        seen.disconnect()
        requestAnimationFrame(() => channel.port2.postMessage(0))
      })
      seen.observe(status, { childList: true, characterData: true, subtree: true })
      began = performance.now()
      button.click()
    })
    await page.waitForFunction(() => window.drawnAfter !== undefined)
    times.push(await page.evaluate(() => window.drawnAfter as number))
  }
  report({
    name: 'migration: 8 KiB in flight, from the click to the painted panel',
    figure: median(times),
    unit: 'ms',
    atMost: 100,
  })
} finally {
  await browser.close()
  server.close()
}
