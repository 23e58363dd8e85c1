// Sized buffers, hashes, PCR selections, tickets, time: the structures that many commands share. Part 2, 10.

import type { Codec } from '../codec/codec.ts'
import { list, opaque, sized, struct, u8, u32, u64, uint, variant } from '../codec/combinators.ts'
import { readBe32 } from '../lib/bytes.ts'
import {
  ALG,
  DIGEST_SIZE,
  HASHES,
  implemented,
  MAX_DIGEST,
  TPMI_ALG_HASH,
  TPMI_ALG_HASH_OR_NULL,
} from './algorithms.ts'
import { ST, tag, TPMI_YES_NO } from './codes.ts'
import { TPMI_RH_HIERARCHY } from './handles.ts'

export const TPM2B_DIGEST = sized('TPM2B_DIGEST', MAX_DIGEST, { source: 'Part 2, 10.3.2, Table 90' })
/** At most a TPMT_HA: the identifier and the largest digest. */
export const TPM2B_DATA = sized('TPM2B_DATA', MAX_DIGEST + 2, { source: 'Part 2, 10.3.3, Table 91' })
export const TPM2B_NONCE = sized('TPM2B_NONCE', MAX_DIGEST, { source: 'Part 2, 10.3.4, Table 92' })
export const TPM2B_AUTH = sized('TPM2B_AUTH', MAX_DIGEST, { source: 'Part 2, 10.3.5, Table 93' })
export const TPM2B_EVENT = sized('TPM2B_EVENT', 1024, { source: 'Part 2, 10.3.7, Table 95' })
/** A handle, or an algorithm identifier and a digest. */
export const TPM2B_NAME = sized('TPM2B_NAME', MAX_DIGEST + 2, { source: 'Part 2, 10.4.3, Table 105' })
/** A block of the largest cipher. */
export const TPM2B_IV = sized('TPM2B_IV', 16, { source: 'Part 2, 10.3.11, Table 99' })
export const TPM2B_SHARED_SECRET = sized('TPM2B_SHARED_SECRET', 64, { source: 'Part 2, 10.3.12, Table 100' })
/** MAX_SYM_DATA. */
const MAX_SENSITIVE_DATA = 128
const SENSITIVE_DATA = sized('TPM2B_SENSITIVE_DATA', 2 * MAX_SENSITIVE_DATA, { source: 'Part 2, 11.1.14, Table 170' })
/** More than a TPM takes can be said, and is refused: only a reading TPM knows the limit. */
export const TPM2B_SENSITIVE_DATA: typeof SENSITIVE_DATA = {
  ...SENSITIVE_DATA,
  read(r) {
    const at = r.at
    const v = SENSITIVE_DATA.read(r)
    if (r.rules && v.length > MAX_SENSITIVE_DATA) {
      throw r.malformed('size', `${v.length} bytes are more than ${MAX_SENSITIVE_DATA} of sensitive data`, at)
    }
    return v
  },
}

/** The largest TPM2B_MAX_BUFFER that a profile may allow; the profile's own limit is checked by its rules. */
export const LARGEST_BUFFER = 8192
const MAX_BUFFER = sized('TPM2B_MAX_BUFFER', LARGEST_BUFFER, { source: 'Part 2, 10.3.8, Table 96' })
export const TPM2B_MAX_BUFFER: typeof MAX_BUFFER = {
  ...MAX_BUFFER,
  read(r) {
    const at = r.at
    const v = MAX_BUFFER.read(r)
    if (r.rules && !r.rules('buffer', v.length)) {
      throw r.malformed('size', `${v.length} bytes are more than the input buffer of this TPM`, at)
    }
    return v
  },
}

type HashArms = { readonly [K in keyof typeof HASH_ARMS]: (typeof HASH_ARMS)[K] }
const digestOf = (alg: number) => ({ digest: opaque('digest', DIGEST_SIZE[alg] as number) })
const HASH_ARMS = {
  [ALG.SHA1]: digestOf(ALG.SHA1),
  [ALG.SHA256]: digestOf(ALG.SHA256),
  [ALG.SHA384]: digestOf(ALG.SHA384),
  [ALG.SHA512]: digestOf(ALG.SHA512),
  [ALG.SM3_256]: digestOf(ALG.SM3_256),
  [ALG.SHA3_256]: digestOf(ALG.SHA3_256),
  [ALG.SHA3_384]: digestOf(ALG.SHA3_384),
  [ALG.SHA3_512]: digestOf(ALG.SHA3_512),
  [ALG.SHA256_192]: digestOf(ALG.SHA256_192),
  [ALG.SHAKE256_192]: digestOf(ALG.SHAKE256_192),
  [ALG.SHAKE256_256]: digestOf(ALG.SHAKE256_256),
  [ALG.SHAKE256_512]: digestOf(ALG.SHAKE256_512),
}
/** A hash algorithm and its digest. */
export const TPMT_HA = variant('TPMT_HA', 'hashAlg', TPMI_ALG_HASH, {}, HASH_ARMS as HashArms, {
  reason: 'hash',
  source: 'Part 2, 10.2.2, Table 89',
})

/** The same where there may be none: TPM_ALG_NULL and no digest. */
export const TPMT_HA_OR_NULL = variant(
  'TPMT_HA+',
  'hashAlg',
  TPMI_ALG_HASH_OR_NULL,
  {},
  { ...(HASH_ARMS as HashArms), [ALG.NULL]: {} },
  { reason: 'hash', source: 'Part 2, 10.2.2, Table 89' },
)

/** A list with at most as many entries as the reading TPM has hash algorithms (HASH_COUNT). */
const perHash = <T>(codec: Codec<T>): Codec<T> => ({
  ...codec,
  read(r) {
    const count = r.left < 4 ? 0 : readBe32(r.bytes, r.at)
    if (r.rules && !r.rules('hashCount', count)) {
      throw r.malformed('size', `count ${count} is more than this TPM has hash algorithms`)
    }
    return codec.read(r)
  },
})

export const TPML_DIGEST_VALUES = perHash(
  list('TPML_DIGEST_VALUES', TPMT_HA, HASHES.length, { source: 'Part 2, 10.8.6, Table 127' }),
)
export const TPML_DIGEST = list('TPML_DIGEST', TPM2B_DIGEST, 8, { source: 'Part 2, 10.8.5, Table 126' })

/** The octets of a bit map, PCR 0 in the lowest bit of the first. Three for 24 PCRs. */
const BYTE = uint('BYTE', 1)
const SELECT_SIZE = implemented('pcrSelect', 'value', { ...u8, name: 'sizeofSelect' })
export const PCR_SELECT_MAX = 4
const OCTETS = (n: number) => opaque('BYTE[]', n)
export const TPMS_PCR_SELECT: Codec<readonly number[]> = {
  name: 'TPMS_PCR_SELECT',
  shape: list('', BYTE, 3, { min: 3, countSize: 1 }).shape,
  source: 'Part 2, 10.5.1, Table 106',
  read(r) {
    const at = r.at
    const n = r.field('sizeofSelect', SELECT_SIZE)
    if (n > PCR_SELECT_MAX) throw r.malformed('value', `a selection of ${n} octets is more than ${PCR_SELECT_MAX}`, at)
    const octets = r.field('pcrSelect', OCTETS(n))
    return Array.from({ length: n }, (_, i) => octets[i] as number)
  },
  write(w, v) {
    w.u8(v.length)
    for (const octet of v) w.u8(octet)
  },
  text: v => pcrsOf(v).join(' ') || 'none',
}

/** The PCR numbers that a bit map selects, in rising order. */
export const pcrsOf = (select: readonly number[]): number[] => {
  const out: number[] = []
  for (let i = 0; i < select.length; i++) {
    for (let b = 0; b < 8; b++) if (((select[i] as number) >>> b) & 1) out.push(8 * i + b)
  }
  return out
}

/** The bit map of `size` octets that selects the given PCRs. */
export const selectOf = (pcrs: Iterable<number>, size = 3): number[] => {
  const out = new Array<number>(size).fill(0)
  for (const p of pcrs) out[p >>> 3] = (out[p >>> 3] as number) | (1 << (p & 7))
  return out
}

export const TPMS_PCR_SELECTION = struct(
  'TPMS_PCR_SELECTION',
  { hash: TPMI_ALG_HASH, pcrSelect: TPMS_PCR_SELECT },
  'Part 2, 10.5.2, Table 107',
)
export const TPML_PCR_SELECTION = perHash(
  list('TPML_PCR_SELECTION', TPMS_PCR_SELECTION, HASHES.length, { source: 'Part 2, 10.8.7, Table 128' }),
)

export const TPMT_TK_CREATION = struct(
  'TPMT_TK_CREATION',
  { tag: tag(ST.CREATION), hierarchy: TPMI_RH_HIERARCHY, digest: TPM2B_DIGEST },
  'Part 2, 10.6.3, Table 110',
)
/** The hash algorithm stands in the ticket of a digest only; Table 111. */
export const TPMT_TK_VERIFIED = variant(
  'TPMT_TK_VERIFIED',
  'tag',
  tag(ST.VERIFIED, ST.MESSAGE_VERIFIED, ST.DIGEST_VERIFIED),
  { hierarchy: TPMI_RH_HIERARCHY },
  {
    [ST.VERIFIED]: { hmac: TPM2B_DIGEST },
    [ST.MESSAGE_VERIFIED]: { hmac: TPM2B_DIGEST },
    [ST.DIGEST_VERIFIED]: { metadata: TPMI_ALG_HASH, hmac: TPM2B_DIGEST },
  },
  { reason: 'tag', source: 'Part 2, 10.6.5, Table 113' },
)
export const TPMT_TK_HASHCHECK = struct(
  'TPMT_TK_HASHCHECK',
  { tag: tag(ST.HASHCHECK), hierarchy: TPMI_RH_HIERARCHY, digest: TPM2B_DIGEST },
  'Part 2, 10.6.7, Table 115',
)

/** Milliseconds, counters, and whether a greater clock value may have been reported before. */
export const TPMS_CLOCK_INFO = struct(
  'TPMS_CLOCK_INFO',
  { clock: u64, resetCount: u32, restartCount: u32, safe: TPMI_YES_NO },
  'Part 2, 10.10.1, Table 142',
)
export const TPMS_TIME_INFO = struct(
  'TPMS_TIME_INFO',
  { time: u64, clockInfo: TPMS_CLOCK_INFO },
  'Part 2, 10.10.6, Table 143',
)
