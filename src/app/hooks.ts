// Reading the store from components.

import { useEffect, useRef } from 'react'
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

const selectWide = (s: Store): boolean => s.layout === 'wide'

/** All columns are on stage. */
export const useWide = (): boolean => useSim(selectWide)

/**
 * Runs `measure` after the frame has been drawn, whenever `key` is another: reading positions before would make the
 * browser lay the page out twice. `measure` is the one of the last render.
 */
export function useAfterPaint(measure: () => void, key: unknown): void {
  const latest = useRef(measure)
  useEffect(() => {
    latest.current = measure
  })
  useEffect(() => {
    const timer = setTimeout(() => latest.current())
    return () => clearTimeout(timer)
  }, [key])
}
