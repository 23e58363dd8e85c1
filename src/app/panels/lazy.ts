// The panels that load late, as components.

import { lazy } from 'react'

const extras = () => import('./extras.ts')

export const Inspector = lazy(async () => ({ default: (await extras()).Inspector }))
export const RegisterMap = lazy(async () => ({ default: (await extras()).RegisterMap }))
export const TpmState = lazy(async () => ({ default: (await extras()).TpmState }))

/** What is drawn over and under the stage, once that is there: the circuit of a step, and the run as lanes. */
const around = () => import('./around.ts')

export const Lanes = lazy(async () => {
  ;(await around()).registerMoreCurves()
  return { default: (await around()).Lanes }
})
export const Wires = lazy(async () => ({ default: (await around()).Wires }))
