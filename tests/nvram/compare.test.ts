// What is shown of AES-CBC as of 2011 beside authenticated encryption, held against what the mode does by definition.

import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { BLOCK, compareVersions, equalBlocks, flipBit, otherVersion } from '../../src/nvram/compare.ts'
import { permanentBlob } from '../../src/nvram/members.ts'
import { keyOf, noncesOf, withIndex } from '../support/states.ts'

const plain = permanentBlob(withIndex('compared').tpm)
const key = keyOf(256).bytes
const nonces = [noncesOf(1).slice(0, 24), noncesOf(2).slice(0, 24)] as const

describe('two versions of a blob', () => {
  it.each([0, 15, 16, 500, 1999])(
    'that differ in byte %i: all blocks before it are equal under CBC, none is under AEAD',
    at => {
      const c = compareVersions(plain, otherVersion(plain, at), { key, type: 1, nonces })
      const first = Math.floor(at / BLOCK)
      expect(c.plain.map((e, i) => (e ? -1 : i)).filter(i => i >= 0)).toEqual([first])
      expect(c.cbc).toEqual(c.cbc.map((_, i) => i < first))
      expect(c.aead).toEqual(c.aead.map(() => false))
    },
  )

  it('that are real, an Index written in between, share their beginning', () => {
    const d = withIndex('before')
    const a = permanentBlob(d.tpm)
    d.elapse(5_000_000)
    const b = permanentBlob(d.tpm)
    const c = compareVersions(a, b, { key, type: 1, nonces })
    expect(c.cbc.indexOf(false)).toBeGreaterThan(5)
    expect(c.cbc.slice(0, c.cbc.indexOf(false)).every(Boolean)).toBe(true)
    expect(equalBlocks(a, a).every(Boolean)).toBe(true)
  })
})

describe('a flipped bit', () => {
  it('makes noise of its block, flips the same bit of the next one, and is refused by AEAD', () => {
    const random = randomFrom(3)
    for (let i = 0; i < 60; i++) {
      const at = random() % (plain.length - 2 * BLOCK)
      const bit = random() % 8
      const f = flipBit(plain, at, bit, { key, type: 1, nonce: nonces[0] })
      expect(f.block).toBe(Math.floor(at / BLOCK))
      expect(f.before).toEqual(plain.slice(f.block * BLOCK, (f.block + 1) * BLOCK))
      expect(f.after).not.toEqual(f.before)
      expect(f.next).toEqual({
        at: at + BLOCK,
        before: plain[at + BLOCK],
        after: (plain[at + BLOCK] as number) ^ (1 << bit),
      })
      expect(f).toMatchObject({ crcTells: true, refused: true })
    }
    expect(flipBit(plain, plain.length - 1, 0, { key, type: 1, nonce: nonces[0] }).next).toBeUndefined()
  })
})
