// What QEMU's tpm-tis saves of itself (hw/tpm/tpm_tis_isa.c, vmstate_tpm_tis_isa, version 0): its whole buffer as one array
// without a length, the position, who is active, aborting and next, and each locality. So the size of the buffer is part of
// the layout: a larger one is another layout, and needs another version. That one, with 8,192 bytes, is our completion.

import type { Codec } from '../codec/codec.ts'
import { choice, constant, opaque, struct, u16, u32, u8 } from '../codec/combinators.ts'
import { count } from '../lib/count.ts'
import { registerText } from './register-text.ts'
import type { RegisterMap } from './registers.ts'
import { LOCALITIES, TIS } from './tis.map.ts'
import type { SavedTis } from './tis.ts'
import type { Locality } from './tis.state.ts'

export type TisBuffer = 4096 | 8192

export const TIS_SECTION = 'tpm-tis'
/** Version of the section, by the size of the buffer that its sender has. */
export const TIS_VERSION: { readonly [size in TisBuffer]: number } = { 4096: 0, 8192: 1 }
/** The buffer of a version; undefined: a version that nobody has. */
export const bufferOf = (version: number): TisBuffer | undefined =>
  ([4096, 8192] as const).find(b => TIS_VERSION[b] === version)

/** In the stream, for nobody: -1 in the device. */
const NOBODY = 0xff
const NAMES = {
  who: { 0: 'locality 0', 1: 'locality 1', 2: 'locality 2', 3: 'locality 3', 4: 'locality 4', [NOBODY]: 'nobody' },
  state: { 0: 'idle', 1: 'ready', 2: 'completion', 3: 'execution', 4: 'reception' },
} as const
type Choice = (kind: keyof typeof NAMES, size: 1 | 4) => Codec<number>

const checked: Choice = (kind, size) =>
  choice(kind === 'who' ? 'locality' : 'state of a locality', size, NAMES[kind], 'value')
/** Takes any value, as a reader in C does that looks at nothing. */
const unchecked: Choice = (kind, size) => constant(kind, size, NAMES[kind])

const word = (register: keyof typeof TIS, codec: Codec<number> = u32, digits = 8): Codec<number> => ({
  ...codec,
  text: v => `${register} ${registerText(TIS as RegisterMap, TIS[register].at, v, digits)}`,
})
/** STS without burstCount, which reads compute. */
const STS = word('STS')

const fieldsOf = (size: TisBuffer, one: Choice) => {
  const locality = struct('locality', {
    state: one('state', 4),
    inte: word('INT_ENABLE'),
    ints: word('INT_STATUS'),
    access: word('ACCESS', u8, 2),
    sts: STS,
    iface_id: word('INTERFACE_ID'),
  })
  return struct('tpm-tis', {
    buffer: { ...opaque('BYTE[]', size), text: () => `${count(size)} bytes, whatever part of them is used` },
    rw_offset: { ...u16, text: v => `${count(v)}: position in the buffer` },
    active_locty: one('who', 1),
    aborting_locty: one('who', 1),
    next_locty: one('who', 1),
    'loc[0]': locality,
    'loc[1]': locality,
    'loc[2]': locality,
    'loc[3]': locality,
    'loc[4]': locality,
  })
}

const outward = (n: number): number => (n < 0 ? NOBODY : n)
const inward = (n: number): number => (n === NOBODY ? -1 : n)

const outwardOf = (l: Locality) => ({
  state: l.state,
  inte: l.intEnable,
  ints: l.intStatus,
  access: l.access,
  sts: l.sts,
  iface_id: l.ifaceId,
})
type Saved = { readonly [name in keyof ReturnType<typeof outwardOf>]: number }
const inwardOf = (l: Saved): Locality => ({
  state: l.state as Locality['state'],
  access: l.access,
  sts: l.sts,
  ifaceId: l.iface_id,
  intEnable: l.inte,
  intStatus: l.ints,
})

function section(size: TisBuffer, one: Choice): Codec<SavedTis> {
  const fields = fieldsOf(size, one)
  return {
    name: fields.name,
    shape: fields.shape,
    read(r) {
      const from = r.at
      const s = fields.read(r)
      if (one === checked && s.rw_offset > size) {
        const say = `the position ${count(s.rw_offset)} is beyond the buffer of ${count(size)} bytes`
        throw r.malformed('value', say, from + size)
      }
      return {
        buffer: s.buffer,
        offset: s.rw_offset,
        active: inward(s.active_locty),
        aborting: inward(s.aborting_locty),
        next: inward(s.next_locty),
        loc: [s['loc[0]'], s['loc[1]'], s['loc[2]'], s['loc[3]'], s['loc[4]']].map(inwardOf),
      }
    },
    write(w, { buffer, offset, active, aborting, next, loc }) {
      const l = (n: number): Saved => outwardOf(loc[n] as Locality)
      fields.write(w, {
        buffer,
        rw_offset: offset,
        active_locty: outward(active),
        aborting_locty: outward(aborting),
        next_locty: outward(next),
        ...{ 'loc[0]': l(0), 'loc[1]': l(1), 'loc[2]': l(2), 'loc[3]': l(3), 'loc[4]': l(4) },
      })
    },
  }
}

/** What came in without a check could be the state of a device. */
export const sound = ({ buffer, offset, active, aborting, next, loc }: SavedTis): boolean =>
  offset <= buffer.length &&
  [active, aborting, next].every(n => n < LOCALITIES) &&
  loc.every(l => NAMES.state[l.state] !== undefined)

/** The section's content at a sender or receiver with a buffer of that size: values that no device has are refused. */
export const TIS_STATE: { readonly [size in TisBuffer]: Codec<SavedTis> } = {
  4096: section(4096, checked),
  8192: section(8192, checked),
}
/** At a receiver that takes the bytes for its own layout, and any value for what it should be. */
export const TIS_UNCHECKED: { readonly [size in TisBuffer]: Codec<SavedTis> } = {
  4096: section(4096, unchecked),
  8192: section(8192, unchecked),
}
