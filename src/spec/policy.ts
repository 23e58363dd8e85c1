// What sessions and policies are made of: session types, comparisons, time-outs, tickets of an authorization. Part 2, 6.7,
// 6.8, 6.11, 10.3, 10.6.6 and 10.8.

import { type Codec, type Of } from '../codec/codec.ts'
import { choice, sized, struct, uint } from '../codec/combinators.ts'
import { MAX_DIGEST, namesOf } from './algorithms.ts'
import { TPM2B_DIGEST } from './base.ts'
import { ST, tag } from './codes.ts'
import { TPMI_RH_HIERARCHY } from './handles.ts'

export const SE = { HMAC: 0x00, POLICY: 0x01, TRIAL: 0x03 } as const
export const TPM_SE = choice('TPM_SE', 1, namesOf(SE, 'TPM_SE_'), 'value', 'Part 2, 6.11, Table 23')

export const EO = {
  EQ: 0x0000,
  NEQ: 0x0001,
  SIGNED_GT: 0x0002,
  UNSIGNED_GT: 0x0003,
  SIGNED_LT: 0x0004,
  UNSIGNED_LT: 0x0005,
  SIGNED_GE: 0x0006,
  UNSIGNED_GE: 0x0007,
  SIGNED_LE: 0x0008,
  UNSIGNED_LE: 0x0009,
  BITSET: 0x000a,
  BITCLEAR: 0x000b,
} as const
export const TPM_EO = choice('TPM_EO', 2, namesOf(EO, 'TPM_EO_'), 'value', 'Part 2, 6.8, Table 20')

const ADJUST = {
  COARSE_SLOWER: 0xfd,
  MEDIUM_SLOWER: 0xfe,
  FINE_SLOWER: 0xff,
  NO_CHANGE: 0x00,
  FINE_FASTER: 0x01,
  MEDIUM_FASTER: 0x02,
  COARSE_FASTER: 0x03,
} as const
/** Two's complement in one octet. */
export const TPM_CLOCK_ADJUST = choice(
  'TPM_CLOCK_ADJUST',
  1,
  namesOf(ADJUST, 'TPM_CLOCK_'),
  'value',
  'Part 2, 6.7, Table 19',
)

const WORD = uint('INT32', 4)
/** A signed 32-bit number. */
export const INT32: Codec<number> = {
  ...WORD,
  shape: { kind: 'uint', size: 4, signed: true },
  read: r => WORD.read(r) | 0,
  write: (w, v) => WORD.write(w, v >>> 0),
  text: v => String(v),
}

export const TPM2B_OPERAND = sized('TPM2B_OPERAND', MAX_DIGEST, { source: 'Part 2, 10.3.6, Table 94' })
/** Empty, or eight octets that only this TPM understands. */
export const TPM2B_TIMEOUT = sized('TPM2B_TIMEOUT', 8, { source: 'Part 2, 10.3.10, Table 98' })
/** Large enough for the ciphertext of ML-KEM-1024. */
export const TPM2B_ENCRYPTED_SECRET = sized('TPM2B_ENCRYPTED_SECRET', 1568, { source: 'Part 2, 11.4.3, Table 224' })

export const TPMT_TK_AUTH = struct(
  'TPMT_TK_AUTH',
  { tag: tag(ST.AUTH_SIGNED, ST.AUTH_SECRET), hierarchy: TPMI_RH_HIERARCHY, digest: TPM2B_DIGEST },
  'Part 2, 10.6.6, Table 114',
)
export type AuthTicket = Of<typeof TPMT_TK_AUTH>
