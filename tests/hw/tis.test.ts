// QEMU's TIS device: what it does and says for each write, who owns it, commands and answers of every size through buffers
// of both sizes, interrupts, states that never change, saved and loaded devices.

import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { busRead, busTake, busWrite } from '../../src/hw/bus.ts'
import type { AccessSize, Effect } from '../../src/hw/device.ts'
import { TIS } from '../../src/hw/tis.map.ts'
import { qemuTis, type SavedTis, type Tis, type TisConfig } from '../../src/hw/tis.ts'
import { type Bytes, concat, EMPTY, toHex } from '../../src/lib/bytes.ts'
import { canonical } from '../../src/machine/digest.ts'
import { message } from '../support/crb.ts'

const CONFIG: TisConfig = { bufferSize: 4096, backendBufferSize: 8192, tpmVersion: '2.0', established: false }
const [REQUEST, SEIZE, RELEASE] = [0x02, 0x08, 0x20]
const [READY, GO, RETRY] = [0x40, 0x20, 0x02]
const [AVAIL, EXPECT, VALID] = [0x10, 0x08, 0x80]

/** Drives a device as a guest at a locality does; `effects` are those of the last act. */
class Driver {
  d: Tis
  effects: readonly Effect[] = []
  constructor(config: Partial<TisConfig> = {}) {
    this.d = qemuTis.create({ ...CONFIG, ...config })
  }
  private take(done: { readonly device: Tis; readonly effects: readonly Effect[] }): this {
    this.d = done.device
    this.effects = done.effects
    return this
  }
  write(register: { readonly at: number }, value: number, locality = 0, size: AccessSize = 1): this {
    return this.take(busWrite(qemuTis, this.d, locality * 4096 + register.at, size, value))
  }
  read(register: { readonly at: number }, locality = 0, size: AccessSize = 4): number {
    return busRead(qemuTis, this.d, locality * 4096 + register.at, size)
  }
  feed(data: Bytes, locality = 0): this {
    const done = qemuTis.port?.feed(this.d, locality * 4096 + TIS.DATA_FIFO.at, data)
    if (!done) throw new Error('no port')
    return this.take(done)
  }
  drain(length: number, locality = 0): Bytes {
    const done = qemuTis.port?.drain(this.d, locality * 4096 + TIS.DATA_FIFO.at, length)
    if (!done) throw new Error('no port')
    this.take(done)
    return done.data
  }
  complete(answer: Bytes | 'failed'): this {
    return this.take(qemuTis.complete(this.d, answer))
  }
  acquire(locality = 0): this {
    return this.write(TIS.ACCESS, REQUEST, locality)
  }
  /** A command up to its execution. */
  start(command = message(12), locality = 0): this {
    return this.acquire(locality).write(TIS.STS, READY, locality).feed(command, locality).write(TIS.STS, GO, locality)
  }
  get burst(): number {
    return (this.read(TIS.STS) >>> 8) & 0xffff
  }
  has(bits: number): boolean {
    return (this.read(TIS.STS) & bits) === bits
  }
  get did(): string {
    return this.effects
      .map(e => {
        if (e.kind === 'taken') return `taken ${e.offset}+${e.length}/${e.total}`
        if (e.kind === 'submit') return `submit ${e.command.length} of ${e.locality}, room ${e.room}`
        if (e.kind !== 'tis') return e.kind
        if (e.what === 'dropped') return `dropped ${e.length}: ${e.why}`
        if (e.what === 'active') return `active ${e.from} → ${e.locality}${e.seized ? ' seized' : ''}`
        return 'length' in e ? `${e.what} ${e.length}` : e.what
      })
      .join('; ')
  }
}

describe('localities', () => {
  it('are granted when nobody is active, wait otherwise, and the highest is next', () => {
    const d = new Driver()
    expect(d.acquire(1).did).toBe('active -1 → 1')
    expect(d.acquire(0).did).toBe('waits')
    expect(d.acquire(3).did).toBe('waits')
    expect(d.read(TIS.ACCESS, 1)).toBe(0xa5)
    expect(d.write(TIS.ACCESS, RELEASE, 1).did).toBe('active 1 → 3')
    expect(d.write(TIS.ACCESS, RELEASE, 0).did).toBe('withdraws')
    expect(d.write(TIS.ACCESS, RELEASE, 3).did).toBe('active 3 → -1')
    expect(d.write(TIS.ACCESS, RELEASE, 3).did).toBe('dropped 0: not-owner')
  })

  it('lose the interface to a higher one that seizes, and are told', () => {
    const d = new Driver().start(message(40).slice(0, 20))
    expect(d.write(TIS.ACCESS, SEIZE, 2).did).toBe('active 0 → 2 seized')
    expect([d.read(TIS.ACCESS), d.read(TIS.STS), d.read(TIS.DATA_FIFO)]).toEqual([0x91, 0xffff_ffff, 0xffff_ffff])
    expect(d.write(TIS.ACCESS, SEIZE, 1).did).toBe('dropped 0: not-higher')
    expect(d.write(TIS.STS, READY).did).toBe('dropped 0: not-active')
    expect(d.write(TIS.ACCESS, 0x10).did).toBe('acknowledges')
    expect(d.read(TIS.ACCESS)).toBe(0x81)
  })

  it('wait for a running command, whose answer is dropped', () => {
    const d = new Driver().start()
    expect(d.write(TIS.ACCESS, SEIZE, 1).did).toBe('aborting; cancel')
    expect(d.write(TIS.ACCESS, SEIZE, 1).did).toBe('dropped 0: seize-pending')
    expect(d.write(TIS.ACCESS, SEIZE, 2).did).toBe('aborting; cancel')
    expect(d.write(TIS.ACCESS, SEIZE, 1).did).toBe('dropped 0: higher-seizes')
    expect(d.has(0x0400_0000)).toBe(true)
    expect(d.complete(message(10)).did).toBe('completed 10; active 0 → 2 seized')
    expect(d.read(TIS.STS)).toBe(0xffff_ffff)
  })

  it('above 3 cannot be written to', () => {
    expect(new Driver().acquire(4).did).toBe('dropped 0: locality-4')
    expect(new Driver().feed(message(10), 4).did).toBe('dropped 10: locality-4')
  })

  it('keep a finished answer over release and request', () => {
    const d = new Driver().start().complete(message(30)).write(TIS.ACCESS, RELEASE).acquire()
    expect(d.drain(30)).toEqual(message(30))
  })
})

describe('a command', () => {
  it('says each step', () => {
    const d = new Driver().acquire()
    expect(d.feed(message(12)).did).toBe('dropped 12: not-ready')
    expect(d.write(TIS.STS, READY).did).toBe('ready')
    expect([d.burst, d.read(TIS.STS, 0, 1)]).toEqual([4096, READY])
    expect(d.feed(message(12).slice(0, 4)).did).toBe('taken 0+4/0')
    expect(d.has(EXPECT + VALID)).toBe(true)
    expect(d.write(TIS.STS, GO).did).toBe('dropped 0: still-expects')
    expect(d.feed(message(12).slice(4)).did).toBe('taken 4+8/12; complete 12')
    expect(d.has(EXPECT)).toBe(false)
    expect(d.feed(Uint8Array.of(1, 2)).did).toBe('dropped 2: complete')
    expect(d.write(TIS.STS, GO).did).toBe('submit 12 of 0, room 4096')
    expect(d.feed(message(12)).did).toBe('dropped 12: not-receiving')
    expect(d.complete(message(20, 5)).did).toBe('completed 20')
    expect([d.has(AVAIL + VALID), d.burst]).toEqual([true, 20])
    expect(d.drain(20)).toEqual(message(20, 5))
    expect([d.did, d.has(AVAIL), d.has(VALID)]).toEqual(['given 20', false, true])
    expect([...d.drain(2), d.did]).toEqual([255, 255, 'dropped 2: no-answer'])
    expect(d.write(TIS.STS, RETRY).did).toBe('retry')
    expect(d.drain(20)).toEqual(message(20, 5))
    expect(d.write(TIS.STS, READY).did).toBe('ready')
    expect(d.write(TIS.STS, RETRY).did).toBe('dropped 0: no-answer')
  })

  it('is aborted by commandReady: at once in the middle, after its end when it runs', () => {
    const d = new Driver().acquire().write(TIS.STS, READY).feed(message(40).slice(0, 20))
    expect(d.write(TIS.STS, READY).did).toBe('aborted')
    expect(d.feed(message(12)).write(TIS.STS, GO).did).toMatch(/^submit 12/)
    expect(d.write(TIS.STS, READY).did).toBe('aborting; cancel')
    expect(d.complete(message(10)).did).toBe('completed 10; aborted')
    expect([d.has(READY), d.has(AVAIL), d.burst]).toEqual([true, false, 4096])
  })

  it('is cut at the size of the buffer, and goes', () => {
    const d = new Driver().acquire().write(TIS.STS, READY)
    expect(d.feed(message(4683)).did).toBe('taken 0+4096/4683; full 4096; dropped 587: complete')
    expect([d.has(EXPECT), d.burst]).toEqual([false, 0])
    expect(d.write(TIS.STS, GO).did).toBe('submit 4096 of 0, room 4096')
    expect(new Driver({ bufferSize: 8192 }).start(message(4683)).did).toBe('submit 4683 of 0, room 8192')
  })

  it.each([
    [0x1_0010, 16],
    [0x1_0000, 6],
    [0, 6],
    [0x2_000a, 10],
  ])('that announces %i bytes is complete after %i: 16 bits count', (claims, length) => {
    const d = new Driver()
      .acquire()
      .write(TIS.STS, READY)
      .feed(message(40, 1, claims))
    expect(d.did).toBe(`taken 0+${length}/${claims}; complete ${length}; dropped ${40 - length}: complete`)
  })

  it('ends with its word: what stands behind the last byte in it is kept', () => {
    const d = new Driver().acquire().write(TIS.STS, READY).feed(message(10).slice(0, 8))
    d.write(TIS.DATA_FIFO, 0x0403_0201, 0, 4)
    expect(d.did).toBe('taken 8+4/10; complete 12')
    expect(d.write(TIS.STS, GO).did).toBe('submit 12 of 0, room 4096')
  })

  it('whose status bits are two at once does nothing', () => {
    const d = new Driver().acquire()
    expect(d.write(TIS.STS, READY + GO).did).toBe('dropped 0: two-bits')
    expect(d.write(TIS.STS, 0).did).toBe('dropped 0: asks-nothing')
    expect(d.write(TIS.STS, 2 ** 24, 0, 4).did).toBe('dropped 0: not-executing')
    expect(d.start().write(TIS.STS, 2 ** 24, 0, 4).did).toBe('cancel')
  })
})

describe('burstCount', () => {
  it('is capped for a one-byte read while sending, and shows 0 for 256 bytes of an answer', () => {
    const d = new Driver().acquire().write(TIS.STS, READY)
    expect([d.burst, busRead(qemuTis, d.d, 0x19, 1)]).toEqual([4096, 0xff])
    d.feed(message(12)).write(TIS.STS, GO).complete(message(266))
    d.drain(9)
    expect([d.burst, busRead(qemuTis, d.d, 0x19, 1)]).toEqual([257, 1])
    d.drain(1)
    expect([d.burst, busRead(qemuTis, d.d, 0x19, 1)]).toEqual([256, 0])
  })
})

describe('interrupts', () => {
  const enabled = (sources: number): Driver => new Driver().acquire().write(TIS.INT_ENABLE, 0x8000_0000 + sources, 0, 4)

  it('are raised for enabled sources, and the line falls when all are cleared', () => {
    const d = enabled(0x85)
    expect(d.did).toBe('interrupts')
    expect(d.write(TIS.STS, READY).did).toBe('ready; raises')
    expect([d.d.irq, d.read(TIS.INT_STATUS)]).toEqual([1, 0x80])
    d.feed(message(12)).write(TIS.STS, GO).complete(message(20))
    expect(d.read(TIS.INT_STATUS)).toBe(0x83)
    expect(d.write(TIS.INT_STATUS, 0x80, 0, 4).did).toBe('')
    expect([d.d.irq, d.read(TIS.INT_STATUS)]).toEqual([1, 0x03])
    expect(d.write(TIS.INT_STATUS, 0xff, 0, 4).did).toBe('lowers')
    expect([d.d.irq, d.read(TIS.INT_STATUS)]).toEqual([0, 0])
  })

  it('are not raised without the global bit, and only the active locality may enable them', () => {
    const d = new Driver().acquire().write(TIS.INT_ENABLE, 0x85, 0, 4)
    expect(d.write(TIS.STS, READY).did).toBe('ready')
    expect(d.write(TIS.INT_ENABLE, 0x80, 1).did).toBe('dropped 0: not-active')
  })
})

describe('the port', () => {
  const random = randomFrom(5)

  it.each([4096, 8192] as const)('moves bytes one by one or at once, through %i bytes: the same', bufferSize => {
    for (const length of [6, 10, 11, 255, 256, 257, 4095, 4096, 4097, 8192, 8193]) {
      const claims = random() % 3 === 0 ? length + (random() % 9) - 4 : length
      const data = message(length, length, claims)
      const ready = new Driver({ bufferSize }).acquire().write(TIS.STS, READY)
      let one = ready.d
      for (let i = 0; i < length; i++) one = busWrite(qemuTis, one, 0x24, 1, data[i] as number).device
      ready.feed(data)
      expect(canonical(ready.d), `${length} bytes that claim ${claims}`).toBe(canonical(one))
      if (claims < 10 || claims > bufferSize) continue
      const done = new Driver({ bufferSize }).start().complete(data)
      let back = done.d
      const bytes = Uint8Array.from({ length: length + 3 }, () => {
        const r = busTake(qemuTis, back, 0x24, 1)
        back = r.device
        return Number(r.value)
      })
      expect(done.drain(length + 3)).toEqual(bytes)
      expect(canonical(done.d)).toBe(canonical(back))
    }
  })

  it.each([4096, 8192] as const)('brings messages whole, there and back, through %i bytes', bufferSize => {
    for (const length of [10, 12, 255, 256, 4095, 4096, 8191, 8192]) {
      if (length > bufferSize) continue
      const d = new Driver({ bufferSize }).start(message(length))
      expect(d.effects.at(-1)).toMatchObject({ kind: 'submit', command: message(length) })
      d.complete(message(length, 9))
      const half = d.drain(length >> 1)
      expect(concat(half, d.drain(length - half.length))).toEqual(message(length, 9))
    }
  })

  it('gives four bytes of an eight-byte read at 024, and eight at 080', () => {
    const d = new Driver().start().complete(message(20))
    const hex = (at: number): string => busTake(qemuTis, d.d, at, 8).value.toString(16).padStart(16, '0')
    const [low, high] = [toHex(message(20).slice(0, 4)), toHex(message(20).slice(4, 8))]
    const little = (s: string): string => (s.match(/../g) ?? []).toReversed().join('')
    expect(hex(0x24)).toBe(`ffffffff${little(low)}`)
    expect(hex(0x80)).toBe(`${little(high)}${little(low)}`)
  })

  it('shows what a read would take, and keeps it', () => {
    const d = new Driver().start().complete(message(20))
    const before = d.d
    expect(qemuTis.read(d.d, 0x24, 4)).toBe(qemuTis.read(d.d, 0x24, 4))
    expect(qemuTis.take?.(d.d, 0x24, 4).value).toBe(qemuTis.read(d.d, 0x24, 4))
    expect(d.d).toBe(before)
  })
})

describe('states', () => {
  it('never change, and reading registers leaves the same object', () => {
    const random = randomFrom(11)
    const seen: { readonly state: Tis; readonly digest: string }[] = []
    const d = new Driver()
    const registers = [TIS.ACCESS, TIS.STS, TIS.INT_ENABLE, TIS.INT_STATUS, TIS.INTERFACE_ID, TIS.RID]
    for (let i = 0; i < 2000; i++) {
      // A higher locality that got it does not give it back of itself.
      if (i % 40 === 0) d.d = new Driver().acquire().write(TIS.STS, READY).d
      if (seen.at(-1)?.state !== d.d) seen.push({ state: d.d, digest: canonical(d.d) })
      const locality = random() % 3 === 0 ? random() % 5 : 0
      const pick = random() % 6
      if (pick === 0) d.complete(random() % 5 === 0 ? 'failed' : message(10 + (random() % 300), i))
      else if (pick === 1) d.feed(message(6 + (random() % 60), i), locality)
      else if (pick === 2) d.drain(random() % 40, locality)
      else if (pick === 3) d.write(TIS.STS, random() % 2 === 0 ? READY : GO, locality)
      else d.write(registers[random() % registers.length] as { at: number }, 2 ** (random() % 8), locality)
      for (const { at } of registers) {
        expect(busTake(qemuTis, d.d, locality * 4096 + at, 4)).toMatchObject({ device: d.d, effects: [] })
      }
    }
    expect(seen.length).toBeGreaterThan(300)
    for (const { state, digest } of seen) expect(canonical(state)).toBe(digest)
  })

  it('are left by reset with the buffer and the line as they were', () => {
    const d = new Driver().start().complete(message(40))
    const after = qemuTis.reset(d.d)
    expect(after.buffer).toBe(d.d.buffer)
    expect(canonical({ ...after, buffer: 0 })).toBe(canonical({ ...new Driver().d, buffer: 0 }))
  })
})

describe('save and load', () => {
  const saved = (d: Tis): SavedTis => qemuTis.save(d) as SavedTis

  it('carry a half-sent command and a half-read answer over', () => {
    const d = new Driver().acquire().write(TIS.STS, READY).feed(message(40).slice(0, 20))
    d.d = qemuTis.load(CONFIG, saved(d.d)) as Tis
    expect(d.feed(message(40).slice(20)).write(TIS.STS, GO).effects.at(-1)).toMatchObject({ command: message(40) })
    d.complete(message(50, 3))
    const first = d.drain(20)
    d.d = qemuTis.load(CONFIG, saved(d.d)) as Tis
    expect(concat(first, d.drain(30))).toEqual(message(50, 3))
  })

  it('refuse a buffer of another size, and take a smaller backend', () => {
    const large = new Driver({ bufferSize: 8192 }).start().complete(message(5000))
    expect(qemuTis.load(CONFIG, saved(large.d))).toBe('loadfail')
    expect(qemuTis.load({ ...CONFIG, bufferSize: 8192 }, saved(large.d))).toEqual(large.d)
    const small = qemuTis.load({ ...CONFIG, bufferSize: 8192, backendBufferSize: 1024 }, saved(large.d)) as Tis
    expect(qemuTis.inside(small).response).toHaveLength(1024)
  })
})

describe('what is inside', () => {
  it('is the command until it is answered, and then the answer', () => {
    const d = new Driver().start(message(100))
    expect(qemuTis.inside(d.d)).toEqual({ command: message(100), response: EMPTY, responseOffset: 0, busy: true })
    d.complete(message(60, 4))
    d.drain(20)
    expect(qemuTis.inside(d.d)).toEqual({ command: EMPTY, response: message(60, 4), responseOffset: 20, busy: false })
  })
})
