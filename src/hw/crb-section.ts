// What QEMU's tpm-crb saves of itself: its 32 register words, and where there is something to tell and the machine allows
// it a subsection with the command that is half sent and the response that is half read. The window migrates as RAM.
// Layout: hw/tpm/tpm_crb.c of QEMU 11.1, vmstate_tpm_crb and vmstate_tpm_crb_chunk.

import type { Codec, Fields } from '../codec/codec.ts'
import { struct, u32 } from '../codec/combinators.ts'
import { block } from '../codec/stream.ts'
import type { Bytes } from '../lib/bytes.ts'
import { CRB, WORDS } from './crb.map.ts'
import { listWords } from './registers.ts'
import { registerText } from './register-text.ts'
import type { SavedDevice } from './device.ts'

const words = listWords(CRB, WORDS).map(({ at, name }) => ({ at, name: name ?? `reserved ${at.toString(16)}` }))

const WORD_CODECS: readonly (readonly [string, Codec<number>])[] = words.map(({ at, name }) => [
  name,
  { ...u32, name: 'register', text: v => registerText(CRB, at, v) },
])

/** VMSTATE_UINT32_ARRAY: every word from offset 0 on, those without a register too. */
export const CRB_REGISTERS: Codec<readonly number[]> = {
  name: 'registers',
  shape: { kind: 'struct', fields: Object.fromEntries(WORD_CODECS) as Fields },
  read: r => WORD_CODECS.map(([name, codec]) => r.field(name, codec)),
  write: (w, v) => v.forEach(word => w.u32(word)),
}

/** Length-prefixed arrays of bytes, and how much of the response the window has shown. */
const CHUNK_FIELDS = struct('chunk', {
  command_buffer: block('GByteArray'),
  response_buffer: block('GByteArray'),
  response_offset: u32,
})

type Chunk = NonNullable<SavedDevice['chunk']>

export const CRB_CHUNK: Codec<Chunk> = {
  name: CHUNK_FIELDS.name,
  shape: CHUNK_FIELDS.shape,
  read(r) {
    const { command_buffer, response_buffer, response_offset } = CHUNK_FIELDS.read(r)
    return { command: command_buffer, response: response_buffer, responseOffset: response_offset }
  },
  write: (w, { command, response, responseOffset }) =>
    CHUNK_FIELDS.write(w, { command_buffer: command, response_buffer: response, response_offset: responseOffset }),
}

/** Name and version of the section and of its subsection. */
export const CRB_SECTION = { name: 'tpm-crb', version: 0 } as const
export const CHUNK_SECTION = { name: 'tpm-crb/chunk', version: 0 } as const
/** The window as a RAM block: QEMU rounds its 3,968 bytes up to a page. */
export const WINDOW_BLOCK = 'tpm-crb-cmd'

/** Which of the buffers is larger than the backend takes, as the destination finds out after loading the subsection. */
export const tooLarge = (chunk: Chunk, backendBufferSize: number): { name: string; length: number } | undefined => {
  const over = (name: string, b: Bytes) => (b.length > backendBufferSize ? { name, length: b.length } : undefined)
  return over('command_buffer', chunk.command) ?? over('response_buffer', chunk.response)
}
