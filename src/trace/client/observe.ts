// How an observation of one command is written down: with the types of its declaration, every parameter possibly unknown.

import type { AnyCodec, Of } from '../../codec/codec.ts'
import type { CommandRow, Handles, HandleValues, ResponseHandle } from '../../spec/command.ts'
import type { World } from './world.ts'

/** An exchange that went well. What a session encrypted with an unknown key is left out. */
export interface Exchange<H, P, R> {
  readonly handles: H
  readonly params: Partial<P>
  readonly returns: Partial<R>
  /** Of the response; 0 where there is none. */
  readonly handle: number
}
export type Observation = readonly [
  code: number,
  look: (w: World, x: Exchange<{ readonly [name: string]: number }, object, object>) => void,
]

/** What follows from a command: called only when it succeeded. */
export const on = <
  H extends Handles,
  P extends AnyCodec,
  R extends AnyCodec,
  O extends ResponseHandle | undefined = ResponseHandle | undefined,
>(
  row: CommandRow<H, P, R, O>,
  look: (w: World, x: Exchange<HandleValues<H>, Of<P>, Of<R>>) => void,
): Observation => [row.code, look as Observation[1]]
