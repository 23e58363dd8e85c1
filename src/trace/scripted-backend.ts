// The backend that stood behind the recorded devices: its answer is a function of the command, as the recordings' README
// defines it, so that lengths, failures and headers that lie can be asked for.

import { type Bytes, fromHex, readBe16 } from '../lib/bytes.ts'

/** The answer to a command that was cancelled while it ran. */
export const CANCELED: Bytes = fromHex('80010000000a00000909')

const put32 = (out: Uint8Array, at: number, v: number): void => new DataView(out.buffer).setUint32(at, v >>> 0)

/** No response claims more: modes without a lie have 16 bits for the length, and so has the lie. */
const MOST = 0xffff

/** @param room bytes that an answer may have at most. @returns 'failed' when the backend gives no answer */
export function answer(command: Bytes, room: number): Bytes | 'failed' {
  // The device shows zeros behind what is given here, and looks no further than the header claims.
  const most = Math.min(room, MOST)
  const mode = command[6] ?? 0
  const arg = command[7] ?? 0
  const want = readBe16(command, 8)
  let sum = 0
  for (let j = 0; j < command.length; j++) sum = (sum + (command[j] as number) * (1 + (j % 251))) % 65521
  if (mode === 1) return 'failed'
  if (mode === 3) {
    const out = new Uint8Array(most)
    out.set([0x80, 0x01])
    if (most >= 6) put32(out, 2, arg)
    return out
  }
  const length = Math.min(Math.max(want, 10), most)
  const fill = mode === 2 ? most : length
  const out = Uint8Array.from({ length: fill }, (_, i) => (i * 31 + Math.floor(i / 256) * 7 + sum) & 255)
  out.set([0x80, 0x01])
  put32(out, 2, mode === 2 ? want : length)
  put32(out, 6, 0)
  if (fill >= 14) put32(out, 10, command.length)
  if (fill >= 18) put32(out, 14, sum)
  return out
}
