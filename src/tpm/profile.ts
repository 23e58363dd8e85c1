// What a TPM implements and how large it is. Data: the engine reads it, nothing is decided twice.

import { ALG, CURVE, DIGEST_SIZE, type Kind } from '../spec/algorithms.ts'
import { HIERARCHIES } from '../spec/handles.ts'
import { MLDSA, MLKEM } from '../spec/pqc.ts'

/** Which localities may extend and reset a PCR, as bit masks of localities 0 to 4. */
export interface PcrAttributes {
  readonly extend: number
  readonly reset: number
  /** Set to all ones by TPM2_Startup, to zero by a dynamic launch. */
  readonly drtm: boolean
  /** Changes do not count in the PCR update counter. */
  readonly noIncrement: boolean
  /** Survives Shutdown(STATE) and Startup(STATE). */
  readonly saved: boolean
}

export interface Profile {
  readonly id: string
  /** TPM_PT_REVISION: 159, 184, 185. */
  readonly version: number
  readonly manufacturer: string
  readonly vendor: string
  readonly firmware: readonly [number, number]
  readonly algorithms: readonly number[]
  readonly curves: readonly number[]
  readonly rsaBits: readonly number[]
  /** Key sizes of symmetric ciphers, in bits. */
  readonly symBits: readonly number[]
  readonly mlkem: readonly number[]
  readonly mldsa: readonly number[]
  readonly externalMu: boolean
  /** Hash algorithms of the PCR banks that are allocated when the TPM is made. */
  readonly banks: readonly number[]
  readonly pcrs: readonly PcrAttributes[]
  /** Bytes. */
  readonly maxCommand: number
  readonly maxResponse: number
  readonly inputBuffer: number
  /** Bytes that a sequence may accumulate. */
  readonly maxSequence: number
  readonly transientSlots: number
  readonly persistentSlots: number
  readonly sessions: number
  readonly activeSessions: number
  readonly nvIndexMax: number
  readonly nvBufferMax: number
  /** The hash of tickets and saved contexts. */
  readonly contextHash: number
  readonly contextSymBits: number
  /** Milliseconds between updates of the clock in NV. */
  readonly clockUpdate: number
  readonly maxCapBuffer: number
}

/** Part 2 of the PC Client Platform TPM Profile: PCR attributes. Locality masks: bit n is locality n. */
const ANY = 0b11111
const pcr = (extend: number, reset: number, more: Partial<PcrAttributes> = {}): PcrAttributes => ({
  ...{ extend, reset, drtm: false, noIncrement: false, saved: true },
  ...more,
})
const STATIC = pcr(ANY, 0)
const DEBUG = pcr(ANY, 0b01111, { saved: false, noIncrement: true })
const DYNAMIC = { saved: false, drtm: true }
const PC_CLIENT: readonly PcrAttributes[] = [
  ...Array.from({ length: 16 }, () => STATIC),
  DEBUG,
  pcr(0b11100, 0b10000, DYNAMIC),
  pcr(0b11100, 0b10000, DYNAMIC),
  pcr(0b01100, 0b10000, DYNAMIC),
  pcr(0b01110, 0b10100, DYNAMIC),
  pcr(0b00100, 0b10100, { ...DYNAMIC, noIncrement: true }),
  pcr(0b00100, 0b10100, { ...DYNAMIC, noIncrement: true }),
  DEBUG,
]

const crbscope: Profile = {
  id: 'crbscope',
  version: 185,
  manufacturer: 'CRBS',
  vendor: 'crbscope',
  firmware: [0x00010000, 0x00000000],
  algorithms: [
    ...[ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512, ALG.NULL, ALG.HMAC, ALG.KEYEDHASH],
    ...[ALG.AES, ALG.CFB, ALG.ECC, ALG.ECDSA, ALG.ECDH, ALG.HKDF, ALG.KDF1_SP800_108],
    ...[ALG.RSA, ALG.RSASSA, ALG.RSAES, ALG.RSAPSS, ALG.OAEP, ALG.MGF1],
    ...[ALG.MLKEM, ALG.MLDSA, ALG.HASH_MLDSA],
  ],
  curves: [CURVE.NIST_P256, CURVE.NIST_P384],
  rsaBits: [1024, 2048, 3072, 4096],
  symBits: [128, 256],
  mlkem: Object.values(MLKEM),
  mldsa: Object.values(MLDSA),
  externalMu: true,
  banks: [ALG.SHA256, ALG.SHA384],
  pcrs: PC_CLIENT,
  maxCommand: 8192,
  maxResponse: 8192,
  inputBuffer: 4096,
  maxSequence: 1 << 20,
  transientSlots: 8,
  persistentSlots: 0,
  sessions: 0,
  activeSessions: 0,
  nvIndexMax: 0,
  nvBufferMax: 0,
  contextHash: ALG.SHA512,
  contextSymBits: 256,
  clockUpdate: 4096,
  maxCapBuffer: 1024,
}

export const PROFILES = { crbscope } as const satisfies { readonly [id: string]: Profile }

/** The rules of a profile for the codec: what the parser refuses as not implemented. */
export function rulesOf(profile: Profile): (kind: string, value: number) => boolean {
  const sets: {
    readonly [K in Exclude<Kind, 'buffer' | 'pcrSelect' | 'hashCount' | 'hierarchy'>]: ReadonlySet<number>
  } = {
    alg: new Set(profile.algorithms),
    curve: new Set(profile.curves),
    rsaBits: new Set(profile.rsaBits),
    symBits: new Set(profile.symBits),
    mlkem: new Set(profile.mlkem),
    mldsa: new Set(profile.mldsa),
  }
  const hashes = profile.algorithms.filter(a => DIGEST_SIZE[a] !== undefined).length
  const select = Math.ceil(profile.pcrs.length / 8)
  return (kind, value) => {
    switch (kind as Kind) {
      case 'buffer':
        return value <= profile.inputBuffer
      // No firmware-limited or SVN-limited hierarchies.
      case 'hierarchy':
        return HIERARCHIES.includes(value)
      case 'hashCount':
        return value <= hashes
      case 'pcrSelect':
        return value === select
      default:
        return sets[kind as keyof typeof sets].has(value)
    }
  }
}
