// Images of a TPM: equal states come back, and nothing that is cut, flipped, newer or of another kind does.

import { describe, expect, it } from 'vitest'
import { hash } from '../../src/crypto/hash.ts'
import { be16, be32, concat, fromHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ImageError, readImage, writeImage } from '../../src/nvram/image.ts'
import { read, write } from '../../src/codec/value.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { Shutdown } from '../../src/spec/commands/startup.ts'
import { anyProfile, PROFILES } from '../../src/tpm/profiles/index.ts'
import { manufacture, nvChanged, powerOff, powerOn, type Tpm } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'

const fresh = (id: string): Tpm | undefined => {
  const profile = anyProfile(id)
  return profile && manufacture(new Uint8Array(32), profile)
}
const load = (image: Parameters<typeof readImage>[0]): Tpm => readImage(image, fresh)

/** An image of any value, with a right digest: what only a program could get wrong. */
function imageOf(value: unknown, version = 1, sealing = 0) {
  const body = write(value)
  const all = concat(utf8('crbscope'), be16(version), be16(sealing), be32(body.length), body)
  return concat(all, hash(ALG.SHA256, all))
}

function used(): Tpm {
  const d = Driver.started()
  d.rc('8001 0000000c 0000017b 0020')
  d.rc('8001 0000000e 00000186 0000 000b')
  d.elapse(5_000_000)
  return d.tpm
}

describe('values', () => {
  it('come back as they were', () => {
    const values: readonly unknown[] = [
      ...[undefined, null, true, 0, 0xffffffff, -1, -0, 1.5, 2 ** 40, Number.NaN, 0n, -(2n ** 70n), 'größer'],
      Uint8Array.of(0, 255),
      [1, [undefined, 'x']],
      { b: 1, a: undefined, nested: { deep: [new Uint8Array(0)] } },
      new Map<unknown, unknown>([
        [2, 'b'],
        [1, { c: 3n }],
        ['k', undefined],
      ]),
    ]
    for (const v of values) expect(read(write(v))).toEqual(v)
  })

  it('do not depend on the order in which they were built', () => {
    expect(toHex(write({ a: 1, b: 2 }))).toBe(toHex(write({ b: 2, a: 1 })))
    const pairs = [
      ['x', 1],
      ['y', 2],
    ] as const
    expect(toHex(write(new Map(pairs)))).toBe(toHex(write(new Map([...pairs].reverse()))))
  })

  it.each([
    ['a function', () => 1],
    ['an instance of a class', new Date(0)],
  ])('are no %s', (_, v) => {
    expect(() => write({ v })).toThrow(/defect: \.v is/)
  })

  it.each([
    ['nothing', '', '1 bytes are needed, 0 are left at offset 0'],
    ['an unknown kind', 'ff', 'an unknown kind of value, 255 at offset 0'],
    ['a number cut short', '040000', '4 bytes are needed, 2 are left at offset 1'],
    ['a list longer than its bytes', '09ffffffff00', '4294967295 elements cannot follow at offset 1'],
    ['bytes left over', '0000', '1 bytes are left over at offset 1'],
    ['members out of order', '0a00000002000000016200000000016100', 'member "a" is out of order at offset 11'],
    ['a whole number as a fraction', '053ff0000000000000', 'another than its one form at offset 0'],
    ['a text that is none', '0700000001ff', 'not UTF-8 at offset 1'],
    ['a member that no state has', `0a00000001${'00000009'}${toHex(utf8('__proto__'))}00`, 'no state has at offset 5'],
    ['nests too deep', '0900000001'.repeat(65), 'nests too deep'],
  ])('are refused: %s', (_, bytes, what) => {
    expect(() => read(fromHex(bytes))).toThrow(what)
  })
})

describe('images', () => {
  it('load to an equal state, of every profile', () => {
    expect(load(writeImage(used()))).toEqual(used())
    for (const profile of Object.values(PROFILES)) {
      const tpm = manufacture(new Uint8Array(32).fill(3), profile)
      const loaded = load(writeImage(tpm))
      expect(loaded).toEqual(tpm)
      expect(loaded.profile).toBe(profile)
    }
  })

  it('are the same for equal states', () => {
    expect(toHex(writeImage(used()))).toBe(toHex(writeImage(load(writeImage(used())))))
  })

  it('go on where the TPM was', () => {
    const d = Driver.started()
    d.ok(Shutdown, {}, { shutdownType: 1 })
    const other = new Driver()
    other.tpm = powerOn(load(writeImage(d.tpm)))
    d.tpm = powerOn(d.tpm)
    const commands = ['80010000000c000001440001', '80010000000c0000017b0010', '80010000000a00000181']
    for (const c of commands) expect(toHex(other.command(fromHex(c)))).toBe(toHex(d.command(fromHex(c))))
  })

  it('are refused when cut anywhere', () => {
    const image = writeImage(used())
    for (let n = 0; n < image.length; n += n < 80 ? 1 : 97) {
      expect(() => load(image.slice(0, n)), `${n} bytes`).toThrow(/truncated: ends at offset \d+/)
    }
    expect(() => load(concat(image, Uint8Array.of(0)))).toThrow(`1 bytes too many at offset ${image.length}`)
  })

  it('are refused when any bit is flipped', () => {
    const image = writeImage(used())
    for (let n = 0; n < image.length; n += n < 80 ? 1 : 61) {
      const flipped = Uint8Array.from({ length: image.length }, (_, i) => image[i] as number)
      flipped[n] = (flipped[n] as number) ^ (1 << (n % 8))
      expect(() => load(flipped), `byte ${n}`).toThrow(ImageError)
      expect(() => load(flipped), `byte ${n}`).toThrow(/offset \d+/)
    }
  })

  it.each([
    ['another file', utf8('{"a": "file of another program, long enough to be a state"}'), 'wrong first bytes'],
    ['a newer version', imageOf({}, 2), 'newer than this program knows: version 2 at offset 8, at most 1'],
    ['an unknown seal', imageOf({}, 1, 1), 'sealed in a way that this program does not know, at offset 10'],
    ['no members', imageOf([1]), 'no state of a TPM: a list at offset 16'],
    ['no profile', imageOf({}), 'of an unknown profile, undefined'],
    ['an unknown profile', imageOf({ profile: 'acme' }), 'of an unknown profile, "acme"'],
    [
      'a member of later',
      imageOf({ profile: 'crbscope', tea: 1 }),
      'newer than this program knows: it has a member "tea"',
    ],
    ['a member of another kind', imageOf({ profile: 'crbscope', pcrs: [] }), 'pcrs is a list, not members'],
    [
      'a member of a member missing',
      imageOf({ profile: 'crbscope', clock: { time: 0 } }),
      'clock.clock is undefined, not number',
    ],
  ])('are refused in words: %s', (_, image, what) => {
    expect(() => load(image)).toThrow(what)
  })

  it('of an older program lack what came later: that starts fresh', () => {
    const { readOnly: _, ...older } = { ...used(), profile: 'crbscope' }
    expect(load(imageOf(older))).toEqual({ ...used(), readOnly: false })
  })
})

describe('what must reach NV memory', () => {
  const after = (d: Driver, act: () => void): boolean => {
    const before = d.tpm
    act()
    return nvChanged(before, d.tpm)
  }

  it('is not what power-off forgets', () => {
    const d = Driver.started()
    expect(after(d, () => d.rc('8001 0000000c 0000017b 0020'))).toBe(false)
    expect(after(d, () => d.rc('8001 0000000e 00000186 0000 000b'))).toBe(false)
    expect(after(d, () => d.elapse(1000))).toBe(false)
    expect(nvChanged(d.tpm, powerOff(d.tpm))).toBe(false)
  })

  it('is what Startup, Shutdown and the clock store', () => {
    const d = new Driver()
    expect(after(d, () => d.rc('8001 0000000c 00000144 0000'))).toBe(true)
    expect(after(d, () => d.rc('8001 0000000c 00000145 0001'))).toBe(true)
    expect(after(d, () => d.elapse(4_096_000))).toBe(true)
  })
})
