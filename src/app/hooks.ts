// Reading the store from components.

import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { Moment } from '../machine/machine.ts'
import { type Store, store } from './store.ts'

/** Re-renders when what the selector returns is another value. */
export const useSim = <T>(selector: (s: Store) => T): T => useStore(store, selector)

const selectAt = (s: Store): Moment => s.at as Moment
const selectBefore = (s: Store): Moment | undefined => s.before

/** The moment at the cursor. Panels are mounted only once there is one. */
export const useMoment = (): Moment => useSim(selectAt)
export const useBefore = (): Moment | undefined => useSim(selectBefore)

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  const [holds, setHolds] = useState(() => matchMedia(query).matches)
  useEffect(() => {
    const list = matchMedia(query)
    const tell = (): void => setHolds(list.matches)
    tell()
    list.addEventListener('change', tell)
    return () => list.removeEventListener('change', tell)
  }, [query])
  return holds
}

export const useWide = (): boolean => useMedia('(min-width: 100rem)')
