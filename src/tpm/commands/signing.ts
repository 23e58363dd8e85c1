// TPM2_VerifySignature and TPM2_Sign over digests, for the schemes that had them before version 1.85; SignDigest and
// VerifyDigestSignature for those of today. Part 3, 20.2, 20.4, 20.5 and 20.7.

import { type Bytes, EMPTY } from '../../lib/bytes.ts'
import { encode } from '../../codec/codec.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { NO, ST } from '../../spec/codes.ts'
import { Sign, SignDigest, VerifyDigestSignature, VerifySignature } from '../../spec/commands/signing.ts'
import { type Public, type Sensitive, TPMT_SIGNATURE } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Context, implement } from '../command.ts'
import { COUNTER_CONTEXT, withCommit, withCounter } from '../anonymous.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'
import {
  digestLength,
  isAnonymous,
  isOfScheme,
  isSigning,
  isVerified,
  keyScheme,
  type Scheme,
  selectScheme,
  signDigest,
  verifyDigest,
} from '../schemes.ts'
import { isHashCheck, verifiedTicket } from '../tickets.ts'
import type { LoadedObject } from '../tpm.ts'

/** A loaded key that signs, with its private part. */
function signingKey(c: Context, handle: number): { key: LoadedObject; secret: Sensitive } {
  const key = c.object(handle, atHandle(1, RC.KEY))
  if (!isSigning(key.publicArea) || !key.sensitive) throw badHandle(1, RC.KEY)
  if (key.publicArea.objectAttributes & OBJECT.x509sign) throw badHandle(1, RC.ATTRIBUTES)
  return { key, secret: key.sensitive }
}

const isMlDsa = (p: Public): boolean => p.type === ALG.MLDSA || p.type === ALG.HASH_MLDSA

/** A ticket whose digest is not empty is checked, whatever hierarchy it names; a restricted key needs one. Part 3, 20.5. */
function checkTicket(
  c: Context,
  key: Public,
  ticket: { hierarchy: number; digest: Bytes },
  hashAlg: number,
  digest: Bytes,
): void {
  const given = ticket.digest.length > 0
  const needed = (key.objectAttributes & OBJECT.restricted) !== 0
  if ((given || needed) && !isHashCheck(c.tpm, ticket, hashAlg, digest)) throw badParameter(3, RC.TICKET)
}

/** External mu is for keys that allow it: Part 3, 20.1. */
const refusesMu = (p: Public): boolean => p.type === ALG.MLDSA && p.parameters.allowExternalMu === NO

/** A mu has the context in it already; ECDAA takes a counter there, the other schemes of ECC nothing. */
function checkContext(p: Public, scheme: Scheme, context: Bytes): void {
  const fits = isAnonymous(scheme)
    ? context.length === COUNTER_CONTEXT
    : context.length === 0 || p.type === ALG.HASH_MLDSA
  if (!fits) throw badParameter(1, RC.SIZE)
}

export const signing = [
  implement(VerifySignature, (c, { keyHandle }, { digest, signature }) => {
    const key = c.object(keyHandle, atHandle(1, RC.KEY))
    const p = key.publicArea
    if (!isSigning(p) || isMlDsa(p)) throw badHandle(1, RC.KEY)
    if (p.type === ALG.KEYEDHASH && !key.sensitive) throw badHandle(1, RC.HANDLE)
    // Whoever loads a public key loads it with any scheme: the key's own binds only its HMACs, which are made here too.
    if (!isVerified(p, signature.sigAlg)) throw badParameter(2, RC.SCHEME)
    const own = p.type === ALG.KEYEDHASH ? keyScheme(p) : undefined
    const ok =
      (own === undefined || isOfScheme(signature, own)) && verifyDigest(p, key.sensitive, EMPTY, digest, signature)
    c.emit({ kind: 'verify', handle: keyHandle, scheme: signature.sigAlg, ok })
    if (!ok) throw badParameter(2, RC.SIGNATURE)

    return { validation: verifiedTicket(c.tpm, ST.VERIFIED, key, digest, ALG.NULL) }
  }),

  implement(Sign, (c, { keyHandle }, { digest, inScheme, validation }) => {
    const { key, secret } = signingKey(c, keyHandle)
    const p = key.publicArea
    if (isMlDsa(p)) throw badHandle(1, RC.KEY)
    const scheme = selectScheme(p, inScheme)
    if (!scheme) throw badParameter(2, RC.SCHEME)
    checkTicket(c, p, validation, scheme.hash, digest)
    if (digest.length !== digestLength(scheme)) throw badParameter(1, RC.SIZE)

    const signature = withCommit(c, key, scheme, 2, s => signDigest(p, secret, s, EMPTY, digest, n => c.random(n)))
    c.emit({ kind: 'sign', handle: keyHandle, scheme: scheme.alg, signature: encode(TPMT_SIGNATURE, signature).length })

    return { signature }
  }),

  implement(SignDigest, (c, { keyHandle }, { context, digest, validation }) => {
    const { key, secret } = signingKey(c, keyHandle)
    const p = key.publicArea
    if (refusesMu(p)) throw badHandle(1, RC.ATTRIBUTES)
    const own = keyScheme(p)
    if (!own || own.alg === ALG.HMAC) throw badHandle(1, RC.SCHEME)
    checkContext(p, own, context)
    const scheme = withCounter(own, context)
    if (digest.length !== digestLength(scheme)) throw badParameter(2, RC.SIZE)
    checkTicket(c, p, validation, scheme.hash, digest)

    const signature = withCommit(c, key, scheme, 1, s => signDigest(p, secret, s, context, digest, n => c.random(n)))
    c.emit({ kind: 'sign', handle: keyHandle, scheme: scheme.alg, signature: encode(TPMT_SIGNATURE, signature).length })

    return { signature }
  }),

  implement(VerifyDigestSignature, (c, { keyHandle }, { context, digest, signature }) => {
    const key = c.object(keyHandle, atHandle(1, RC.KEY))
    const p = key.publicArea
    if (!isSigning(p)) throw badHandle(1, RC.KEY)
    if (refusesMu(p)) throw badHandle(1, RC.ATTRIBUTES)
    const scheme = keyScheme(p)
    if (!scheme || scheme.alg === ALG.HMAC) throw badHandle(1, RC.SCHEME)
    checkContext(p, scheme, context)
    if (!isOfScheme(signature, scheme)) throw badParameter(3, RC.SCHEME)
    if (digest.length !== digestLength(scheme)) throw badParameter(2, RC.SIZE)
    const ok = verifyDigest(p, key.sensitive, context, digest, signature)
    c.emit({ kind: 'verify', handle: keyHandle, scheme: scheme.alg, ok })
    if (!ok) throw badParameter(3, RC.SIGNATURE)

    // Table 111: the hash or XOF that made the digest; mu is 64 octets of SHAKE256.
    const made = scheme.alg === ALG.MLDSA ? ALG.SHAKE256_512 : scheme.hash
    return { validation: verifiedTicket(c.tpm, ST.DIGEST_VERIFIED, key, digest, made) }
  }),
]
