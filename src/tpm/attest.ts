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
import { type Public, type TPMT_SIG_SCHEME, TPMT_SIGNATURE_OR_NULL } from '../spec/keys.ts'
import { RC } from '../spec/return-codes.ts'
import { reportTime } from './clock.ts'
import type { Context } from './command.ts'
import { recoverCommit } from './commit.ts'
import { atHandle, badHandle, badParameter } from './errors.ts'
import { handleName } from './names.ts'
import { isSigning, keyScheme, type Scheme, signDigest, signMessage } from './schemes.ts'
import type { LoadedObject } from './tpm.ts'

type GivenScheme = Of<typeof TPMT_SIG_SCHEME>
export type AttestSignature = Of<typeof TPMT_SIGNATURE_OR_NULL>

/** Who signs a statement: undefined for TPM_RH_NULL. */
export interface Signer {
  readonly handle: number
  readonly key: LoadedObject | undefined
  readonly scheme: Scheme
}

/** Schemes that keys of a type can be used with when they leave theirs open. */
const OF_FAMILY: { readonly [type: number]: readonly number[] } = {
  [ALG.ECC]: [ALG.ECDSA, ALG.ECDAA, ALG.ECSCHNORR],
  [ALG.RSA]: [ALG.RSASSA, ALG.RSAPSS],
  [ALG.KEYEDHASH]: [ALG.HMAC],
}

const isAnonymous = (s: Scheme): boolean => s.alg === ALG.ECDAA
const given = (s: GivenScheme): Scheme => ({
  alg: s.scheme,
  hash: 'hashAlg' in s ? s.hashAlg : ALG.NULL,
  ...('count' in s ? { count: s.count } : {}),
})

/** The key's scheme, or where it leaves that open the one that was given. @param n number of the parameter */
function select(p: Public, wanted: GivenScheme, n: number): Scheme {
  const own = keyScheme(p)
  const scheme = given(wanted)
  if (!own) {
    if (!OF_FAMILY[p.type]?.includes(scheme.alg)) throw badParameter(n, RC.SCHEME)
    return scheme
  }
  // The counter of an anonymous scheme can only come with the command.
  if (wanted.scheme === ALG.NULL && !isAnonymous(own)) return own
  if (scheme.alg !== own.alg || scheme.hash !== own.hash) throw badParameter(n, RC.SCHEME)
  return scheme
}

/**
 * The signer of a statement.
 * @param h number of its handle @param n number of the parameter with the scheme
 */
export function signerOf(c: Context, handle: number, h: number, wanted: GivenScheme, n: number): Signer {
  if (handle === RH.NULL) return { handle, key: undefined, scheme: given(wanted) }
  const key = c.object(handle, atHandle(h, RC.KEY))
  if (!isSigning(key.publicArea)) throw badHandle(h, RC.KEY)
  return { handle, key, scheme: select(key.publicArea, wanted, n) }
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

  const p = key.publicArea
  const random = (length: number): Bytes => c.random(length)
  const octets = encode(TPMS_ATTEST, made)
  let signature: AttestSignature
  if (isAnonymous(scheme) && p.type === ALG.ECC) {
    const { curveID } = p.parameters
    const { r, done } = recoverCommit(c, curveID, p.nameAlg, key.name, scheme.count ?? 0, n)
    const digest = hash(scheme.hash, qualifyingData, hash(scheme.hash, octets))
    signature = signDigest(p, key.sensitive, { ...scheme, commit: r }, EMPTY, digest, random)
    done()
  } else if (scheme.hash === ALG.NULL) signature = signMessage(p, key.sensitive, scheme, EMPTY, octets, random)
  // An HMAC key too signs the digest: Part 3, 20.1.
  else signature = signDigest(p, key.sensitive, scheme, EMPTY, hash(scheme.hash, octets), random)
  const length = encode(TPMT_SIGNATURE_OR_NULL, signature).length
  c.emit({ kind: 'sign', handle, scheme: scheme.alg, signature: length })
  return { attest: made, signature }
}
