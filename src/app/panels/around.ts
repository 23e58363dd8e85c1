// What is drawn around the stage: one part of the program, loaded as soon as the stage stands.

import { mayBeKept } from '../kept-store.ts'

export { Lanes } from './Lanes.tsx'
export { Wires } from './Wires.tsx'

/**
 * Once the whole engine is there: what can be done to power has keys, and a TPM that was kept comes back. The parts that do
 * the latter are loaded only where there may be one.
 */
export async function engineStands(): Promise<void> {
  void import('../power-actions.ts')
  if (!mayBeKept() || new URLSearchParams(location.search).has('live')) return
  const { resume } = await import('../kept.ts')
  await resume()
}
