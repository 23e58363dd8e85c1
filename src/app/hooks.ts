// Reading the store from components.

import { createContext, useContext, useEffect, useRef } from 'react'
import { useStore } from 'zustand'
import type { Moment } from '../machine/machine.ts'
import { type Shown, type Store, store } from './store.ts'

/** Re-renders when what the selector returns is another value. */
export const useSim = <T>(selector: (s: Store) => T): T => useStore(store, selector)

/** The turn of a part of the screen: Store.shown. */
export const Turn = createContext(0)

/** Of the step that this part of the screen shows. */
export function useShown<T>(selector: (s: Shown) => T): T {
  const turn = useContext(Turn)
  return useSim(s => selector(s.shown[turn] as Shown))
}

const selectAt = (s: Shown): Moment => s.at as Moment
const selectBefore = (s: Shown): Moment | undefined => s.before

/** The moment at the cursor. Panels are mounted only once there is one. */
export const useMoment = (): Moment => useShown(selectAt)
export const useBefore = (): Moment | undefined => useShown(selectBefore)

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
