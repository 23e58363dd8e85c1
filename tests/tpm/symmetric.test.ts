// Symmetric keys: made, loaded, at work as ciphers and in MACs; event sequences. Part 3, 12.1, 15.2 to 15.6, 17.2, 17.3, 17.9.

import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { hash, hmac } from '../../src/crypto/hash.ts'
import { cmac } from '../../src/crypto/symmetric.ts'
import { type Bytes, concat, EMPTY, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { NO, YES } from '../../src/spec/codes.ts'
import {
  EventSequenceComplete,
  HashSequenceStart,
  MAC_Start,
  SequenceComplete,
  SequenceUpdate,
} from '../../src/spec/commands/sequence.ts'
import { EncryptDecrypt, EncryptDecrypt2, MAC } from '../../src/spec/commands/symmetric.ts'
import { RH } from '../../src/spec/handles.ts'
import type { Public, Sensitive } from '../../src/spec/keys.ts'
import { TWO_BANKS } from '../support/profiles.ts'
import { Driver } from '../support/driver.ts'
import { create, createFails, load, loadFails, OWNED, templates, withBits, without } from '../support/keys.ts'

const { hmacKey, ecc } = templates
const BOTH = OBJECT.sign | OBJECT.decrypt

const cipher = (keyBits: number, mode: number, use: number = BOTH): Public => ({
  nameAlg: ALG.SHA256,
  objectAttributes: OWNED | use,
  authPolicy: EMPTY,
  type: ALG.SYMCIPHER,
  parameters: { sym: { algorithm: ALG.AES, keyBits, mode } },
  unique: EMPTY,
})
const given = (t: Public): Public => without(t, OBJECT.sensitiveDataOrigin)
const KEY = Uint8Array.from({ length: 32 }, (_, i) => i)

/** A key from outside, with its unique value. */
const external = (t: Public, key: Bytes, seedValue: Bytes = new Uint8Array(32).fill(7)): [Public, Sensitive] => [
  {
    ...without(t, OBJECT.fixedTPM | OBJECT.fixedParent | OBJECT.sensitiveDataOrigin),
    unique: hash(ALG.SHA256, seedValue, key),
  } as Public,
  { sensitiveType: t.type, authValue: EMPTY, seedValue, sensitive: key } as Sensitive,
]

const MODES = [
  ['ctr', ALG.CTR, 16],
  ['ofb', ALG.OFB, 16],
  ['cbc', ALG.CBC, 16],
  ['cfb', ALG.CFB, 16],
  ['ecb', ALG.ECB, 0],
] as const

describe('TPM2_EncryptDecrypt2', () => {
  it.each(MODES.flatMap(m => [128, 192, 256].map(bits => [bits, ...m] as const)))(
    'AES-%i-%s agrees with OpenSSL, goes on with ivOut, and comes back',
    (bits, name, mode, ivSize) => {
      const d = Driver.started(TWO_BANKS)
      const key = KEY.slice(0, bits / 8)
      const { handle } = create(d, given(cipher(bits, ALG.NULL)), { data: key })
      const iv = new Uint8Array(ivSize).fill(9)
      const message = Uint8Array.from({ length: 96 }, (_, i) => 255 - i)
      const run = (inData: Bytes, ivIn: Bytes, decrypt: number) =>
        d.ok(EncryptDecrypt2, { keyHandle: handle }, { inData, decrypt, mode, ivIn }).returns
      const other = createCipheriv(`aes-${bits}-${name}`, key, ivSize > 0 ? iv : null).setAutoPadding(false)
      const wanted = other.update(message).toString('hex')
      const first = run(message.slice(0, 32), iv, NO)
      const second = run(message.slice(32), first.ivOut, NO)
      expect(toHex(concat(first.outData, second.outData))).toBe(wanted)
      expect(toHex(run(concat(first.outData, second.outData), iv, YES).outData)).toBe(toHex(message))
    },
  )

  it('TPM2_EncryptDecrypt does the same with its parameters in another order', () => {
    const d = Driver.started(TWO_BANKS)
    const { handle } = create(d, cipher(128, ALG.CBC))
    const params = { decrypt: NO, mode: ALG.NULL, ivIn: new Uint8Array(16), inData: new Uint8Array(16) }
    const a = d.ok(EncryptDecrypt, { keyHandle: handle }, params).returns
    const b = d.ok(EncryptDecrypt2, { keyHandle: handle }, params).returns
    expect(toHex(a.outData)).toBe(toHex(b.outData))
    expect(d.fails(EncryptDecrypt, { keyHandle: handle }, { ...params, ivIn: EMPTY })).toBe('TPM_RC_SIZE, parameter 3')
    expect(d.fails(EncryptDecrypt, { keyHandle: handle }, { ...params, inData: utf8('short') })).toBe(
      'TPM_RC_SIZE, parameter 4',
    )
  })

  const params = { inData: new Uint8Array(16), decrypt: NO, mode: ALG.NULL, ivIn: new Uint8Array(16) }
  it.each([
    ['a mode that is left open twice', cipher(128, ALG.NULL), {}, 'TPM_RC_MODE, parameter 3'],
    ['another mode than the key has', cipher(128, ALG.CFB), { mode: ALG.CBC }, 'TPM_RC_MODE, parameter 3'],
    ['a key for CMAC', cipher(128, ALG.CMAC, OBJECT.sign), {}, 'TPM_RC_MODE, parameter 3'],
    ['CMAC as a mode', cipher(128, ALG.NULL), { mode: ALG.CMAC }, 'TPM_RC_MODE, parameter 3'],
    ['an IV for ECB', cipher(128, ALG.ECB), {}, 'TPM_RC_SIZE, parameter 4'],
    ['a short IV', cipher(128, ALG.CTR), { ivIn: utf8('iv') }, 'TPM_RC_SIZE, parameter 4'],
    ['part of a block in CBC', cipher(128, ALG.CBC), { inData: utf8('x') }, 'TPM_RC_SIZE, parameter 1'],
    [
      'decryption with a key that encrypts',
      cipher(128, ALG.CFB, OBJECT.sign),
      { decrypt: YES },
      'TPM_RC_ATTRIBUTES, handle 1',
    ],
    ['encryption with a key that decrypts', cipher(128, ALG.CFB, OBJECT.decrypt), {}, 'TPM_RC_ATTRIBUTES, handle 1'],
    [
      'a storage key',
      cipher(128, ALG.CFB, OBJECT.decrypt | OBJECT.restricted),
      { decrypt: YES },
      'TPM_RC_ATTRIBUTES, handle 1',
    ],
    ['an HMAC key', hmacKey(), {}, 'TPM_RC_KEY, handle 1'],
  ] as const)('refuses %s', (_, template, more, wanted) => {
    const d = Driver.started(TWO_BANKS)
    const { handle } = create(d, template)
    expect(d.fails(EncryptDecrypt2, { keyHandle: handle }, { ...params, ...more })).toBe(wanted)
  })
})

describe('symmetric keys', () => {
  it('unique is the digest of seed and key', () => {
    const d = Driver.started(TWO_BANKS)
    const { handle, outPublic } = create(d, cipher(192, ALG.NULL))
    const slot = d.tpm.objects[handle - 0x80000000]
    if (slot?.kind !== 'object' || !slot.sensitive) throw new Error('not loaded')
    const { seedValue, sensitive } = slot.sensitive
    expect([seedValue.length, (sensitive as Bytes).length]).toEqual([32, 24])
    expect(toHex(outPublic.unique as Bytes)).toBe(toHex(hash(ALG.SHA256, seedValue, sensitive as Bytes)))
  })

  const template: readonly (readonly [string, Public, string, string?])[] = [
    ['a key that does nothing', cipher(128, ALG.CFB, 0), 'TPM_RC_ATTRIBUTES, parameter 2'],
    ['restricted with both uses', cipher(128, ALG.CFB, BOTH | OBJECT.restricted), 'TPM_RC_ATTRIBUTES, parameter 2'],
    ['a storage key not in CFB', cipher(128, ALG.CTR, OBJECT.decrypt | OBJECT.restricted), 'TPM_RC_MODE, parameter 2'],
    ['CMAC that decrypts', cipher(128, ALG.CMAC), 'TPM_RC_SCHEME, parameter 2'],
    ['x509sign', withBits(cipher(128, ALG.CFB), OBJECT.x509sign), 'TPM_RC_ATTRIBUTES, parameter 2'],
    ['a given key that is too long', given(cipher(128, ALG.CFB)), 'TPM_RC_SIZE, parameter 1', 'x'.repeat(17)],
    ['a given key that is too short', given(cipher(128, ALG.CFB)), 'TPM_RC_KEY_SIZE', 'x'.repeat(15)],
    ['a given key that the TPM makes', cipher(128, ALG.CFB), 'TPM_RC_ATTRIBUTES, parameter 2', 'x'.repeat(16)],
    ['a storage key', cipher(128, ALG.CFB, OBJECT.decrypt | OBJECT.restricted), 'TPM_RC_SUCCESS'],
    ['a CMAC key', cipher(128, ALG.CMAC, OBJECT.sign), 'TPM_RC_SUCCESS'],
  ]
  it.each(template.map(([name, t, wanted, data]) => [name, t, wanted, data ?? ''] as const))(
    '%s',
    (_, t, wanted, data) => {
      expect(createFails(Driver.started(TWO_BANKS), t, { data: utf8(data) })).toBe(wanted)
    },
  )

  it('come from outside with their private part, which must fit', () => {
    const d = Driver.started(TWO_BANKS)
    const [p, s] = external(cipher(256, ALG.NULL), KEY)
    expect(load(d, p, s)).toBe(0x80000000)
    expect(load(d, { ...p, nameAlg: ALG.NULL } as Public, s)).toBe(0x80000001)
    expect(loadFails(d, ...external(cipher(128, ALG.NULL), KEY))).toBe('TPM_RC_KEY_SIZE, parameter 1')
    expect(loadFails(d, { ...p, unique: hash(ALG.SHA256) } as Public, s)).toBe('TPM_RC_BINDING')
    expect(loadFails(d, { ...p, unique: EMPTY } as Public, undefined, RH.OWNER)).toBe('TPM_RC_KEY, parameter 2')
  })
})

describe('TPM2_MAC', () => {
  const message = utf8('what is authenticated')
  const mac = (d: Driver, handle: number, inScheme: number) =>
    d.ok(MAC, { handle }, { buffer: message, inScheme }).returns.outMAC

  it('HMAC with the hash of the key, or with the one that is given', () => {
    const d = Driver.started(TWO_BANKS)
    const fixed = create(d, given(hmacKey(ALG.SHA384)), { data: KEY }).handle
    expect(toHex(mac(d, fixed, ALG.NULL))).toBe(toHex(hmac(ALG.SHA384, KEY, message)))
    expect(toHex(mac(d, fixed, ALG.SHA384))).toBe(toHex(hmac(ALG.SHA384, KEY, message)))
    expect(d.fails(MAC, { handle: fixed }, { buffer: message, inScheme: ALG.SHA256 })).toBe('TPM_RC_VALUE, parameter 2')
    const t = given(withBits(hmacKey(), OBJECT.decrypt)) as Extract<Public, { type: typeof ALG.KEYEDHASH }>
    const open = create(d, { ...t, parameters: { scheme: { scheme: ALG.NULL } } }, { data: KEY }).handle
    expect(toHex(mac(d, open, ALG.SHA1))).toBe(toHex(hmac(ALG.SHA1, KEY, message)))
    expect(d.fails(MAC, { handle: open }, { buffer: message, inScheme: ALG.NULL })).toBe('TPM_RC_VALUE, parameter 2')
    expect(d.fails(MAC, { handle: open }, { buffer: message, inScheme: ALG.CMAC })).toBe('TPM_RC_VALUE, parameter 2')
  })

  it('CMAC with a cipher', () => {
    const d = Driver.started(TWO_BANKS)
    const key = KEY.slice(0, 16)
    const fixed = create(d, given(cipher(128, ALG.CMAC, OBJECT.sign)), { data: key }).handle
    const open = create(d, given(cipher(128, ALG.NULL)), { data: key }).handle
    expect(toHex(mac(d, fixed, ALG.NULL))).toBe(toHex(cmac(ALG.AES, key, message)))
    expect(toHex(mac(d, open, ALG.CMAC))).toBe(toHex(cmac(ALG.AES, key, message)))
    expect(d.fails(MAC, { handle: open }, { buffer: message, inScheme: ALG.SHA256 })).toBe('TPM_RC_VALUE, parameter 2')
  })

  it.each([
    ['a key of another type', ecc(ALG.ECDSA), 'TPM_RC_TYPE, handle 1'],
    ['a restricted key', withBits(hmacKey(), OBJECT.restricted), 'TPM_RC_ATTRIBUTES, handle 1'],
    ['a key that does not sign', cipher(128, ALG.NULL, OBJECT.decrypt), 'TPM_RC_KEY, handle 1'],
    ['a cipher in another mode', cipher(128, ALG.CFB), 'TPM_RC_VALUE, parameter 2'],
  ] as const)('refuses %s', (_, template, wanted) => {
    const d = Driver.started(TWO_BANKS)
    const { handle } = create(d, template)
    expect(d.fails(MAC, { handle }, { buffer: message, inScheme: ALG.NULL })).toBe(wanted)
    expect(d.fails(MAC_Start, { handle }, { auth: EMPTY, inScheme: ALG.NULL })).toBe(wanted)
  })

  it('in a sequence, which needs its own password and gives no ticket', () => {
    const d = Driver.started(TWO_BANKS)
    for (const [template, key, wanted] of [
      [given(hmacKey()), KEY, hmac(ALG.SHA256, KEY, message)],
      [given(cipher(128, ALG.CMAC, OBJECT.sign)), KEY.slice(0, 16), cmac(ALG.AES, KEY.slice(0, 16), message)],
    ] as const) {
      const { handle } = create(d, template, { data: key })
      const sequenceHandle = d.ok(MAC_Start, { handle }, { auth: EMPTY, inScheme: ALG.NULL }).handle as number
      d.ok(SequenceUpdate, { sequenceHandle }, { buffer: message.slice(0, 5) })
      const last = { buffer: message.slice(5), hierarchy: RH.OWNER }
      const { result, validation } = d.ok(SequenceComplete, { sequenceHandle }, last).returns
      expect(toHex(result)).toBe(toHex(wanted))
      expect(validation.hierarchy).toBe(RH.NULL)
      expect(d.tpm.objects[sequenceHandle - 0x80000000]).toBeUndefined()
    }
  })
})

describe('TPM2_EventSequenceComplete', () => {
  const start = (d: Driver, hashAlg: number): number =>
    d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg }).handle as number

  it('extends a PCR with the digests of the whole event', () => {
    const d = Driver.started(TWO_BANKS)
    const sequenceHandle = start(d, ALG.NULL)
    d.ok(SequenceUpdate, { sequenceHandle }, { buffer: utf8('an ') })
    const handles = { pcrHandle: 16, sequenceHandle }
    const { results } = d.ok(EventSequenceComplete, handles, { buffer: utf8('event') }).returns
    // Part 3, 17.9: of each implemented hash algorithm, whether its bank has the PCR or not.
    expect(results).toEqual(
      [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512].map(hashAlg => ({
        hashAlg,
        digest: hash(hashAlg, utf8('an event')),
      })),
    )
    const digest = hash(ALG.SHA256, utf8('an event'))
    expect(toHex(d.tpm.pcrs.banks[0]?.values[16] as Bytes)).toBe(toHex(hash(ALG.SHA256, new Uint8Array(32), digest)))
    expect(d.tpm.objects.every(o => o === undefined)).toBe(true)
  })

  it('or none; a hash sequence is refused, and a PCR of another locality', () => {
    const d = Driver.started(TWO_BANKS)
    const before = d.tpm.pcrs
    const event = start(d, ALG.NULL)
    const complete = (pcrHandle: number, sequenceHandle: number) =>
      d.fails(EventSequenceComplete, { pcrHandle, sequenceHandle }, { buffer: EMPTY })
    expect(complete(16, start(d, ALG.SHA256))).toBe('TPM_RC_MODE, handle 2')
    expect(complete(17, event)).toBe('TPM_RC_LOCALITY')
    expect(complete(RH.NULL, event)).toBe('TPM_RC_SUCCESS')
    expect(d.tpm.pcrs).toBe(before)
  })
})
