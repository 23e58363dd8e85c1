// The panels that load late, as components.

import { lazy } from 'react'
import { wholeEngine } from '../engine.ts'

const extras = () => import('./extras.ts')

export const Inspector = lazy(async () => ({ default: (await extras()).Inspector }))
export const RegisterMap = lazy(async () => ({ default: (await extras()).RegisterMap }))
export const TpmState = lazy(async () => ({ default: (await extras()).TpmState }))

/** What is drawn over and under the stage, once that is there: the circuit of a step, and the run as lanes. */
const around = () => import('./around.ts')

export const Lanes = lazy(async () => {
  const { Lanes: part, resumeKept } = await around()
  // The stage stands: now the rest of the engine, before anybody asks for it.
  void wholeEngine().then(() => import('../power-actions.ts'))
  void wholeEngine().then(resumeKept)
  return { default: part }
})
export const Wires = lazy(async () => ({ default: (await around()).Wires }))

const platform = () => import('./Platform.tsx')
export const Platform = lazy(async () => ({ default: (await platform()).Platform }))
export const Screen = lazy(async () => ({ default: (await platform()).Screen }))
