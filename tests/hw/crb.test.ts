// QEMU's CRB device: what it does and says for each write, messages of every size through windows of every size, states
// that never change, saved and loaded devices.

import { describe, expect, it } from 'vitest'
import { randomFrom } from '../../src/codec/arbitrary.ts'
import { CRB } from '../../src/hw/crb.map.ts'
import { qemuCrb } from '../../src/hw/crb.ts'
import type { SavedDevice } from '../../src/hw/device.ts'
import { bytes, type Bytes, EMPTY, toHex } from '../../src/lib/bytes.ts'
import { canonical } from '../../src/machine/digest.ts'
import { CONFIG, Driver, fresh, message } from '../support/crb.ts'

const submitted = (d: Driver): Bytes => {
  const e = d.effects.find(e => e.kind === 'submit')
  return e?.kind === 'submit' ? e.command : EMPTY
}

describe('locality and readiness', () => {
  it('grants and takes back', () => {
    const d = new Driver().write(CRB.LOC_CTRL, 1)
    expect([d.did, d.read(CRB.LOC_STATE), d.read(CRB.LOC_STS)]).toEqual(['granted', 0x83, 1])
    d.write(CRB.LOC_CTRL, 2)
    expect([d.did, d.read(CRB.LOC_STATE), d.read(CRB.LOC_STS)]).toEqual(['relinquished', 0x81, 0])
  })

  it.each([
    [0, 'no-such-value'],
    [3, 'no-such-value'],
    [9, 'no-such-value'],
    [0x101, 'no-such-value'],
    [4, 'not-implemented'],
    [8, 'not-implemented'],
  ])('ignores LOC_CTRL = %i: %s', (value, why) => {
    expect(new Driver().write(CRB.LOC_CTRL, value).did).toBe(`ignored: ${why}`)
  })

  it('sets and clears tpmIdle, whole values only', () => {
    const d = new Driver().write(CRB.CTRL_REQ, 1)
    expect([d.did, d.read(CRB.CTRL_STS), d.read(CRB.CTRL_REQ)]).toEqual(['ready', 0, 0])
    expect([d.write(CRB.CTRL_REQ, 2).did, d.read(CRB.CTRL_STS)]).toEqual(['idle', 2])
    expect([d.write(CRB.CTRL_REQ, 3).did, d.read(CRB.CTRL_STS)]).toEqual(['ignored: no-such-value', 2])
  })

  it('shows a dynamic launch as 0, at offset 00 only', () => {
    const d = new Driver()
    d.d = qemuCrb.setEstablished(d.d, true)
    expect(d.read(CRB.LOC_STATE)).toBe(0x80)
    d.d = qemuCrb.setEstablished(d.d, false)
    expect([d.read(CRB.LOC_STATE), qemuCrb.read(d.d, 1, 1)]).toEqual([0x81, 0])
  })
})

describe('CTRL_START', () => {
  it('says each step of a command in one window', () => {
    const d = new Driver().acquire().store(message(12)).start()
    expect(d.did).toBe('taken 0+12/12; submit 12, room 4096')
    expect(d.read(CRB.CTRL_START)).toBe(1)
    d.complete(message(20, 5))
    expect(d.did).toBe('completed 20; filled 0+20/20')
    expect(d.read(CRB.CTRL_START)).toBe(0)
    expect(d.show()).toEqual(Uint8Array.from({ length: 3968 }, (_, i) => message(20, 5)[i] ?? 0))
  })

  it('says each chunk, there and back', () => {
    const d = new Driver({ backendBufferSize: 8192 }).acquire()
    const command = message(5000)
    expect(d.store(command.slice(0, 3968)).next().did).toBe('taken 0+3968/5000')
    expect(d.read(CRB.CTRL_START)).toBe(0)
    expect(d.store(command.slice(3968)).start().did).toBe('taken 3968+1032/5000; submit 5000, room 8192')
    expect(submitted(d)).toEqual(command)
    expect(d.complete(message(4000, 2)).did).toBe('completed 4000; filled 0+3968/4000')
    expect(d.next().did).toBe('filled 3968+32/4000')
    expect(toHex(d.show(2, 32))).toBe('0000')
    expect(d.retry().did).toBe('filled 0+3968/4000 retry')
    expect(d.receive(4000)).toEqual(message(4000, 2))
  })

  it('ignores, and says why', () => {
    const d = new Driver().store(message(10))
    expect([d.start().did, d.next().did, d.retry().did]).toEqual(Array(3).fill('ignored: no-locality'))
    d.acquire()
    expect(d.retry().did).toBe('ignored: nothing-held')
    expect(d.write(CRB.CTRL_START, 0).did).toBe('ignored: no-such-value')
    expect(d.write(CRB.CTRL_START, 0xffff_fff8).did).toBe('ignored: no-such-value')
    d.start()
    expect([d.start().did, d.next().did, d.retry().did]).toEqual(Array(3).fill('ignored: busy'))
    const off = new Driver({ capChunk: false }).acquire().store(message(10))
    expect([off.next().did, off.retry().did]).toEqual(Array(2).fill('ignored: chunking-off'))
    expect(off.write(CRB.CTRL_START, 8).did).toBe('ignored: no-such-value')
    expect(off.start().did).toMatch(/^taken/)
  })

  it('prefers Start to nextChunk to crbRspRetry, and ignores reserved bits', () => {
    const d = new Driver().acquire().store(message(10)).write(CRB.CTRL_START, 7)
    expect(d.did).toBe('taken 0+10/10; submit 10, room 4096')
    d.complete(message(4000)).write(CRB.CTRL_START, 0xffff_fffe)
    expect(d.did).toBe('filled 3968+32/4000')
  })

  it.each([0, 6, 9])('fails for good on a header that announces %i bytes', size => {
    for (const value of [1, 4]) {
      const d = new Driver().acquire().store(message(10)).start().complete(message(4000))
      d.store(message(10, 1, size))
      if (value === 4) d.next().store(message(10, 1, size))
      d.write(CRB.CTRL_START, value)
      expect(d.effects.map(e => e.kind)).toEqual(['fatal'])
      expect([d.read(CRB.CTRL_STS), d.read(CRB.CTRL_START)]).toEqual([1, 0])
      expect(qemuCrb.inside(d.d)).toEqual({ command: EMPTY, response: EMPTY, responseOffset: 0, busy: false })
      d.store(message(10)).start()
      expect([submitted(d).length, d.read(CRB.CTRL_STS)]).toEqual([10, 1])
      expect(qemuCrb.read(qemuCrb.reset(d.d), CRB.CTRL_STS.at, 4)).toBe(2)
    }
  })

  it('cuts what the backend cannot take, and says the announced size', () => {
    const d = new Driver()
      .acquire()
      .store(message(3968, 1, 0xffff_ffff))
      .next()
    expect(d.did).toBe('taken 0+3968/4294967295')
    expect(d.next().did).toBe('taken 3968+128/4294967295')
    expect(d.next().did).toBe('taken 4096+0/4294967295')
    expect(d.start().did).toBe('taken 4096+0/4294967295; submit 4096, room 4096')
  })

  it('takes nextChunk after the last response byte for a new command', () => {
    const d = new Driver().acquire().store(message(10)).start().complete(message(30, 3))
    expect(d.next().did).toBe('taken 0+30/30')
    expect(qemuCrb.inside(d.d).command).toEqual(message(30, 3))
  })

  it('overwrites a new command with unread response bytes', () => {
    const d = new Driver().acquire().store(message(10)).start().complete(message(4000, 3))
    expect(d.store(message(3968, 8)).next().did).toBe('filled 3968+32/4000')
    expect(d.show(32)).toEqual(message(4000, 3).slice(3968))
  })
})

describe('the end of a command', () => {
  it('by failure raises tpmSts and empties the window', () => {
    const d = new Driver().acquire().store(message(10)).start().complete('failed')
    expect(d.did).toBe('fatal; filled 0+0/0')
    expect(d.effects[0]).toEqual({ kind: 'fatal', reason: 'the backend failed' })
    expect(d.show().every(b => b === 0)).toBe(true)
    expect(d.read(CRB.CTRL_STS)).toBe(1)
  })

  it('without room for a header is a failure', () => {
    const d = new Driver({ backendBufferSize: 9 }).acquire().store(message(10)).start()
    expect(submitted(d)).toHaveLength(9)
    expect(d.complete(message(10)).effects[0]).toMatchObject({ kind: 'fatal', reason: /room/ })
  })

  it.each([
    ['a header that claims less', message(50, 1, 20), 20],
    ['a header that claims more', message(50, 1, 60), 60],
    ['a header that claims more than there is room', message(50, 1, 9999), 4096],
    ['a header that claims 3', message(50, 1, 3), 3],
    ['a header that claims nothing', message(50, 1, 0), 0],
    ['fewer bytes than a header', bytes(0x80), 0],
  ])('goes by the header: %s', (_, answer, length) => {
    const d = new Driver().acquire().store(message(10)).start().complete(answer)
    expect(d.did).toBe(`completed ${length}; filled 0+${Math.min(length, 3968)}/${length}`)
    const { response } = qemuCrb.inside(d.d)
    expect(response).toEqual(Uint8Array.from({ length }, (_, i) => answer[i] ?? 0))
    expect(d.read(CRB.CTRL_STS)).toBe(0)
  })

  it('is asked for by exactly 1 in CTRL_CANCEL, while a command runs', () => {
    const d = new Driver().acquire().store(message(10))
    expect(d.write(CRB.CTRL_CANCEL, 1).did).toBe('ignored: not-running')
    d.start()
    expect(d.write(CRB.CTRL_CANCEL, 3).did).toBe('ignored: no-such-value')
    expect(d.write(CRB.CTRL_CANCEL, 0).did).toBe('ignored: no-such-value')
    expect(d.write(CRB.CTRL_CANCEL, 1).did).toBe('cancel')
    expect([d.read(CRB.CTRL_CANCEL), d.read(CRB.CTRL_START)]).toEqual([0, 1])
  })

  it('comes once: an answer that nobody waits for changes nothing', () => {
    const d = new Driver().acquire()
    const before = d.d
    expect(d.complete(message(10)).did).toBe('ignored: not-running')
    expect(d.d).toBe(before)
  })
})

describe('messages through windows', () => {
  const lengths = (w: number): number[] => [10, w - 1, w, w + 1, 2 * w - 1, 2 * w, 2 * w + 1, 3 * w + 7]

  it.each([3968, 1024, 256, 64])('arrive whole through %i bytes, both ways', windowSize => {
    const random = randomFrom(windowSize)
    const some = Array.from({ length: 20 }, () => 10 + (random() % (6 * windowSize)))
    for (const length of [...lengths(windowSize), ...some]) {
      const d = new Driver({ windowSize, backendBufferSize: 65536 }).acquire()
      const command = message(length, length & 255)
      expect(submitted(d.send(command))).toEqual(command)
      const answer = message(10 + (length % (3 * windowSize)), 99)
      d.complete(answer)
      expect(d.receive(answer.length)).toEqual(answer)
      expect(d.retry().receive(answer.length)).toEqual(answer)
    }
  })

  it('may be handed over whole by nextChunk, and then started', () => {
    const d = new Driver().acquire()
    const command = message(4000)
    d.store(command.slice(0, 3968)).next().store(command.slice(3968)).next().next().start()
    expect(submitted(d)).toEqual(command)
  })

  it.each(['CTRL_REQ', 'LOC_CTRL'] as const)('survive %s in the middle: QEMU abandons nothing', name => {
    const d = new Driver().acquire()
    const command = message(4000)
    d.store(command.slice(0, 3968)).next()
    d.write(CRB[name], 2).write(CRB[name], 1)
    expect(submitted(d.store(command.slice(3968)).start())).toEqual(command)
  })
})

describe('states', () => {
  it('never change: a thousand random operations leave every earlier state as it was', () => {
    const random = randomFrom(11)
    const registers = [CRB.LOC_CTRL, CRB.CTRL_REQ, CRB.CTRL_CANCEL, CRB.CTRL_START, CRB.CTRL_STS]
    const d = new Driver({ windowSize: 256 }).acquire()
    const seen: { readonly state: unknown; readonly digest: string }[] = []
    for (let i = 0; i < 1000; i++) {
      if (seen.at(-1)?.state !== d.d) seen.push({ state: d.d, digest: canonical(d.d) })
      const pick = random() % 8
      if (pick === 0) d.complete(random() % 9 === 0 ? 'failed' : message(10 + (random() % 700), i))
      else if (pick === 1) d.store(message(10 + (random() % 240), i, 10 + (random() % 900)))
      else if (pick === 2) d.write(CRB.LOC_CTRL, 1)
      else if (pick === 3 && random() % 10 === 0) d.d = qemuCrb.reset(d.d)
      else if (pick === 4) d.start()
      else if (pick === 5) d.next()
      else d.write(registers[random() % registers.length] as { at: number }, random() % 8)
      if (pick > 3) expect(d.effects.length).toBeGreaterThan(0)
    }
    expect(seen.length).toBeGreaterThan(300)
    for (const { state, digest } of seen) expect(canonical(state)).toBe(digest)
  })

  it('share what did not change', () => {
    const d = new Driver().acquire().store(message(3968))
    const before = d.d
    d.write(CRB.CTRL_REQ, 2)
    expect(d.d.window).toBe(before.window)
    expect(d.d.config).toBe(before.config)
    d.store(bytes(1, 2, 3), 300)
    expect(d.d.regs).not.toBe(before.regs)
    const [a, b] = [before.window.pages, d.d.window.pages]
    expect(a.map((page, i) => page === b[i])).toEqual(a.map((_, i) => i !== 1))
    const same = d.d
    d.store(bytes(1, 2, 3), 300)
    expect(d.d).toBe(same)
  })

  it('hand out bytes that are copies', () => {
    const d = new Driver().acquire().store(message(10)).start().complete(message(40, 2))
    const digest = canonical(d.d)
    const shown = d.show(40) as Uint8Array
    shown.fill(0)
    expect(canonical(d.d)).toBe(digest)
  })
})

describe('reset', () => {
  it('clears registers and buffers, not the window, and needs the locality again', () => {
    const d = new Driver().acquire().store(message(10)).start().complete(message(4000, 6))
    const window = d.show()
    d.d = qemuCrb.reset(d.d)
    expect(d.show()).toEqual(window)
    expect(qemuCrb.inside(d.d)).toEqual({ command: EMPTY, response: EMPTY, responseOffset: 0, busy: false })
    expect(canonical({ ...d.d, window: 0 })).toBe(canonical({ ...fresh(), window: 0 }))
    expect(d.start().did).toBe('ignored: no-locality')
  })
})

describe('save and load', () => {
  const half = (config = {}): Driver =>
    new Driver({ backendBufferSize: 8192, ...config })
      .acquire()
      .store(message(3968, 4, 5000))
      .next()
  const saved = (d: Driver): SavedDevice => {
    const s = qemuCrb.save(d.d)
    if (s === 'blocked') throw new Error('blocked')
    return s
  }

  it('carries a half-sent command over', () => {
    const d = half()
    const to = qemuCrb.load({ ...CONFIG, backendBufferSize: 8192 }, saved(d))
    expect(to).toEqual(d.d)
    d.d = to as typeof d.d
    d.store(message(5000, 4).slice(3968)).start()
    expect(submitted(d)).toEqual(message(5000, 4))
  })

  it('carries a half-read response over', () => {
    const d = new Driver().acquire().store(message(10)).start().complete(message(4000, 5))
    d.d = qemuCrb.load(CONFIG, saved(d)) as typeof d.d
    expect(d.receive(4000)).toEqual(message(4000, 5))
  })

  it('has no chunk section when nothing is held, or when it may not', () => {
    expect(saved(new Driver()).chunk).toBeUndefined()
    expect(saved(half()).chunk?.command).toHaveLength(3968)
    const off = new Driver({ capChunk: false, allowChunkMigration: false }).acquire().store(message(10)).start()
    expect(saved(off.complete(message(20))).chunk).toBeUndefined()
  })

  it('is refused where chunks could be lost', () => {
    expect(qemuCrb.save(half({ allowChunkMigration: false }).d)).toBe('blocked')
  })

  it('does not load what does not fit', () => {
    const s = saved(half())
    expect(qemuCrb.load({ ...CONFIG, backendBufferSize: 3967 }, s)).toBe('loadfail')
    expect(qemuCrb.load({ ...CONFIG, backendBufferSize: 3968 }, s)).not.toBe('loadfail')
    expect(qemuCrb.load({ ...CONFIG, windowSize: 1024 }, s)).toBe('loadfail')
    expect(qemuCrb.load(CONFIG, { ...s, registers: s.registers.slice(1) })).toBe('loadfail')
  })

  it('lets a guest read CapCRBChunk on a device that no longer has it', () => {
    const d = half()
    d.d = qemuCrb.load({ ...CONFIG, capChunk: false, backendBufferSize: 8192 }, saved(d)) as typeof d.d
    expect(d.read(CRB.INTF_ID)).toBe(0x25c11)
    expect(d.next().did).toBe('ignored: chunking-off')
  })
})
