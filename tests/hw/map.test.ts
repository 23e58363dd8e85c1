// Every register map, checked from its own declaration, and the device against the map.

import { describe, expect, it } from 'vitest'
import { type CrbRegister, CRB, WINDOW_AT, WORDS } from '../../src/hw/crb.map.ts'
import { CRB_PROSE, proseOf } from '../../src/hw/crb.prose.ts'
import { qemuCrb } from '../../src/hw/crb.ts'
import type { AccessSize } from '../../src/hw/device.ts'
import {
  listFields,
  listRegisters,
  listSegments,
  listWords,
  maskOf,
  type Register,
  type RegisterMap,
} from '../../src/hw/registers.ts'
import { TIS, type TisRegister, TIS_WORDS, XFIFO_AT, XFIFO_END } from '../../src/hw/tis.map.ts'
import { TIS_PROSE, tisProseOf } from '../../src/hw/tis.prose.ts'
import { qemuTis } from '../../src/hw/tis.ts'
import { CONFIG, fresh } from '../support/crb.ts'

const MAPS: readonly { id: string; map: RegisterMap; words: number; prefix: RegExp }[] = [
  { id: 'CRB', map: CRB, words: WORDS, prefix: /^TPM_(CRB_)?/ },
  { id: 'TIS', map: TIS, words: TIS_WORDS, prefix: /^TPM_/ },
]

describe.each(MAPS)('the map $id', ({ map, words, prefix }) => {
  const all = listRegisters(map).map(r => ({ ...r, fields: listFields(r.register) }))

  it('lies within its words, aligned, no two registers in one', () => {
    const at = all.map(r => r.register.at)
    expect(at.every(a => a % 4 === 0 && a >= 0 && a < 4 * words)).toBe(true)
    expect(new Set(at).size).toBe(at.length)
  })

  it('covers every word once, by a register or as reserved', () => {
    const listed = listWords(map, words)
    expect(listed.map(w => w.at)).toEqual(Array.from({ length: words }, (_, i) => 4 * i))
    expect(listed.filter(w => w.name).map(w => w.name)).toEqual(all.map(r => r.name))
  })

  it.each(all)('$name has prose, a source and at least one field', ({ register, fields }) => {
    expect(register.full).toMatch(prefix)
    expect(register.doc).not.toBe('')
    expect(register.source).toMatch(/^PTP \d/)
    expect(fields.length).toBeGreaterThan(0)
    for (const { field } of fields) {
      expect(field.doc).not.toBe('')
      expect(field.doc.length).toBeLessThanOrEqual(80)
    }
  })

  it.each(all)('$name has fields within 32 bits that do not overlap', ({ register, fields }) => {
    const owners = Array.from({ length: 32 }, () => 0)
    for (const { field } of fields) {
      expect(field.width).toBeGreaterThan(0)
      expect(field.low + field.width).toBeLessThanOrEqual(32)
      for (let b = field.low; b < field.low + field.width; b++) owners[b] = (owners[b] as number) + 1
    }
    expect(owners.every(n => n <= 1)).toBe(true)
    const segments = listSegments(register)
    expect(segments.reduce((n, s) => n + s.width, 0)).toBe(32)
    let above = 32
    for (const s of segments) {
      expect(s.low + s.width).toBe(above)
      above = s.low
    }
  })

  it.each(all)('$name resets to bits of its fields', ({ register, fields }) => {
    const known = maskOf(register, ...(fields.map(f => f.name) as never[]))
    expect(register.reset).toBe((register.reset & known) >>> 0)
  })
})

describe('the device against its map', () => {
  const registers = listRegisters(CRB)
  const wordsOf = (d: ReturnType<typeof fresh>): number[] =>
    Array.from({ length: WORDS }, (_, i) => qemuCrb.read(d, 4 * i, 4))

  it.each(registers)('$name reads its reset value', ({ name, register }) => {
    // tpmEstablished is active low: no dynamic launch, so it reads 1.
    const wanted = name === 'LOC_STATE' ? register.reset | 1 : register.reset
    expect(qemuCrb.read(fresh(), register.at, 4)).toBe(wanted)
  })

  it('reads 0 from reserved words', () => {
    for (const { at, name } of listWords(CRB, WORDS)) if (!name) expect(qemuCrb.read(fresh(), at, 4)).toBe(0)
  })

  it('reads bytes and halves of a word as the word has them', () => {
    const d = fresh({ established: true })
    for (let at = 0; at < WINDOW_AT; at += 4) {
      const word = qemuCrb.read(d, at, 4)
      for (const i of [0, 1, 2, 3]) expect(qemuCrb.read(d, at + i, 1)).toBe((word >>> (8 * i)) & 0xff)
      for (const i of [0, 2]) expect(qemuCrb.read(d, at + i, 2)).toBe((word >>> (8 * i)) & 0xffff)
    }
  })

  const VALUES = [0, 1, 2, 3, 4, 8, 9, 0x55, 0xaa, 0xff, 0x101, 0xffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff]
  const states = [
    { what: 'after reset', d: fresh() },
    { what: 'with the locality', d: qemuCrb.write(fresh(), 0x08, 4, 1).device },
  ]

  it.each(states)('read-only fields keep their values, whatever is written there: $what', ({ d }) => {
    for (const { register } of registers as readonly { register: Register }[]) {
      const fixed = listFields(register).filter(f => f.field.access === 'ro')
      const before = qemuCrb.read(d, register.at, 4)
      const bits = maskOf(register, ...(fixed.map(f => f.name) as never[]))
      for (const value of VALUES) {
        const after = qemuCrb.read(qemuCrb.write(d, register.at, 4, value).device, register.at, 4)
        expect((after & bits) >>> 0).toBe((before & bits) >>> 0)
      }
    }
  })

  it('acts on four registers only, and only at their exact offset', () => {
    const acting: readonly CrbRegister[] = ['LOC_CTRL', 'CTRL_REQ', 'CTRL_CANCEL', 'CTRL_START']
    const exact = new Set<number>(acting.map(name => CRB[name].at))
    for (const { d } of states) {
      for (let at = 0; at < WINDOW_AT; at++) {
        if (exact.has(at)) continue
        for (const size of [1, 2, 4] as readonly AccessSize[]) {
          if (at % size !== 0) continue
          for (const value of VALUES) {
            const done = qemuCrb.write(d, at, size, value % 2 ** (8 * size))
            expect(done.device).toBe(d)
            expect(done.effects.map(e => e.kind)).toEqual(['ignored'])
          }
        }
      }
    }
  })

  it('says why: read-only where a register is, not there where none is', () => {
    const why = (at: number): unknown => qemuCrb.write(fresh(), at, 1, 1).effects[0]
    for (const at of [0x00, 0x0c, 0x30, 0x34, 0x44, 0x58, 0x68]) expect(why(at)).toMatchObject({ why: 'read-only' })
    for (const at of [0x04, 0x10, 0x14, 0x38, 0x50, 0x54, 0x70, 0x4d, 0x09]) {
      expect(why(at)).toMatchObject({ why: 'not-implemented' })
    }
  })

  it.each([true, false])('offers chunks as configured: %s', capChunk => {
    expect(qemuCrb.read(fresh({ capChunk }), CRB.INTF_ID.at, 4)).toBe(capChunk ? 0x25c11 : 0x25811)
  })

  it.each([3968, 1024, 256, 64])('reports a window of %i bytes', windowSize => {
    const d = fresh({ windowSize })
    expect(qemuCrb.read(d, CRB.CTRL_CMD_SIZE.at, 4)).toBe(windowSize)
    expect(qemuCrb.read(d, CRB.CTRL_RSP_SIZE.at, 4)).toBe(windowSize)
    expect(wordsOf(qemuCrb.reset(d))).toEqual(wordsOf(d))
    expect(CONFIG.windowSize).toBe(3968)
  })
})

describe('the prose of the CRB registers', () => {
  it('is about registers and fields that exist, says something, and names only values that fit', () => {
    for (const [name, prose] of Object.entries(CRB_PROSE)) {
      const register: Register = CRB[name as CrbRegister]
      expect(prose.qemu).not.toBe('')
      for (const [field, words] of Object.entries(prose.fields ?? {})) {
        const declared = register.fields[field]
        expect(declared, `${name}.${field}`).toBeDefined()
        for (const text of [words.purpose, words.qemu]) expect(text).not.toBe('')
        for (const v of Object.keys(words.values ?? {})) expect(Number(v)).toBeLessThan(2 ** (declared?.width ?? 0))
      }
    }
    for (const hot of ['CTRL_REQ', 'CTRL_STS', 'CTRL_START', 'LOC_CTRL', 'INTF_ID']) expect(proseOf(hot)).toBeDefined()
  })
})

describe('the TIS device against its map', () => {
  const device = qemuTis.create({ bufferSize: 4096, backendBufferSize: 4096, tpmVersion: '2.0', established: true })
  const active = qemuTis.write(device, TIS.ACCESS.at, 1, 2).device

  it.each(listRegisters(TIS))('$name reads its reset value', ({ name, register }) => {
    // STS is shown to the active locality alone, with the free room as burstCount.
    const word = qemuTis.read(name === 'STS' ? active : device, register.at, 4)
    expect(name === 'STS' ? (word & 0xff00_00ff) >>> 0 : word).toBe(register.reset)
  })

  it('reads all ones where there is no register', () => {
    for (const { at, name } of listWords(TIS, TIS_WORDS)) {
      if (!name && (at < XFIFO_AT || at >= XFIFO_END)) expect(qemuTis.read(active, at, 4)).toBe(0xffff_ffff)
    }
  })

  it.each(listRegisters(TIS))('$name keeps its read-only fields, whatever is written there', ({ register }) => {
    const fixed = listFields(register).filter(f => f.field.access === 'ro')
    const bits = maskOf(register, ...(fixed.map(f => f.name) as never[]))
    for (const d of [device, active]) {
      for (const value of [0, 1, 4, 0x55, 0xaa, 0x80, 0x0400_0000, 0xffff_ff00]) {
        const after = qemuTis.write(d, register.at, 4, value).device
        if (after.active !== d.active) continue
        expect((qemuTis.read(after, register.at, 4) & bits) >>> 0).toBe((qemuTis.read(d, register.at, 4) & bits) >>> 0)
      }
    }
  })
})

describe('the prose of the TIS registers', () => {
  it('is about registers and fields that exist, says something, and names only values that fit', () => {
    for (const [name, prose] of Object.entries(TIS_PROSE)) {
      const register: Register = TIS[name as TisRegister]
      expect(prose.qemu).not.toBe('')
      for (const [field, words] of Object.entries(prose.fields ?? {})) {
        const declared = register.fields[field]
        expect(declared, `${name}.${field}`).toBeDefined()
        for (const text of [words.purpose, words.qemu]) expect(text).not.toBe('')
        for (const v of Object.keys(words.values ?? {})) expect(Number(v)).toBeLessThan(2 ** (declared?.width ?? 0))
      }
    }
    for (const hot of ['ACCESS', 'STS', 'INT_ENABLE', 'DATA_FIFO']) expect(tisProseOf(hot)).toBeDefined()
  })
})
