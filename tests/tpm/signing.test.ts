// Signing and verifying digests and messages with every kind of key; tickets; what restricted keys may not. Part 3, 17.5,
// 17.6 and 20; Part 2, 10.6.

import { describe, expect, it } from 'vitest'
import { hash, hmac } from '../../src/crypto/hash.ts'
import { be16, type Bytes, concat, EMPTY, fromHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { NO, ST, YES } from '../../src/spec/codes.ts'
import { FlushContext } from '../../src/spec/commands/context.ts'
import {
  HashSequenceStart,
  SequenceComplete,
  SequenceUpdate,
  SignSequenceStart,
  VerifySequenceStart,
} from '../../src/spec/commands/sequence.ts'
import {
  Sign,
  SignDigest,
  SignSequenceComplete,
  VerifyDigestSignature,
  VerifySequenceComplete,
  VerifySignature,
} from '../../src/spec/commands/signing.ts'
import { Hash } from '../../src/spec/commands/symmetric.ts'
import { password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import type { Public, Signature } from '../../src/spec/keys.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'
import { create, load, NULL_CHECK, templates, withBits, without } from '../support/keys.ts'

const { mldsa, hashMldsa, ecc, hmacKey, mlkem, sealed } = templates
const MESSAGE = utf8('a message')
const NULL_SCHEME = { scheme: ALG.NULL } as const
const MU: Bytes = new Uint8Array(64).fill(7)
const NO_TICKET = { hierarchy: RH.NULL, hmac: EMPTY }

/** Signs a message in one part. */
function signMessage(d: Driver, keyHandle: number, message: Bytes, context: Bytes = EMPTY): Signature {
  const { handle } = d.ok(SignSequenceStart, { keyHandle }, { auth: EMPTY, context }, [])
  const handles = { sequenceHandle: handle as number, keyHandle }
  return d.ok(SignSequenceComplete, handles, { buffer: message }).returns.signature as Signature
}
/** Verifies it in two. @returns the return code, the ticket */
function verifyMessage(d: Driver, keyHandle: number, message: Bytes, signature: Signature, context: Bytes = EMPTY) {
  const start = d.ok(VerifySequenceStart, { keyHandle }, { auth: EMPTY, hint: EMPTY, context }, [])
  const sequenceHandle = start.handle as number
  for (const buffer of [message.slice(0, 4), message.slice(4)]) d.ok(SequenceUpdate, { sequenceHandle }, { buffer })
  const rc = d.fails(VerifySequenceComplete, { sequenceHandle, keyHandle }, { signature })
  if (rc !== 'TPM_RC_SUCCESS') d.ok(FlushContext, {}, { flushHandle: sequenceHandle })
  return rc
}

const KEYS: readonly (readonly [string, Public, number])[] = [
  ...[1, 2, 3].map(set => [`ML-DSA set ${set}`, mldsa(set), ALG.NULL] as const),
  ...[1, 2, 3].flatMap(set =>
    [ALG.SHA256, ALG.SHA384, ALG.SHA512].map(
      alg => [`HashML-DSA set ${set}, hash 0x${alg.toString(16)}`, hashMldsa(set, alg), alg] as const,
    ),
  ),
  ['ECDSA P-256', ecc(ALG.ECDSA), ALG.SHA256],
  ['ECDSA P-384', ecc(ALG.ECDSA, CURVE.NIST_P384), ALG.SHA384],
  ['HMAC', hmacKey(), ALG.SHA256],
]

describe.each(KEYS)('messages: %s', (_, template, alg) => {
  const d = Driver.started()
  const key = create(d, template).handle
  const pqc = template.type === ALG.MLDSA || template.type === ALG.HASH_MLDSA

  it('sign and verify, with a context where there is one, also of an empty message', () => {
    for (const context of pqc ? [EMPTY, utf8('ctx'), new Uint8Array(255)] : [EMPTY]) {
      for (const message of [EMPTY, MESSAGE]) {
        const signature = signMessage(d, key, message, context)
        expect(verifyMessage(d, key, message, signature, context)).toBe('TPM_RC_SUCCESS')
        expect(verifyMessage(d, key, utf8('another'), signature, context)).toBe('TPM_RC_SIGNATURE, parameter 1')
        if (pqc) expect(verifyMessage(d, key, message, signature, utf8('x'))).toBe('TPM_RC_SIGNATURE, parameter 1')
      }
    }
  })

  it('a context is for ML-DSA only, a hint for none of these', () => {
    const wanted = pqc ? 'TPM_RC_SUCCESS' : 'TPM_RC_SIZE, parameter 2'
    expect(d.fails(SignSequenceStart, { keyHandle: key }, { auth: EMPTY, context: MESSAGE }, [])).toBe(wanted)
    if (pqc) d.ok(FlushContext, {}, { flushHandle: key + 1 })
    const hint = { auth: EMPTY, hint: MESSAGE, context: EMPTY }
    expect(d.fails(VerifySequenceStart, { keyHandle: key }, hint, [])).toBe('TPM_RC_SIZE, parameter 2')
  })

  it('signatures are hedged: two of one message differ, but not HMACs', () => {
    const two = [signMessage(d, key, MESSAGE), signMessage(d, key, MESSAGE)]
    expect(JSON.stringify(two[0]) === JSON.stringify(two[1])).toBe(template.type === ALG.KEYEDHASH)
  })

  it('the ticket is an HMAC over tag, message and Name of the key with the proof of its hierarchy', () => {
    const { name } = d.tpm.objects[0] as { name: Bytes }
    const signature = signMessage(d, key, MESSAGE)
    const { handle } = d.ok(VerifySequenceStart, { keyHandle: key }, { auth: EMPTY, hint: EMPTY, context: EMPTY }, [])
    const sequenceHandle = handle as number
    d.ok(SequenceUpdate, { sequenceHandle }, { buffer: MESSAGE })
    const { validation } = d.ok(VerifySequenceComplete, { sequenceHandle, keyHandle: key }, { signature }).returns
    const proof = d.tpm.hierarchies.owner.proof
    expect(validation).toEqual({
      tag: ST.MESSAGE_VERIFIED,
      hierarchy: RH.OWNER,
      hmac: hmac(ALG.SHA512, proof, be16(ST.MESSAGE_VERIFIED), MESSAGE, name),
    })
  })

  it('digests: where the scheme has them', () => {
    const digest = template.type === ALG.MLDSA ? MU : hash(alg, MESSAGE)
    const wanted =
      template.type === ALG.MLDSA
        ? 'TPM_RC_ATTRIBUTES, handle 1'
        : template.type === ALG.KEYEDHASH
          ? 'TPM_RC_SCHEME, handle 1'
          : 'TPM_RC_SUCCESS'
    const params = { context: EMPTY, digest, validation: NULL_CHECK }
    expect(d.fails(SignDigest, { keyHandle: key }, params)).toBe(wanted)
    if (wanted !== 'TPM_RC_SUCCESS') return
    const { signature } = d.ok(SignDigest, { keyHandle: key }, params).returns
    expect(verifyMessage(d, key, MESSAGE, signature as Signature)).toBe('TPM_RC_SUCCESS')
    const verify = (changed: object): string =>
      d.fails(VerifyDigestSignature, { keyHandle: key }, { context: EMPTY, digest, signature, ...changed }, [])
    expect(verify({})).toBe('TPM_RC_SUCCESS')
    expect(verify({ digest: hash(alg, EMPTY) })).toBe('TPM_RC_SIGNATURE, parameter 3')
    expect(verify({ digest: MU.slice(0, 20) })).toBe('TPM_RC_SIZE, parameter 2')
    const sha1 = { ...signature, hash: ALG.SHA1 }
    expect(verify({ signature: sha1 })).toBe('TPM_RC_SCHEME, parameter 3')
    const short = { ...params, digest: digest.slice(1) }
    expect(d.fails(SignDigest, { keyHandle: key }, short)).toBe('TPM_RC_SIZE, parameter 2')
    const context = pqc ? 'TPM_RC_SUCCESS' : 'TPM_RC_SIZE, parameter 1'
    expect(d.fails(SignDigest, { keyHandle: key }, { ...params, context: utf8('ctx') })).toBe(context)
    const { validation } = d.ok(
      VerifyDigestSignature,
      { keyHandle: key },
      { context: EMPTY, digest, signature },
      [],
    ).returns
    const { name } = d.tpm.objects[0] as { name: Bytes }
    const proof = d.tpm.hierarchies.owner.proof
    expect(validation).toEqual({
      tag: ST.DIGEST_VERIFIED,
      hierarchy: RH.OWNER,
      metadata: alg,
      hmac: hmac(ALG.SHA512, proof, be16(ST.DIGEST_VERIFIED), digest, name, be16(alg)),
    })
  })
})

describe('external mu', () => {
  const d = Driver.started()
  const key = create(d, mldsa(2, YES)).handle
  const params = { context: EMPTY, digest: MU, validation: NULL_CHECK }

  it('is 64 octets that stand for the message; its context is in it', () => {
    const { signature } = d.ok(SignDigest, { keyHandle: key }, params).returns
    const r = d.ok(VerifyDigestSignature, { keyHandle: key }, { context: EMPTY, digest: MU, signature }, []).returns
    expect(r.validation).toMatchObject({ tag: ST.DIGEST_VERIFIED, metadata: ALG.SHAKE256_512 })
    expect(d.fails(SignDigest, { keyHandle: key }, { ...params, digest: MU.slice(1) })).toBe('TPM_RC_SIZE, parameter 2')
    expect(d.fails(SignDigest, { keyHandle: key }, { ...params, context: utf8('c') })).toBe('TPM_RC_SIZE, parameter 1')
  })

  it('a key that does not allow it refuses', () => {
    const other = create(d, mldsa(2, NO)).handle
    const { signature } = d.ok(SignDigest, { keyHandle: key }, params).returns
    expect(d.fails(SignDigest, { keyHandle: other }, params)).toBe('TPM_RC_ATTRIBUTES, handle 1')
    const verify = { context: EMPTY, digest: MU, signature }
    expect(d.fails(VerifyDigestSignature, { keyHandle: other }, verify, [])).toBe('TPM_RC_ATTRIBUTES, handle 1')
  })
})

describe('the commands before version 1.85', () => {
  const digest = hash(ALG.SHA256, MESSAGE)
  const ecdsa = { scheme: ALG.ECDSA, hashAlg: ALG.SHA256 } as const
  const sign = (d: Driver, keyHandle: number, more: object = {}) =>
    d.run(Sign, { keyHandle }, { digest, inScheme: NULL_SCHEME, validation: NULL_CHECK, ...more })
  const code = (d: Driver, keyHandle: number, more: object = {}): string =>
    d.fails(Sign, { keyHandle }, { digest, inScheme: NULL_SCHEME, validation: NULL_CHECK, ...more })

  it.each([
    ['ECDSA', ecc(ALG.ECDSA), {}],
    ['ECDSA of the command', ecc(ALG.NULL), { inScheme: ecdsa }],
    ['HMAC', hmacKey(), {}],
  ] as const)('%s signs and verifies a digest', (_, template, more) => {
    const d = Driver.started()
    const keyHandle = create(d, template).handle
    const signature = sign(d, keyHandle, more).returns?.signature as Signature
    const verify = (m: object) => d.fails(VerifySignature, { keyHandle }, { digest, signature, ...m }, [])
    expect(verify({})).toBe('TPM_RC_SUCCESS')
    expect(verify({ digest: hash(ALG.SHA256) })).toBe('TPM_RC_SIGNATURE, parameter 2')
    const { validation } = d.ok(VerifySignature, { keyHandle }, { digest, signature }, []).returns
    const { name } = d.tpm.objects[0] as { name: Bytes }
    const value = hmac(ALG.SHA512, d.tpm.hierarchies.owner.proof, be16(ST.VERIFIED), digest, name)
    expect(validation).toEqual({ tag: ST.VERIFIED, hierarchy: RH.OWNER, hmac: value })
  })

  it('schemes must fit the key and one another', () => {
    const d = Driver.started()
    const [bound, free, mac] = [ecc(ALG.ECDSA), ecc(ALG.NULL), hmacKey()].map(t => create(d, t).handle) as [
      number,
      number,
      number,
    ]
    const sha384 = { inScheme: { scheme: ALG.ECDSA, hashAlg: ALG.SHA384 } }
    expect(code(d, bound, sha384)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(code(d, free)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(code(d, free, { inScheme: { scheme: ALG.HMAC, hashAlg: ALG.SHA256 } })).toBe('TPM_RC_SCHEME, parameter 2')
    expect(code(d, free, sha384)).toBe('TPM_RC_SIZE, parameter 1')
    expect(code(d, mac, { inScheme: ecdsa })).toBe('TPM_RC_SCHEME, parameter 2')
    const signature = sign(d, bound).returns?.signature as Signature
    const verify = (keyHandle: number, other: object): string =>
      d.fails(VerifySignature, { keyHandle }, { digest, signature: { ...signature, ...other } as Signature }, [])
    // A public key can be loaded with any scheme: its own does not bind what it verifies.
    expect(verify(bound, { hash: ALG.SHA384 })).toBe('TPM_RC_SUCCESS')
    expect(verify(bound, { sigAlg: ALG.ECDAA })).toBe('TPM_RC_SCHEME, parameter 2')
    const rsa = { sigAlg: ALG.RSASSA, hash: ALG.SHA256, sig: digest }
    expect(verify(bound, rsa)).toBe('TPM_RC_SCHEME, parameter 2')
    expect(verify(mac, rsa)).toBe('TPM_RC_SCHEME, parameter 2')
    // A key without a scheme takes any signature of its type.
    expect(d.fails(VerifySignature, { keyHandle: free }, { digest, signature }, [])).toBe(
      'TPM_RC_SIGNATURE, parameter 2',
    )
  })

  it('an HMAC is verified with its secret only', () => {
    const d = Driver.started()
    const { handle, outPublic } = create(d, hmacKey())
    const signature = sign(d, handle).returns?.signature as Signature
    const keyHandle = load(d, outPublic)
    expect(d.fails(VerifySignature, { keyHandle }, { digest, signature }, [])).toBe('TPM_RC_HANDLE, handle 1')
    expect(verifyMessage(d, keyHandle, MESSAGE, signature)).toBe('TPM_RC_HANDLE, handle 2')
  })

  it('are not for post-quantum keys, nor for keys that do not sign', () => {
    const d = Driver.started()
    const signature: Signature = { sigAlg: ALG.HMAC, hmac: { hashAlg: ALG.SHA256, digest } }
    const secret = without(sealed(), OBJECT.sensitiveDataOrigin)
    for (const [t, data] of [[mldsa(1)], [hashMldsa(1)], [mlkem(1)], [secret, MESSAGE]] as const) {
      const keyHandle = create(d, t, { data: data ?? EMPTY }).handle
      expect(code(d, keyHandle)).toBe('TPM_RC_KEY, handle 1')
      expect(d.fails(VerifySignature, { keyHandle }, { digest, signature }, [])).toBe('TPM_RC_KEY, handle 1')
    }
  })
})

describe('keys that may not sign', () => {
  const start = (d: Driver, keyHandle: number): string =>
    d.fails(SignSequenceStart, { keyHandle }, { auth: EMPTY, context: EMPTY }, [])

  it('sequences need a signing key with a scheme', () => {
    const d = Driver.started()
    const sequence = d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.SHA256 }).handle as number
    expect(start(d, create(d, mlkem(1)).handle)).toBe('TPM_RC_KEY, handle 1')
    expect(start(d, sequence)).toBe('TPM_RC_KEY, handle 1')
    expect(start(d, create(d, ecc(ALG.NULL)).handle)).toBe('TPM_RC_SCHEME, handle 1')
  })

  it('x509sign keys sign no message and no digest, but verify', () => {
    const d = Driver.started()
    const keyHandle = create(d, withBits(hashMldsa(1), OBJECT.x509sign)).handle
    const digest = hash(ALG.SHA256, MESSAGE)
    const params = { context: EMPTY, digest, validation: NULL_CHECK }
    expect(d.fails(SignDigest, { keyHandle }, params)).toBe('TPM_RC_ATTRIBUTES, handle 1')
    const sequenceHandle = d.ok(SignSequenceStart, { keyHandle }, { auth: EMPTY, context: EMPTY }, []).handle as number
    const complete = d.fails(SignSequenceComplete, { sequenceHandle, keyHandle }, { buffer: MESSAGE })
    expect(complete).toBe('TPM_RC_ATTRIBUTES, handle 2')
    const signature: Signature = { sigAlg: ALG.HASH_MLDSA, hash: ALG.SHA256, signature: new Uint8Array(2420) }
    expect(d.fails(VerifyDigestSignature, { keyHandle }, { context: EMPTY, digest, signature }, [])).toBe(
      'TPM_RC_SIGNATURE, parameter 3',
    )
  })
})

describe('restricted keys', () => {
  const GENERATED = fromHex('ff544347')
  const restricted = (t: Public): Public => withBits(t, OBJECT.restricted)

  it.each([
    ['ML-DSA', mldsa(1)],
    ['HashML-DSA', hashMldsa(1)],
    ['ECDSA', ecc(ALG.ECDSA)],
  ] as const)('%s: no message that begins with TPM_GENERATED_VALUE, however it is cut', (_, template) => {
    const d = Driver.started()
    const keyHandle = create(d, restricted(template)).handle
    const signed = (...parts: readonly Bytes[]): string => {
      const { handle } = d.ok(SignSequenceStart, { keyHandle }, { auth: EMPTY, context: EMPTY }, [])
      const sequenceHandle = handle as number
      for (const buffer of parts.slice(0, -1)) d.ok(SequenceUpdate, { sequenceHandle }, { buffer })
      const rc = d.fails(SignSequenceComplete, { sequenceHandle, keyHandle }, { buffer: parts.at(-1) as Bytes })
      if (rc !== 'TPM_RC_SUCCESS') d.ok(FlushContext, {}, { flushHandle: sequenceHandle })
      return rc
    }
    expect(signed(concat(GENERATED, MESSAGE))).toBe('TPM_RC_VALUE, parameter 1')
    expect(signed(GENERATED.slice(0, 2), EMPTY, GENERATED.slice(2))).toBe('TPM_RC_VALUE, parameter 1')
    expect(signed(GENERATED.slice(0, 3))).toBe('TPM_RC_SUCCESS')
    expect(signed(EMPTY)).toBe('TPM_RC_SUCCESS')
    expect(signed(MESSAGE, GENERATED)).toBe('TPM_RC_SUCCESS')
  })

  it('HMAC keys sign digests with a ticket, and no sequence', () => {
    const d = Driver.started()
    const keyHandle = create(d, restricted(hmacKey())).handle
    const sequenceHandle = d.ok(SignSequenceStart, { keyHandle }, { auth: EMPTY, context: EMPTY }, []).handle as number
    const complete = d.fails(SignSequenceComplete, { sequenceHandle, keyHandle }, { buffer: MESSAGE })
    expect(complete).toBe('TPM_RC_ATTRIBUTES, handle 2')
    const { outHash, validation } = d.ok(Hash, {}, { data: MESSAGE, hashAlg: ALG.SHA256, hierarchy: RH.OWNER }).returns
    expect(d.fails(Sign, { keyHandle }, { digest: outHash, inScheme: NULL_SCHEME, validation })).toBe('TPM_RC_SUCCESS')
  })

  it.each([
    ['HashML-DSA', hashMldsa(1)],
    ['ECDSA', ecc(ALG.ECDSA)],
  ] as const)('%s: a digest needs the ticket of TPM2_Hash or of a hash sequence', (_, template) => {
    const d = Driver.started()
    const keyHandle = create(d, restricted(template)).handle
    const free = create(d, template).handle
    const { outHash: digest, validation } = d.ok(
      Hash,
      {},
      { data: MESSAGE, hashAlg: ALG.SHA256, hierarchy: RH.OWNER },
    ).returns
    const sign = (key: number, ticket: object, context: Bytes = EMPTY): string =>
      d.fails(SignDigest, { keyHandle: key }, { context, digest, validation: { ...validation, ...ticket } })
    expect(sign(keyHandle, {})).toBe('TPM_RC_SUCCESS')
    expect(sign(keyHandle, NULL_CHECK)).toBe('TPM_RC_TICKET, parameter 3')
    expect(sign(keyHandle, { hierarchy: RH.PLATFORM })).toBe('TPM_RC_TICKET, parameter 3')
    // What is given is checked for other keys too; what is not given is not missed.
    expect(sign(free, { hierarchy: RH.PLATFORM })).toBe('TPM_RC_TICKET, parameter 3')
    expect(sign(free, NULL_CHECK)).toBe('TPM_RC_SUCCESS')
    // An empty digest is no ticket, whatever hierarchy stands before it: Part 3, 20.5. FAPI writes the owner's.
    expect(sign(free, { digest: EMPTY })).toBe('TPM_RC_SUCCESS')
    expect(sign(keyHandle, { digest: EMPTY })).toBe('TPM_RC_TICKET, parameter 3')
    expect(sign(keyHandle, { tag: ST.CREATION })).toBe('TPM_RC_TAG, parameter 3')

    const sequenceHandle = d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.SHA256 }).handle as number
    d.ok(SequenceUpdate, { sequenceHandle }, { buffer: MESSAGE })
    const done = d.ok(SequenceComplete, { sequenceHandle }, { buffer: EMPTY, hierarchy: RH.ENDORSEMENT }).returns
    expect(sign(keyHandle, done.validation)).toBe('TPM_RC_SUCCESS')
    const unsafe = d.ok(
      Hash,
      {},
      { data: concat(GENERATED, MESSAGE), hashAlg: ALG.SHA256, hierarchy: RH.OWNER },
    ).returns
    expect(unsafe.validation).toEqual(NULL_CHECK)
  })

  it('ML-DSA keys sign no digest at all', () => {
    const d = Driver.started()
    const keyHandle = create(d, restricted(mldsa(1))).handle
    const params = { context: EMPTY, digest: MU, validation: NULL_CHECK }
    expect(d.fails(SignDigest, { keyHandle }, params)).toBe('TPM_RC_ATTRIBUTES, handle 1')
  })
})

describe('sequences', () => {
  const begin = (d: Driver, keyHandle: number, auth: Bytes = EMPTY): number =>
    d.ok(SignSequenceStart, { keyHandle }, { auth, context: EMPTY }, []).handle as number

  it('belong to the key of their start, wherever it is loaded', () => {
    const d = Driver.started()
    const [key, other] = [create(d, mldsa(1)).handle, create(d, mldsa(2)).handle]
    const sequenceHandle = begin(d, key)
    const complete = (keyHandle: number) =>
      d.fails(SignSequenceComplete, { sequenceHandle, keyHandle }, { buffer: MESSAGE })
    expect(complete(other)).toBe('TPM_RC_SIGN_CONTEXT_KEY, handle 2')
    const again = create(d, mldsa(1)).handle
    expect(complete(again)).toBe('TPM_RC_SUCCESS')
    const verify = d.ok(VerifySequenceStart, { keyHandle: key }, { auth: EMPTY, hint: EMPTY, context: EMPTY }, [])
    const signature: Signature = { sigAlg: ALG.MLDSA, signature: new Uint8Array(2420) }
    const handles = { sequenceHandle: verify.handle as number, keyHandle: other }
    expect(d.fails(VerifySequenceComplete, handles, { signature })).toBe('TPM_RC_SIGN_CONTEXT_KEY, handle 2')
  })

  it('of keys without a Name belong to the handle', () => {
    const d = Driver.started()
    const { outPublic } = create(d, mldsa(1))
    const nameless = { ...outPublic, nameAlg: ALG.NULL } as Public
    const [a, b] = [load(d, nameless), load(d, nameless)]
    const verify = d.ok(VerifySequenceStart, { keyHandle: a }, { auth: EMPTY, hint: EMPTY, context: EMPTY }, [])
    const sequenceHandle = verify.handle as number
    const signature = signMessage(d, 0x80000000, EMPTY)
    const complete = (keyHandle: number) =>
      d.fails(VerifySequenceComplete, { sequenceHandle, keyHandle }, { signature })
    expect(complete(b)).toBe('TPM_RC_SIGN_CONTEXT_KEY, handle 2')
    const r = d.ok(VerifySequenceComplete, { sequenceHandle, keyHandle: a }, { signature }).returns
    expect(r.validation).toEqual({ tag: ST.MESSAGE_VERIFIED, ...NO_TICKET })
  })

  it('are gone after success, and unchanged after failure', () => {
    const d = Driver.started()
    const keyHandle = create(d, hashMldsa(1)).handle
    const sequenceHandle = begin(d, keyHandle)
    const before = d.tpm.objects[1]
    const long = { buffer: new Uint8Array(PROFILES.crbscope.inputBuffer + 1) }
    expect(d.fails(SignSequenceComplete, { sequenceHandle, keyHandle }, long)).toBe('TPM_RC_SIZE, parameter 1')
    expect(d.fails(SequenceComplete, { sequenceHandle }, { buffer: EMPTY, hierarchy: RH.NULL })).toBe(
      'TPM_RC_MODE, handle 1',
    )
    expect(d.tpm.objects[1]).toBe(before)
    d.ok(SignSequenceComplete, { sequenceHandle, keyHandle }, { buffer: MESSAGE })
    expect(d.tpm.objects[1]).toBeUndefined()
    const { signature } = d.ok(
      SignDigest,
      { keyHandle },
      { context: EMPTY, digest: hash(ALG.SHA256), validation: NULL_CHECK },
    ).returns
    const verify = d.ok(VerifySequenceStart, { keyHandle }, { auth: EMPTY, hint: EMPTY, context: EMPTY }, [])
    const handles = { sequenceHandle: verify.handle as number, keyHandle }
    expect(d.fails(SignSequenceComplete, handles, { buffer: EMPTY })).toBe('TPM_RC_MODE, handle 1')
    const pure: Signature = { sigAlg: ALG.MLDSA, signature: new Uint8Array(2420) }
    expect(d.fails(VerifySequenceComplete, handles, { signature: pure })).toBe('TPM_RC_SCHEME, parameter 1')
    expect(d.fails(VerifySequenceComplete, handles, { signature: signature as Signature })).toBe('TPM_RC_SUCCESS')
    expect(d.tpm.objects.filter(o => o !== undefined)).toHaveLength(1)
  })

  it('have a password of their own; the key keeps its', () => {
    const d = Driver.started()
    const keyHandle = create(d, mldsa(1), { userAuth: utf8('key') }).handle
    const sequenceHandle = begin(d, keyHandle, utf8('seq'))
    const complete = (...words: string[]): string =>
      d.fails(
        SignSequenceComplete,
        { sequenceHandle, keyHandle },
        { buffer: EMPTY },
        words.map(w => password(utf8(w))),
      )
    expect(d.fails(SequenceUpdate, { sequenceHandle }, { buffer: MESSAGE })).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(complete('key', 'key')).toBe('TPM_RC_BAD_AUTH, session 1')
    expect(complete('seq', 'seq')).toBe('TPM_RC_AUTH_FAIL, session 2')
    expect(complete('seq')).toBe('TPM_RC_AUTH_MISSING')
    expect(complete('seq', 'key')).toBe('TPM_RC_SUCCESS')
  })

  it('a message is at most what the profile allows, over many updates', () => {
    const d = Driver.started({ ...PROFILES.crbscope, maxSequence: 6000 })
    const keyHandle = create(d, mldsa(1)).handle
    const sequenceHandle = begin(d, keyHandle)
    const buffer = new Uint8Array(3000)
    for (let i = 0; i < 2; i++) d.ok(SequenceUpdate, { sequenceHandle }, { buffer })
    expect(d.fails(SequenceUpdate, { sequenceHandle }, { buffer: Uint8Array.of(1) })).toBe('TPM_RC_MEMORY')
    expect(d.fails(SignSequenceComplete, { sequenceHandle, keyHandle }, { buffer: Uint8Array.of(1) })).toBe(
      'TPM_RC_MEMORY',
    )
    const { signature } = d.ok(SignSequenceComplete, { sequenceHandle, keyHandle }, { buffer: EMPTY }).returns
    expect(toHex((signature as { signature: Bytes }).signature).length).toBe(2 * 2420)
  })
})
