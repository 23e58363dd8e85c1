// What browser tests measure on a page, whatever is on it: what axe finds, what does not fit, what is too small.

import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'

/** What axe finds, in words. */
export async function axe(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations.map(v => `${v.id}: ${v.nodes.map(n => `${n.target.join(' ')} ${n.failureSummary}`).join('; ')}`)
}

/** Pixels by which the page is larger than the screen. */
export const overflow = (page: Page) =>
  page.evaluate(() => {
    const e = document.documentElement
    return { x: e.scrollWidth - e.clientWidth, y: e.scrollHeight - e.clientHeight }
  })

/** Controls that no scrolling of the page brings into sight: beyond its sides, or cut by a box. */
export const cutOff = (page: Page) =>
  page.evaluate(() => {
    const out: string[] = []
    for (const e of document.querySelectorAll('button, select, input')) {
      const r = e.getBoundingClientRect()
      // Lists that scroll hide their end, and show what has the focus.
      if (r.width === 0 || e.closest('.hidden, .paper, .event-box, .lane-area, .tpm-state')) continue
      // An explanation scrolls too: what lies below its end is as far as it shows.
      const bottom = Math.min(r.bottom, e.closest('.inspector')?.getBoundingClientRect().bottom ?? r.bottom)
      const name = e.getAttribute('aria-label') ?? e.textContent ?? ''
      if (r.left < -1 || r.right > innerWidth + 1) out.push(`${name}: ${Math.round(r.left)} to ${Math.round(r.right)}`)
      for (let box = e.parentElement; box && box !== document.body; box = box.parentElement) {
        const b = box.getBoundingClientRect()
        if (getComputedStyle(box).overflowY !== 'visible' && bottom > b.bottom + 1) out.push(`${name}: cut`)
      }
    }
    return out
  })

/** Text under 14 pixels and controls under 24. */
export const tooSmall = (page: Page) =>
  page.evaluate(() => {
    const out: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let n = walker.nextNode(); n; n = walker.nextNode()) {
      const e = n.parentElement
      if (!e || n.textContent?.trim() === '' || e.closest('.hidden, script, style, noscript, option')) continue
      const px = Number.parseFloat(getComputedStyle(e).fontSize)
      if (px < 13.99) out.push(`${px}: ${n.textContent}`)
    }
    for (const b of document.querySelectorAll('button, select, input:not([type=checkbox])')) {
      const r = b.getBoundingClientRect()
      if (r.height > 0 && r.height < 23.9) out.push(`${r.width}x${r.height}: ${b.outerHTML.slice(0, 80)}`)
    }
    return out
  })

/** What the viewer chose before: theme, size of type. */
export const dress = async (page: Page, settings: object): Promise<void> => {
  await page.addInitScript(s => localStorage.setItem('crbscope', JSON.stringify(s)), settings)
}
