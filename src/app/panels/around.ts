// What is drawn around the stage: one part of the program, loaded as soon as the stage stands.

import { mayBeKept } from '../kept-store.ts'

export { Lanes } from './Lanes.tsx'
export { Wires } from './Wires.tsx'

/** A TPM that was kept comes back; the parts that do it are loaded only where there may be one. */
export async function resumeKept(): Promise<void> {
  if (!mayBeKept() || new URLSearchParams(location.search).has('live')) return
  const { resume } = await import('../kept.ts')
  await resume()
}
