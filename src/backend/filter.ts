// A filter of command codes before a host's TPM: which commands a guest may not send. It looks at the header of a command,
// and can look into a transport session of TPM 1.2, whose wrapped header is readable. What parameters say it cannot know
// where a session hides them. What a refused command is answered is this project's choice.

import { type Bytes, fromHex, readBe32 } from '../lib/bytes.ts'
import { commandName } from '../spec/codes.ts'
import { ORD } from '../spec12/codes.ts'
import type { Behind } from './behind.ts'

/** TPM_DISABLED_CMD, and TPM_RC_COMMAND_CODE. */
const ANSWER = { '1.2': fromHex('00c40000000a00000008'), '2.0': fromHex('80010000000a00000143') } as const

/** Where the command that a transport session wraps begins: after header and size. */
const WRAPPED_AT = 14

/** Why a command is stopped, and what is answered; undefined when it may pass. */
export function refused(
  { config, version }: Behind,
  command: Bytes,
): { readonly response: Bytes; readonly why: string } | undefined {
  const { filter = [], unwraps } = config
  if (filter.length === 0 || command.length < 10) return undefined
  const code = readBe32(command, 6)
  const inner =
    unwraps && version === '1.2' && code === ORD.ExecuteTransport && command.length >= WRAPPED_AT + 10
      ? readBe32(command, WRAPPED_AT + 6)
      : undefined
  const found = [code, inner].find(c => c !== undefined && filter.includes(c))
  if (found === undefined) return undefined
  const what = found === code ? commandName(found) : `${commandName(found)}, wrapped in ${commandName(code)}`
  return { response: ANSWER[version], why: `The filter stopped ${what}: the host’s TPM has not seen it.` }
}
