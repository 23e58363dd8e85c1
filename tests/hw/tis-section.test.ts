// The TIS section as bytes: there and back, explained to the last byte, refused in words; and what becomes of a section
// with a larger buffer at a receiver that does not know it.

import { describe, expect, it } from 'vitest'
import { explainTisSection, readTisSection, SectionRefused, writeTisSection } from '../../src/hw/tis-section.ts'
import { qemuTis, type SavedTis, type Tis } from '../../src/hw/tis.ts'
import { concat } from '../../src/lib/bytes.ts'
import { message } from '../support/crb.ts'

function half(bufferSize: 4096 | 8192): Tis {
  let d = qemuTis.create({ bufferSize, backendBufferSize: 8192, tpmVersion: '2.0', established: false })
  d = qemuTis.write(d, 0x00, 1, 0x02).device
  d = qemuTis.write(d, 0x18, 1, 0x40).device
  d = qemuTis.write(d, 0x3000, 1, 0x02).device
  return qemuTis.port?.feed(d, 0x24, message(4683).slice(0, 3000)).device ?? d
}
const saved = (size: 4096 | 8192): SavedTis => qemuTis.save(half(size)) as SavedTis
const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (e) {
    expect(e).toBeInstanceOf(SectionRefused)
    return (e as Error).message
  }
  return 'taken'
}

describe.each([4096, 8192] as const)('the section with a buffer of %i bytes', size => {
  const bytes = writeTisSection(saved(size))

  it('comes back as it went, and the device goes on', () => {
    expect(bytes).toHaveLength(4 + size + 2 + 3 + 5 * 21)
    expect(readTisSection(bytes, size)).toEqual(saved(size))
    expect(qemuTis.load(half(size).config, readTisSection(bytes, size))).toEqual(half(size))
  })

  it('is explained to the last byte', () => {
    const { spans, covered, error } = explainTisSection(bytes, size)
    expect([covered, error]).toEqual([bytes.length, undefined])
    expect(spans.map(s => [s.name, s.length])).toContainEqual(['buffer', size])
    expect(spans.find(s => s.name === 'active')?.text).toBe('locality 0')
    expect(spans.find(s => s.name === 'next')?.text).toBe('nobody')
  })

  it('is refused at every length that is too short, and with bytes behind it', () => {
    for (let n = 0; n < bytes.length; n += n < 8 || n > size ? 1 : 97) {
      expect(refusal(() => readTisSection(bytes.slice(0, n), size))).toMatch(/^section tpm-tis, \d+ bytes: /)
    }
    expect(refusal(() => readTisSection(concat(bytes, Uint8Array.of(0)), size))).toMatch(/^section tpm-tis/)
  })
})

describe('a larger buffer', () => {
  const large = writeTisSection(saved(8192))

  it('is another version, which an older receiver refuses in words', () => {
    expect(refusal(() => readTisSection(large, 4096))).toBe(
      'section tpm-tis has version 2, newer than this receiver knows (1)',
    )
    expect(refusal(() => readTisSection(writeTisSection(saved(4096)), 8192))).toBe(
      "section tpm-tis has version 1; this receiver's buffer of 8192 bytes needs 2",
    )
  })

  it('would be misread by a receiver that does not look: buffer bytes become position and localities', () => {
    expect(refusal(() => readTisSection(large, 4096, true))).toMatch(/^section tpm-tis, 8306 bytes: /)
    const { spans } = explainTisSection(large, 4096)
    const offset = spans.find(s => s.name === 'offset')
    expect(offset?.value).toBe(0)
    expect(saved(8192).offset).toBe(3000)
  })

  it('says a position beyond the buffer', () => {
    const odd = { ...saved(4096), offset: 5000 }
    expect(refusal(() => readTisSection(writeTisSection(odd), 4096))).toBe(
      'section tpm-tis: position 5000 is beyond the buffer of 4096',
    )
  })
})
