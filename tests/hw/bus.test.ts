// Accesses as the bus cuts them, for every offset and size, and what the pieces do.

import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { busRead, busWrite, cut, localityOf } from '../../src/hw/bus.ts'
import { CRB, PAGE_SIZE, WINDOW_AT } from '../../src/hw/crb.map.ts'
import { qemuCrb } from '../../src/hw/crb.ts'
import type { DeviceModel } from '../../src/hw/device.ts'
import { bytes, EMPTY, toHex } from '../../src/lib/bytes.ts'
import { Driver, fresh, message } from '../support/crb.ts'

const SIZES = [1, 2, 4, 8] as const

/** A device that notes what reaches it. */
interface Note {
  readonly seen: readonly string[]
}
const noting = (localities: number): DeviceModel<Note> => {
  const note = (d: Note, what: string): Note => ({ seen: [...d.seen, what] })
  return {
    ...(qemuCrb as unknown as DeviceModel<Note>),
    localities,
    read: (_d, offset, size) => (offset * 0x01010101 + 0x80) % 2 ** (8 * size),
    write: (d, offset, size, value) => ({
      device: note(d, `reg ${offset.toString(16)}/${size}=${value.toString(16)}`),
      effects: [{ kind: 'ignored', why: 'read-only' }],
    }),
    readWindow: (_d, offset, length) => Uint8Array.from({ length }, (_, i) => offset + i),
    writeWindow: (d, offset, data) => note(d, `win ${offset.toString(16)}=${toHex(data)}`),
  }
}
const NOTE: Note = { seen: [] }

describe('cutting', () => {
  it.each([
    [0x48, 8, '48/4 4c/4'],
    [0x4a, 4, '4a/2 4c/2'],
    [0x49, 4, '49/1 4a/2 4c/1'],
    [0x4b, 8, '4b/1 4c/4 50/2 52/1'],
    [0x4c, 8, '4c/4 50/4'],
    [0x7e, 4, '7e/2 80/2'],
    [0x7f, 2, '7f/1 80/1'],
    [0x4d, 1, '4d/1'],
    [0x4c, 2, '4c/2'],
    [0xffe, 4, 'ffe/2 1000/2'],
  ])('%i, %i bytes: %s', (offset, size, wanted) => {
    expect(
      cut(offset, size)
        .map(p => `${p.offset.toString(16)}/${p.size}`)
        .join(' '),
    ).toBe(wanted)
  })

  it('gives aligned pieces, the largest that fit, without gap or overlap', () => {
    for (let offset = 0; offset < 64; offset++) {
      for (let size = 1; size <= 16; size++) {
        let at = 0
        for (const p of cut(offset, size)) {
          expect([p.offset, p.at]).toEqual([offset + at, at])
          expect(p.offset % p.size).toBe(0)
          const twice = 2 * p.size
          expect(twice > 4 || twice > size - at || p.offset % twice !== 0).toBe(true)
          at += p.size
        }
        expect(at).toBe(size)
      }
    }
  })
})

describe('pages', () => {
  it('belong to localities', () => {
    expect([0, 0xfff, 0x1000, 0x4fff].map(localityOf)).toEqual([0, 0, 1, 4])
  })

  it('have registers below 80 and memory above, as far as the device has localities', () => {
    const model = noting(2)
    const at = (offset: number): string => busWrite(model, NOTE, offset, 4, 0xa1b2c3d4).device.seen.join(' ')
    expect(at(0x7c)).toBe('reg 7c/4=a1b2c3d4')
    expect(at(0x7e)).toBe('reg 7e/2=c3d4 win 80=b2a1')
    expect(at(0x80)).toBe('win 80=d4c3b2a1')
    expect(at(0xffe)).toBe('win ffe=d4c3 reg 1000/2=a1b2')
    expect(at(0x107c)).toBe('reg 107c/4=a1b2c3d4')
    expect(at(0x1080)).toBe('win 1080=d4c3b2a1')
    expect(at(0x1ffe)).toBe('win 1ffe=d4c3')
    expect(at(0x2000)).toBe('')
  })

  it('without a device read 0, and say that a write is lost', () => {
    const d = new Driver().store(message(3968)).d
    for (const size of SIZES) {
      for (const offset of [PAGE_SIZE, PAGE_SIZE + 0x4c, 5 * PAGE_SIZE, 2 ** 31]) {
        expect(Number(busRead(qemuCrb, d, offset, size))).toBe(0)
        const done = busWrite(qemuCrb, d, offset, size, 1)
        expect(done.device).toBe(d)
        expect(done.effects.length).toBeGreaterThan(0)
        expect(done.effects.every(e => e.kind === 'ignored' && e.why === 'not-implemented')).toBe(true)
      }
    }
    expect(busRead(qemuCrb, d, PAGE_SIZE - 2, 4)).toBe(busRead(qemuCrb, d, PAGE_SIZE - 2, 2))
  })
})

describe('reads', () => {
  it('give numbers up to 4 bytes and a bigint for 8', () => {
    const model = noting(1)
    expect(busRead(model, NOTE, 0x80, 4)).toBe(0x83828180)
    expect(busRead(model, NOTE, 0x80, 8)).toBe(0x8786858483828180n)
    expect(busRead(qemuCrb, fresh(), CRB.CTRL_CMD_LADDR.at, 4)).toBe(0xfed40080)
    expect(busRead(qemuCrb, fresh(), CRB.CTRL_CMD_LADDR.at, 8)).toBe(0xfed40080n)
    expect(busRead(qemuCrb, fresh(), CRB.INTF_ID.at, 8)).toBe(0x0000101400025c11n)
  })

  it('of any size equal the bytes one by one, except the computed bit at 00', () => {
    const d = new Driver({ established: true }).acquire().store(message(3968, 7)).d
    const byte = (offset: number): number => busRead(qemuCrb, d, offset, 1)
    for (let offset = 0; offset < 0x120; offset++) {
      for (const size of SIZES) {
        let wanted = 0n
        for (let i = size - 1; i >= 0; i--) wanted = (wanted << 8n) | BigInt(byte(offset + i))
        expect(BigInt(busRead(qemuCrb, d, offset, size))).toBe(wanted)
      }
    }
  })
})

describe('writes', () => {
  it('take numbers and bigints alike, and only the low bytes', () => {
    const model = noting(1)
    for (const offset of [0x4c, 0x4e, 0x84, 0x4a]) {
      for (const size of SIZES) {
        const value = 0x1_4c3b2a19
        expect(busWrite(model, NOTE, offset, size, value)).toEqual(busWrite(model, NOTE, offset, size, BigInt(value)))
      }
    }
    expect(busWrite(model, NOTE, 0x4c, 1, 0x1ff).device.seen).toEqual(['reg 4c/1=ff'])
    expect(busWrite(model, NOTE, 0x4c, 4, -1).device.seen).toEqual(['reg 4c/4=ffffffff'])
    expect(busWrite(model, NOTE, 0x48, 8, 0xfedcba98_76543210n).device.seen).toEqual([
      'reg 48/4=76543210',
      'reg 4c/4=fedcba98',
    ])
  })

  it('of 8 bytes to CTRL_CANCEL start a command by their upper half', () => {
    const { d } = new Driver().acquire().store(message(10))
    const done = busWrite(qemuCrb, d, CRB.CTRL_CANCEL.at, 8, 0x1_00000000n)
    expect(done.effects.map(e => e.kind)).toEqual(['ignored', 'taken', 'submit'])
    expect(busRead(qemuCrb, done.device, CRB.CTRL_START.at, 4)).toBe(1)
    expect(busWrite(qemuCrb, d, 0x4a, 4, 0x10000).effects.at(-1)).toMatchObject({ kind: 'submit' })
    expect(busWrite(qemuCrb, d, 0x4d, 1, 1).effects).toEqual([{ kind: 'ignored', why: 'not-implemented' }])
  })

  it('to the window are memory: what was written at random is read back', () => {
    const random = randomFrom(3)
    const model = new Uint8Array(PAGE_SIZE)
    let d = fresh()
    for (let i = 0; i < 500; i++) {
      const size = SIZES[random() % 4] as (typeof SIZES)[number]
      const offset = WINDOW_AT + (random() % (PAGE_SIZE - WINDOW_AT))
      const value = (BigInt(random()) << 32n) | BigInt(random())
      const done = busWrite(qemuCrb, d, offset, size, value)
      d = done.device
      for (let k = 0; k < size; k++) model[offset + k] = Number((value >> BigInt(8 * k)) & 255n)
    }
    expect(qemuCrb.readWindow(d, WINDOW_AT, 3968)).toEqual(model.slice(WINDOW_AT))
  })
})

describe('a teaching window', () => {
  it.each([1024, 256, 64])('of %i bytes is followed by nothing', windowSize => {
    const end = WINDOW_AT + windowSize
    const { d } = new Driver({ windowSize }).store(message(windowSize, 9))
    const more = qemuCrb.writeWindow(d, end - 2, bytes(1, 2, 3, 4))
    expect(busRead(qemuCrb, more, end - 2, 4)).toBe(0x0201)
    expect(busRead(qemuCrb, more, end, 4)).toBe(0)
    expect(busRead(qemuCrb, more, PAGE_SIZE - 4, 8)).toBe(0n)
    expect(qemuCrb.writeWindow(more, end, bytes(1))).toBe(more)
    expect(qemuCrb.writeWindow(more, PAGE_SIZE - 1, bytes(1))).toBe(more)
    expect(toHex(qemuCrb.readWindow(more, end - 1, 3))).toBe('020000')
    expect(toHex(qemuCrb.readWindow(more, end + 10, 2))).toBe('0000')
    expect(qemuCrb.writeWindow(more, WINDOW_AT, EMPTY)).toBe(more)
  })
})
