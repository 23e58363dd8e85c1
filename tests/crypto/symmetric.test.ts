// AES modes against NIST SP 800-38A (appendix F) and CMAC against RFC 4493; Camellia against RFC 3713 (appendix A); all
// ciphers against OpenSSL; splitting a message changes nothing.

import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isStrong, withOddParity } from '../../src/crypto/des.ts'
import { draw, drbg } from '../../src/crypto/drbg.ts'
import { blockOf, cfbDecrypt, cfbEncrypt, cmac, encipher, ivSize } from '../../src/crypto/symmetric.ts'
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
    const { data } = encipher(ALG.AES, mode, KEY, false, iv, PLAIN)
    expect(toHex(data.slice(0, 16))).toBe(first)
    expect(toHex(encipher(ALG.AES, mode, KEY, true, iv, data).data)).toBe(toHex(PLAIN))
  })

  it('never writes to what it was given', () => {
    const data = Uint8Array.from(PLAIN as unknown as Uint8Array)
    for (const [mode, , iv] of MODES) encipher(ALG.AES, mode, KEY, false, iv, data)
    expect(toHex(data)).toBe(toHex(PLAIN))
    expect(toHex(COUNTER)).toBe('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
  })

  it.each([
    [0, 'bb1d6929e95937287fa37d129b756746'],
    [16, '070a16b46b4d4144f79bdd9dd04a287c'],
    [40, 'dfa66747de9ae63030ca32611497c827'],
    [64, '51f0bebf7e3b9d92fc49741779363cfe'],
  ])('CMAC over %d octets as in RFC 4493', (n, mac) => {
    expect(toHex(cmac(ALG.AES, KEY, PLAIN.slice(0, n)))).toBe(mac)
  })
})

describe.each([
  [ALG.AES, ['aes-128', 'aes-192', 'aes-256']],
  [ALG.CAMELLIA, ['camellia-128', 'camellia-192', 'camellia-256']],
  [ALG.TDES, ['des-ede', 'des-ede3']],
] as const)('cipher %#x (%j)', (alg, names) => {
  /** Keys, IVs and data of all sizes, from one seed. */
  const cases = Array.from({ length: 60 }, (_, i) => {
    const [all] = draw(drbg(utf8(`case ${i}`)), 256)
    const n = i % names.length
    const iv = raw(all.slice(32, 32 + blockOf(alg)))
    return { cipher: names[n], key: raw(all.slice(0, 16 + 8 * n)), iv, data: raw(all.slice(48, 48 + 3 * i)), i }
  })

  // OpenSSL has no counter mode of DES: there the key stream is made in ECB mode.
  const openssl = (cipher: string | undefined, name: string, key: Uint8Array, iv: Uint8Array, message: Uint8Array) => {
    const byHand = name === 'ctr' && alg === ALG.TDES
    const other = createCipheriv(`${cipher}-${byHand ? 'ecb' : name}`, key, byHand || iv.length === 0 ? null : iv)
    other.setAutoPadding(false)
    if (!byHand) return other.update(message).toString('hex')
    const start = BigInt(`0x${Buffer.from(iv).toString('hex')}`)
    const blocks = Array.from({ length: message.length / 8 }, (_, n) => {
      const counter = BigInt.asUintN(64, start + BigInt(n))
        .toString(16)
        .padStart(16, '0')
      return other.update(Buffer.from(counter, 'hex'))
    })
    return toHex(Uint8Array.from(Buffer.concat(blocks), (x, n) => x ^ (message[n] as number)))
  }

  it.each(MODES)('mode %#x (%s) agrees with OpenSSL, whole and in two parts', (mode, name) => {
    for (const { cipher, key, iv: nonce, data, i } of cases) {
      const iv = raw(nonce.slice(0, ivSize(mode, alg)))
      const message = data.slice(0, data.length - (data.length % 16))
      const wanted = openssl(cipher, name, key, iv, message)
      const at = 16 * (i % (1 + message.length / 16))
      for (const [input, decrypt] of [
        [message as Bytes, false],
        [fromHex(wanted), true],
      ] as const) {
        const a = encipher(alg, mode, key, decrypt, iv, input.slice(0, at))
        const b = encipher(alg, mode, key, decrypt, a.iv, input.slice(at))
        expect(toHex(concat(a.data, b.data))).toBe(decrypt ? toHex(message) : wanted)
        expect(toHex(encipher(alg, mode, key, decrypt, iv, input).iv)).toBe(toHex(b.iv))
      }
    }
  })

  it('CFB of data of any length agrees with OpenSSL', () => {
    for (const { cipher, key, iv, data } of cases) {
      const out = cfbEncrypt(key, iv, data, alg)
      expect(toHex(out)).toBe(openssl(cipher, 'cfb', key, iv, data))
      expect(toHex(cfbDecrypt(key, iv, out, alg))).toBe(toHex(data))
    }
  })
})

describe('Camellia', () => {
  it.each([
    ['0123456789abcdeffedcba9876543210', '67673138549669730857065648eabe43'],
    ['0123456789abcdeffedcba98765432100011223344556677', 'b4993401b3e996f84ee5cee7d79b09b9'],
    ['0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff', '9acc237dff16d76c20ef7c919e3a7509'],
  ])('gives the block of RFC 3713, Appendix A, with the key %s', (key, wanted) => {
    const block = fromHex('0123456789abcdeffedcba9876543210')
    const { data } = encipher(ALG.CAMELLIA, ALG.ECB, fromHex(key), false, new Uint8Array(0), block)
    expect(toHex(data)).toBe(wanted)
  })

  // Made by OpenSSL 3.0: openssl mac -cipher camellia-128-cbc.
  it.each([
    [0, 'ba925782aaa1f5d9a00f89648094fc71'],
    [16, '6d962854a3b9fda56d7d45a95ee17993'],
    [40, '5c18d119ccd6766144ac1866131d9f22'],
    [64, 'c2699a6eba55ce9d939a8a4e19466ee9'],
  ])('CMAC over %d octets as OpenSSL has it', (n, mac) => {
    expect(toHex(cmac(ALG.CAMELLIA, KEY, PLAIN.slice(0, n)))).toBe(mac)
  })
})

describe('TDES', () => {
  const TWO = '2b7e151628aed2a6abf7158809cf4f3c'
  // Made by OpenSSL 3.0: openssl mac -cipher des-ede-cbc and des-ede3-cbc.
  it.each([
    [TWO, 0, '1ca670dea381d37c'],
    [TWO, 8, 'bb102e5eb2f515b4'],
    [TWO, 20, '556afdb69bbad634'],
    [`${TWO}0123456789abcdef`, 0, '51f830dc4fc6a62b'],
    [`${TWO}0123456789abcdef`, 8, 'd8873dd4432e247a'],
    [`${TWO}0123456789abcdef`, 20, '3c37fbe2f79a2841'],
  ])('CMAC with %s over %d octets as OpenSSL has it', (key, n, mac) => {
    expect(toHex(cmac(ALG.TDES, fromHex(key), PLAIN.slice(0, n)))).toBe(mac)
  })

  it('gives each octet of a key odd parity', () => {
    expect(toHex(withOddParity(fromHex('000102030405fefffe7f80')))).toBe('010102020404fefefe7f80')
  })

  it.each([
    ['0123456789abcdef23456789abcdef01', true],
    // Twice the same, and a weak and a semi-weak part: SP 800-67, 3.3.2.
    ['0123456789abcdef0123456789abcdef', false],
    ['0123456789abcdefe0e0e0e0f1f1f1f1', false],
    ['01fe01fe01fe01fe0123456789abcdef', false],
    ['0123456789abcdef23456789abcdef010123456789abcdef', false],
  ])('takes %s for strong: %s', (key, strong) => {
    expect(isStrong(fromHex(key))).toBe(strong)
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
