// AES modes against NIST SP 800-38A (appendix F) and CMAC against RFC 4493; splitting a message changes nothing.

import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { draw, drbg } from '../../src/crypto/drbg.ts'
import { aes, aesMac, cfbDecrypt, cfbEncrypt, ivSize } from '../../src/crypto/symmetric.ts'
import { xorObfuscation } from '../../src/crypto/kdf.ts'
import { type Bytes, concat, fromHex, raw, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'

const KEY = fromHex('2b7e151628aed2a6abf7158809cf4f3c')
const IV = fromHex('000102030405060708090a0b0c0d0e0f')
const COUNTER = fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
const PLAIN = fromHex(
  '6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51' +
    '30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710',
)

/** Mode, name for OpenSSL, IV, first block of SP 800-38A with the key of 128 bits. */
const MODES = [
  [ALG.ECB, 'ecb', new Uint8Array(0), '3ad77bb40d7a3660a89ecaf32466ef97'],
  [ALG.CBC, 'cbc', IV, '7649abac8119b246cee98e9b12e9197d'],
  [ALG.CFB, 'cfb', IV, '3b3fd92eb72dad20333449f8e83cfb4a'],
  [ALG.OFB, 'ofb', IV, '3b3fd92eb72dad20333449f8e83cfb4a'],
  [ALG.CTR, 'ctr', COUNTER, '874d6191b620e3261bef6864990db6ce'],
] as const

describe('AES', () => {
  it.each(MODES)('mode %#x (%s) gives the published block, and comes back', (mode, _, iv, first) => {
    const { data } = aes(mode, KEY, false, iv, PLAIN)
    expect(toHex(data.slice(0, 16))).toBe(first)
    expect(toHex(aes(mode, KEY, true, iv, data).data)).toBe(toHex(PLAIN))
  })

  /** Keys, IVs and data of all sizes, from one seed. */
  const cases = Array.from({ length: 60 }, (_, i) => {
    const [all] = draw(drbg(utf8(`case ${i}`)), 256)
    const size = [16, 24, 32][i % 3] as number
    return { key: raw(all.slice(0, size)), iv: raw(all.slice(32, 48)), data: raw(all.slice(48, 48 + 3 * i)), i }
  })

  it.each(MODES)('mode %#x (%s) agrees with OpenSSL, whole and in two parts', (mode, name) => {
    for (const { key, iv: nonce, data, i } of cases) {
      const iv = raw(nonce.slice(0, ivSize(mode)))
      const message = data.slice(0, data.length - (data.length % 16))
      const other = createCipheriv(`aes-${8 * key.length}-${name}`, key, iv.length > 0 ? iv : null)
      const wanted = other.setAutoPadding(false).update(message).toString('hex')
      const at = 16 * (i % (1 + message.length / 16))
      for (const [input, decrypt] of [
        [message as Bytes, false],
        [fromHex(wanted), true],
      ] as const) {
        const a = aes(mode, key, decrypt, iv, input.slice(0, at))
        const b = aes(mode, key, decrypt, a.iv, input.slice(at))
        expect(toHex(concat(a.data, b.data))).toBe(decrypt ? toHex(message) : wanted)
        expect(toHex(aes(mode, key, decrypt, iv, input).iv)).toBe(toHex(b.iv))
      }
    }
  })

  it('CFB of data of any length agrees with OpenSSL', () => {
    for (const { key, iv, data } of cases) {
      const out = cfbEncrypt(key, iv, data)
      expect(toHex(out)).toBe(
        createCipheriv(`aes-${8 * key.length}-cfb`, key, iv)
          .update(data)
          .toString('hex'),
      )
      expect(toHex(cfbDecrypt(key, iv, out))).toBe(toHex(data))
    }
  })

  it('never writes to what it was given', () => {
    const data = Uint8Array.from(PLAIN as unknown as Uint8Array)
    for (const [mode, , iv] of MODES) aes(mode, KEY, false, iv, data)
    expect(toHex(data)).toBe(toHex(PLAIN))
    expect(toHex(COUNTER)).toBe('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
  })

  it.each([
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ])('CMAC over %d octets as in RFC 4493', (n, mac) => {
    expect(toHex(aesMac(KEY, PLAIN.slice(0, n)))).toBe(mac)
  })
})

describe('XOR obfuscation', () => {
  it('is its own inverse and depends on every argument', () => {
    const data = utf8('a parameter that is longer than one digest of the hash')
    const hide = (key: string, u: string, v: string) => xorObfuscation(ALG.SHA256, utf8(key), utf8(u), utf8(v), data)
    const out = hide('key', 'new', 'old')
    expect(toHex(xorObfuscation(ALG.SHA256, utf8('key'), utf8('new'), utf8('old'), out))).toBe(toHex(data))
    const all = [out, hide('kez', 'new', 'old'), hide('key', 'nev', 'old'), hide('key', 'new', 'olc')]
    expect(new Set(all.map(toHex)).size).toBe(4)
  })
})
