// The section of a TIS as bytes: in QEMU's order, there and back, explained to the last byte; values that no device has are
// refused with their offset; and what a reader makes of a buffer that is larger than its own.

import { describe, expect, it } from 'vitest'
import { decode, encode, Malformed } from '../../src/codec/codec.ts'
import { explain } from '../../src/codec/explain.ts'
import { bufferOf, sound, TIS_STATE, TIS_UNCHECKED, TIS_VERSION } from '../../src/hw/tis-section.ts'
import { qemuTis, type SavedTis, type Tis } from '../../src/hw/tis.ts'
import { bytes as octets, concat, fromHex, toHex } from '../../src/lib/bytes.ts'
import { message } from '../support/crb.ts'

function half(bufferSize: 4096 | 8192, sent = 3000): Tis {
  let d = qemuTis.create({ bufferSize, backendBufferSize: 8192, tpmVersion: '2.0', established: false })
  d = qemuTis.write(d, 0x00, 1, 0x02).device
  d = qemuTis.write(d, 0x18, 1, 0x40).device
  d = qemuTis.write(d, 0x3000, 1, 0x02).device
  return qemuTis.port?.feed(d, 0x24, message(4683).slice(0, sent)).device ?? d
}
const saved = (size: 4096 | 8192): SavedTis => qemuTis.save(half(size)) as SavedTis
const refusal = (run: () => unknown): Malformed => {
  try {
    run()
  } catch (e) {
    if (e instanceof Malformed) return e
    throw e
  }
  throw new Error('taken')
}

describe.each([4096, 8192] as const)('the section with a buffer of %i bytes', size => {
  const bytes = encode(TIS_STATE[size], saved(size))

  it('has the fields of QEMU: the whole buffer, position, localities, registers', () => {
    expect(bytes).toHaveLength(size + 2 + 3 + 5 * 21)
    expect(toHex(bytes.slice(0, 10))).toBe(toHex(message(4683).slice(0, 10)))
    // Position 3,000; locality 0 is active, nobody aborts, nobody is next.
    expect(toHex(bytes.slice(size, size + 5))).toBe('0bb800ffff')
    // Reception; INT_ENABLE with its polarity; no interrupt; active and valid; TPM 2.0, stsValid and Expect; INTERFACE_ID.
    expect(toHex(bytes.slice(size + 5, size + 26))).toBe('000000040000000800000000a00400008800002100')
    // Locality 3 asks for the interface.
    expect(toHex(bytes.slice(size + 5 + 3 * 21, size + 5 + 4 * 21))).toBe('000000000000000800000000820400000000002100')
  })

  it('comes back as it went, and the device goes on', () => {
    expect(decode(TIS_STATE[size], bytes)).toEqual(saved(size))
    expect(qemuTis.load(half(size).config, decode(TIS_STATE[size], bytes))).toEqual(half(size))
    expect(decode(TIS_UNCHECKED[size], bytes)).toEqual(saved(size))
    expect(sound(saved(size))).toBe(true)
  })

  it('is explained to the last byte', () => {
    const { spans, covered, error } = explain(TIS_STATE[size], bytes)
    expect([covered, error]).toEqual([bytes.length, undefined])
    const text = (name: string, list = spans): string | undefined => list.find(s => s.name === name)?.text
    expect(text('buffer')).toBe(`${size.toLocaleString('en-US')} bytes, whatever part of them is used`)
    expect([text('rw_offset'), text('active_locty'), text('next_locty')]).toEqual([
      '3,000: position in the buffer',
      'locality 0',
      'nobody',
    ])
    const first = spans.find(s => s.name === 'loc[0]')?.children
    expect(text('state', first)).toBe('reception')
    expect(text('access', first)).toBe('ACCESS 0xa0: tpmRegValidSts, activeLocality')
    expect(text('sts', first)).toBe('STS 0x04000088: tpmFamily 1, stsValid, Expect')
  })

  it('is refused at every length that is too short, and with bytes behind it', () => {
    for (let n = 0; n < bytes.length; n += n < 8 || n > size ? 1 : 97) {
      expect(refusal(() => decode(TIS_STATE[size], bytes.slice(0, n))).message).toMatch(
        /^needs \d+ bytes at offset \d+/,
      )
    }
    expect(refusal(() => decode(TIS_STATE[size], concat(bytes, octets(0)))).message).toBe(
      '1 bytes left over after tpm-tis',
    )
  })

  it.each([
    [
      'a position beyond the buffer',
      size,
      'ffff',
      /^the position 65,535 is beyond the buffer of [48],(096|192) bytes$/,
    ],
    ['an active locality that is none', size + 2, '05', /^0x05 is not a locality$/],
    ['a next locality that is none', size + 4, '80', /^0x80 is not a locality$/],
    ['a state that is none', size + 5, '00000005', /^0x00000005 is not a state of a locality$/],
  ])('is refused with %s, at its offset', (_, at, hex, words) => {
    const bad = concat(bytes.slice(0, at), fromHex(hex), bytes.slice(at + hex.length / 2))
    const e = refusal(() => decode(TIS_STATE[size], bad))
    expect(e.message).toMatch(words)
    expect(e.at).toBe(at)
    // Who does not look takes it; it is no device.
    expect(sound(decode(TIS_UNCHECKED[size], bad))).toBe(false)
  })
})

describe('a larger buffer', () => {
  it('is another version', () => {
    expect(TIS_VERSION).toEqual({ 4096: 0, 8192: 1 })
    expect([0, 1, 2].map(bufferOf)).toEqual([4096, 8192, undefined])
  })

  it('is misread by who does not look: bytes of the buffer become position and localities', () => {
    const large = encode(TIS_STATE[8192], qemuTis.save(half(8192, 4683)) as SavedTis)
    const { spans, covered, error } = explain(TIS_UNCHECKED[4096], large)
    // A small reader stops in the middle of the array.
    expect([covered, error?.message]).toEqual([4096 + 110, '4096 bytes left over'])
    const raw = message(4683).slice(4096, 4099)
    expect(spans.find(s => s.name === 'rw_offset')?.value).toBe((raw[0] as number) * 256 + (raw[1] as number))
    expect(spans.find(s => s.name === 'active_locty')?.value).toBe(raw[2])
  })
})
