// What the viewer chose about the page itself: theme, motion, size of type, keys. Kept in the browser, where it allows.

import { get, type Motion, set, type Store, store, type Theme } from './store.ts'

/** In sizes of type: below the first one column, from the second all columns. */
const COMPACT = 64
const WIDE = 100

/** Which layout fits the window in the size of type that the viewer chose. */
function measure(): void {
  const width = innerWidth / ((16 * get().zoom) / 100)
  const layout = width < COMPACT ? 'compact' : width >= WIDE ? 'wide' : 'learn'
  document.documentElement.dataset.layout = layout
  if (layout !== get().layout) set({ layout })
}

type Settings = Pick<Store, 'theme' | 'motion' | 'zoom' | 'keys'>
const KEY = 'crbscope'
export const ZOOMS = [100, 120, 140, 160, 180, 200] as const
const THEMES: readonly Theme[] = ['light', 'dark', 'contrast']
const MOTIONS: readonly Motion[] = ['system', 'off', 'on']

function show(s: Settings): void {
  const root = document.documentElement
  root.dataset.theme = s.theme
  root.dataset.motion = s.motion
  root.style.fontSize = `${s.zoom}%`
  measure()
}

/** Reads what was kept; what is not understood is left at its default. */
export function restoreSettings(): void {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Settings>
    set({
      theme: THEMES.find(t => t === kept.theme) ?? 'light',
      motion: MOTIONS.find(m => m === kept.motion) ?? 'system',
      zoom: ZOOMS.find(z => z === kept.zoom) ?? 100,
      keys: kept.keys ?? true,
    })
  } catch {
    // No storage, or not ours: the defaults stand.
  }
  show(get())
  addEventListener('resize', measure)
  store.subscribe((s, old) => {
    if (s.theme === old.theme && s.motion === old.motion && s.zoom === old.zoom && s.keys === old.keys) return
    show(s)
    try {
      const { theme, motion, zoom, keys } = s
      localStorage.setItem(KEY, JSON.stringify({ theme, motion, zoom, keys }))
    } catch {
      // The choice holds until the page is closed.
    }
  })
}

export const nextTheme = (): void => set({ theme: THEMES[(THEMES.indexOf(get().theme) + 1) % THEMES.length] as Theme })
export const nextMotion = (): void =>
  set({ motion: MOTIONS[(MOTIONS.indexOf(get().motion) + 1) % MOTIONS.length] as Motion })
export function zoomBy(steps: number): void {
  const i = ZOOMS.findIndex(z => z === get().zoom)
  set({ zoom: ZOOMS[Math.max(0, Math.min(i + steps, ZOOMS.length - 1))] ?? 100 })
}
