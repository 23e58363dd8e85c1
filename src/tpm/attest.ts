// Making and signing a statement of the TPM: which scheme signs, what is obfuscated, and the signature over the whole.
// Part 3, 18.1; Part 1, 28, 33.7 and 44.3.3.3.

import { hash } from '../crypto/hash.ts'
import { kdfa } from '../crypto/kdf.ts'
import { encode, type Of } from '../codec/codec.ts'
import { type Bytes, EMPTY, readBe32 } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { type Attest, type Statement, TPMS_ATTEST } from '../spec/attest.ts'
import { GENERATED_VALUE } from '../spec/codes.ts'
import { RH } from '../spec/handles.ts'
import { type TPMT_SIG_SCHEME, TPMT_SIGNATURE_OR_NULL } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import { reportTime } from './time.ts'
import type { Context } from './command.ts'
import { withCommit } from './anonymous.ts'
import { atHandle, badHandle, badParameter } from './errors.ts'
import { handleName } from './names.ts'
import { givenScheme, isAnonymous, isSigning, type Scheme, selectScheme, signDigest, signMessage } from './schemes.ts'
import type { LoadedObject } from './tpm.ts'

type GivenScheme = Of<typeof TPMT_SIG_SCHEME>
export type AttestSignature = Of<typeof TPMT_SIGNATURE_OR_NULL>

/** Who signs a statement: undefined for TPM_RH_NULL. */
export interface Signer {
  readonly handle: number
  readonly key: LoadedObject | undefined
  readonly scheme: Scheme
}

/**
 * The signer of a statement.
 * @param h number of its handle @param n number of the parameter with the scheme
 */
export function signerOf(c: Context, handle: number, h: number, wanted: GivenScheme, n: number): Signer {
  if (handle === RH.NULL) return { handle, key: undefined, scheme: givenScheme(wanted) }
  const key = c.object(handle, atHandle(h, RC.KEY))
  if (!isSigning(key.publicArea)) throw badHandle(h, RC.KEY)
  const scheme = selectScheme(key.publicArea, wanted)
  if (!scheme) throw badParameter(n, RC.SCHEME)
  return { handle, key, scheme }
}

/** 64 bits for the firmware version, 32 for each counter: zeros for keys that may tell. */
function obfuscation(c: Context, key: LoadedObject | undefined): { version: bigint; reset: number; restart: number } {
  if (key && (key.hierarchy === RH.ENDORSEMENT || key.hierarchy === RH.PLATFORM)) {
    return { version: 0n, reset: 0, restart: 0 }
  }
  const { contextHash } = c.tpm.profile
  const nameAlg = key && key.publicArea.nameAlg !== ALG.NULL ? key.publicArea.nameAlg : contextHash
  const qualified = key?.qualifiedName ?? handleName(RH.NULL)
  const bits = kdfa(nameAlg, c.tpm.hierarchies.owner.proof, 'OBFUSCATE', qualified, EMPTY, 128)
  const word = (i: number): number => readBe32(bits, 4 * i)
  return { version: (BigInt(word(0)) << 32n) | BigInt(word(1)), reset: word(2), restart: word(3) }
}

export const firmwareVersion = ({ tpm: { profile } }: Context): bigint =>
  (BigInt(profile.firmware[0]) << 32n) | BigInt(profile.firmware[1])

/** What all statements of this signer begin with. */
function statementOf(c: Context, signer: Signer, extraData: Bytes, says: Statement): Attest {
  const { clockInfo } = reportTime(c)
  const { version, reset, restart } = obfuscation(c, signer.key)
  const anonymous = isAnonymous(signer.scheme)
  const common = {
    qualifiedSigner: anonymous ? EMPTY : (signer.key?.qualifiedName ?? handleName(RH.NULL)),
    extraData: anonymous ? EMPTY : extraData,
    clockInfo: {
      ...clockInfo,
      resetCount: (clockInfo.resetCount + reset) >>> 0,
      restartCount: (clockInfo.restartCount + restart) >>> 0,
    },
    firmwareVersion: BigInt.asUintN(64, firmwareVersion(c) + version),
  }
  return { magic: GENERATED_VALUE, statement: { ...common, ...says } as Attest['statement'] }
}

/**
 * Signs what the TPM says. @param n number of the parameter with the scheme, which may name a counter
 * @returns the statement, and the NULL Signature when nobody signs
 */
export function attest(
  c: Context,
  signer: Signer,
  qualifyingData: Bytes,
  says: Statement,
  n: number,
): { attest: Attest; signature: AttestSignature } {
  const made = statementOf(c, signer, qualifyingData, says)
  const { handle, key, scheme } = signer
  c.emit({ kind: 'attest', type: says.type, handle })
  if (!key?.sensitive) return { attest: made, signature: { sigAlg: ALG.NULL } }

  const { publicArea: p, sensitive } = key
  const random = (length: number): Bytes => c.random(length)
  const octets = encode(TPMS_ATTEST, made)
  const signature = withCommit(c, key, scheme, n, s => {
    if (s.hash === ALG.NULL) return signMessage(p, sensitive, s, EMPTY, octets, random)
    const digest = hash(s.hash, octets)
    // An HMAC key too signs the digest: Part 3, 20.1. ECDAA binds the data of the caller outside the statement.
    const bound = isAnonymous(s) ? hash(s.hash, qualifyingData, digest) : digest
    return signDigest(p, sensitive, s, EMPTY, bound, random)
  })
  const length = encode(TPMT_SIGNATURE_OR_NULL, signature).length
  c.emit({ kind: 'sign', handle, scheme: scheme.alg, signature: length })
  return { attest: made, signature }
}
