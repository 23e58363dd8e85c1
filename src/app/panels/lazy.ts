// The panels that load late, as components.

import { lazy } from 'react'
import { wholeEngine } from '../engine.ts'

type Extras = typeof import('./extras.ts')
const extra = <K extends keyof Extras>(name: K) => lazy(async () => ({ default: (await import('./extras.ts'))[name] }))

export const Inspector = extra('Inspector')
export const RegisterMap = extra('RegisterMap')
export const TpmState = extra('TpmState')
export const Platform = extra('Platform')
export const Screen = extra('Screen')

/** What is drawn over and under the stage, once that is there: the circuit of a step, and the run as lanes. */
const around = () => import('./around.ts')

export const Lanes = lazy(async () => {
  const { Lanes: part, engineStands } = await around()
  // The stage stands: now the rest of the engine, before anybody asks for it.
  void wholeEngine().then(engineStands)
  return { default: part }
})
export const Wires = lazy(async () => ({ default: (await around()).Wires }))
