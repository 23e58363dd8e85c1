// TPM2_Encapsulate and TPM2_Decapsulate. Part 3, 14.10 and 14.11.

import { describe, expect, it } from 'vitest'
import { mlkemDecapsulate, mlkemEncapsulate } from '../../src/crypto/mlkem.ts'
import { type Bytes, concat, EMPTY, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { Decapsulate, Encapsulate } from '../../src/spec/commands/asymmetric.ts'
import { HashSequenceStart } from '../../src/spec/commands/sequence.ts'
import { password } from '../../src/spec/frame.ts'
import type { Public } from '../../src/spec/keys.ts'
import { MLKEM_SIZES } from '../../src/spec/pqc.ts'
import type { LoadedObject } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'
import { create, createFails, load, templates, withBits, without } from '../support/keys.ts'

const { mlkem, mldsa, ecc, eccKem } = templates
const AES128 = { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB } as const
const storage = (set: number): Public =>
  withBits(
    {
      ...mlkem(set),
      parameters: { symmetric: AES128, parameterSet: set },
    } as Public,
    OBJECT.restricted,
  )

describe.each([1, 2, 3])('ML-KEM set %i', set => {
  it('the secret comes back out of the ciphertext, each time another one', () => {
    const d = Driver.started()
    const { handle: keyHandle, outPublic } = create(d, mlkem(set))
    const made = [0, 1].map(() => d.ok(Encapsulate, { keyHandle }, {}, []).returns)
    for (const { sharedSecret, ciphertext } of made) {
      expect([sharedSecret.length, ciphertext.length]).toEqual([32, MLKEM_SIZES[set]?.ciphertext])
      const back = d.ok(Decapsulate, { keyHandle }, { ciphertext }).returns
      expect(toHex(back.sharedSecret)).toBe(toHex(sharedSecret))
    }
    expect(toHex(made[0]?.sharedSecret as Bytes)).not.toBe(toHex(made[1]?.sharedSecret as Bytes))
    // And with what others encapsulate to the public key.
    const other = mlkemEncapsulate(set, outPublic.unique as Bytes, new Uint8Array(32))
    const { sharedSecret } = d.ok(Decapsulate, { keyHandle }, { ciphertext: other.ciphertext }).returns
    expect(toHex(sharedSecret)).toBe(toHex(other.secret))
  })

  it('a changed ciphertext succeeds with the secret of implicit rejection; one of another length fails', () => {
    const d = Driver.started()
    const keyHandle = create(d, mlkem(set)).handle
    const { sharedSecret, ciphertext } = d.ok(Encapsulate, { keyHandle }, {}, []).returns
    const changed = Uint8Array.from(raw(ciphertext))
    changed[0] = (changed[0] as number) ^ 1
    const rejected = d.ok(Decapsulate, { keyHandle }, { ciphertext: changed }).returns.sharedSecret
    const dz = (d.tpm.objects[0] as LoadedObject).sensitive?.sensitive as Bytes
    expect(toHex(rejected)).toBe(toHex(mlkemDecapsulate(set, dz, changed)))
    expect(toHex(rejected)).not.toBe(toHex(sharedSecret))
    for (const bad of [EMPTY, ciphertext.slice(1)]) {
      expect(d.fails(Decapsulate, { keyHandle }, { ciphertext: bad })).toBe('TPM_RC_SIZE, parameter 1')
    }
  })

  it('a storage key takes secrets for its own commands only', () => {
    const d = Driver.started()
    const keyHandle = create(d, storage(set)).handle
    const { ciphertext } = d.ok(Encapsulate, { keyHandle }, {}, []).returns
    expect(d.fails(Decapsulate, { keyHandle }, { ciphertext })).toBe('TPM_RC_ATTRIBUTES, handle 1')
  })

  it('a public key alone is enough to encapsulate, whatever its attributes', () => {
    const d = Driver.started()
    const { outPublic, handle } = create(d, mlkem(set))
    const keyHandle = load(d, { ...outPublic, objectAttributes: 0 } as Public)
    const { sharedSecret, ciphertext } = d.ok(Encapsulate, { keyHandle }, {}, []).returns
    const back = d.ok(Decapsulate, { keyHandle: handle }, { ciphertext }).returns
    expect(toHex(back.sharedSecret)).toBe(toHex(sharedSecret))
  })
})

describe.each([
  ['P-256', CURVE.NIST_P256, ALG.SHA256, 32],
  ['P-384', CURVE.NIST_P384, ALG.SHA384, 48],
] as const)('DHKEM with %s', (_, curve, alg, size) => {
  it('the secret comes back out of the ephemeral public key, which must be a point', () => {
    const d = Driver.started()
    const { handle: keyHandle, outPublic } = create(d, eccKem(curve, alg))
    const { sharedSecret, ciphertext } = d.ok(Encapsulate, { keyHandle }, {}, []).returns
    expect([sharedSecret.length, ciphertext.length, ciphertext[0]]).toEqual([size, 1 + 2 * size, 4])
    expect(toHex(d.ok(Decapsulate, { keyHandle }, { ciphertext }).returns.sharedSecret)).toBe(toHex(sharedSecret))
    const alone = load(d, outPublic)
    const other = d.ok(Encapsulate, { keyHandle: alone }, {}, []).returns
    expect(toHex(d.ok(Decapsulate, { keyHandle }, other).returns.sharedSecret)).toBe(toHex(other.sharedSecret))
    expect(toHex(other.sharedSecret)).not.toBe(toHex(sharedSecret))
    const moved = concat(ciphertext.slice(0, 1), ciphertext.slice(1 + size), ciphertext.slice(1, 1 + size))
    const compressed = concat(Uint8Array.of(2), ciphertext.slice(1))
    for (const bad of [EMPTY, ciphertext.slice(1), compressed, moved]) {
      expect(d.fails(Decapsulate, { keyHandle }, { ciphertext: bad })).toBe('TPM_RC_ECC_POINT, parameter 1')
    }
  })

  it('the key derivation function must be that of the curve, on a key for ECDH that is not restricted', () => {
    const d = Driver.started()
    const wrong = alg === ALG.SHA256 ? ALG.SHA384 : ALG.SHA256
    const p = eccKem(curve, alg)
    const storage = withBits(
      { ...p, parameters: { ...p.parameters, scheme: { scheme: ALG.NULL }, symmetric: AES128 } } as Public,
      OBJECT.restricted,
    )
    const free = { ...p, parameters: { ...p.parameters, scheme: { scheme: ALG.NULL } } } as Public
    const signs = { ...without(withBits(free, OBJECT.sign), OBJECT.decrypt) } as Public
    for (const t of [eccKem(curve, wrong), storage, free, signs]) {
      expect(createFails(d, t)).toBe('TPM_RC_KDF, parameter 2')
    }
  })
})

it('other keys, and sequences, are no KEM keys', () => {
  const d = Driver.started()
  const sequence = d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.SHA256 }).handle as number
  const handles = [create(d, mldsa(1)).handle, create(d, ecc(ALG.ECDSA)).handle, sequence]
  for (const keyHandle of handles) {
    expect(d.fails(Encapsulate, { keyHandle }, {}, [])).toBe('TPM_RC_KEY, handle 1')
    expect(d.fails(Decapsulate, { keyHandle }, { ciphertext: new Uint8Array(768) })).toBe('TPM_RC_KEY, handle 1')
  }
})

it('decapsulation needs the password of the key, trailing zeros or not', () => {
  const d = Driver.started()
  const keyHandle = create(d, mlkem(1), { userAuth: utf8('pw\0\0') }).handle
  const { ciphertext } = d.ok(Encapsulate, { keyHandle }, {}, []).returns
  const given = (word: string): string => d.fails(Decapsulate, { keyHandle }, { ciphertext }, [password(utf8(word))])
  expect([given('pw'), given('pw\0'), given('pw ')]).toEqual([
    'TPM_RC_SUCCESS',
    'TPM_RC_SUCCESS',
    'TPM_RC_AUTH_FAIL, session 1',
  ])
})
