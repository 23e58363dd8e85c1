// The platform around a TPM as pure functions: power, inputs, state blobs, the buffer size. Answers to compare with are
// those of swtpm 0.7.1.

import { describe, expect, it } from 'vitest'
import type { ControlRequest, PlatformRequest } from '../support/requests.ts'
import { act, beforeCommand, control, indicate, indicated, platform } from '../../src/backend/platform.ts'
import { fromHex, readBe32, toHex, utf8 } from '../../src/lib/bytes.ts'
import { readImage, writeImage } from '../../src/nvram/image.ts'
import { execute } from '../../src/tpm/execute.ts'
import { anyProfile, PROFILES } from '../../src/tpm/profiles/index.ts'
import { manufacture, type Tpm } from '../../src/tpm/tpm.ts'

const made = manufacture(new Uint8Array(32), PROFILES.crbscope)
const blobs = {
  write: writeImage,
  read: (b: Parameters<typeof readImage>[0]): Tpm =>
    readImage(b, id => {
      const profile = anyProfile(id)
      return profile && manufacture(new Uint8Array(32), profile)
    }),
}
const fresh = platform(made)
const send = (p: typeof fresh, hex: string): { p: typeof fresh; rc: number } => {
  const { tpm, response } = execute(p.tpm, fromHex(hex), p.locality)
  return { p: { ...p, tpm }, rc: readBe32(response, 6) }
}
const STARTUP = '80010000000c000001440000'
const GET_RANDOM = '80010000000c0000017b0008'
const PCR_RESET_16 = '80020000001b0000013d0000001000000009400000090000000000'
const started = send(fresh, STARTUP).p
const ask = (p: typeof fresh, r: ControlRequest) => {
  const done = control(p, r, blobs)
  return { p: done.platform, hex: toHex(done.answer), rc: readBe32(done.answer, 0) }
}
const push = (p: typeof fresh, kind: PlatformRequest['kind']): typeof fresh => {
  const done = act(p, { kind })
  expect(toHex(done.answer)).toBe('00000000')
  return done.platform
}

describe('the platform port', () => {
  it('power goes and comes: _TPM_Init', () => {
    expect(send(push(started, 'power-on'), GET_RANDOM).rc).toBe(0)
    const off = push(started, 'power-off')
    expect(off.powered).toBe(false)
    const on = push(push(off, 'power-on'), 'nv-on')
    expect(send(on, GET_RANDOM).rc).toBe(0x100)
    expect(send(on, STARTUP).rc).toBe(0)
    expect(send(push(started, 'reset'), GET_RANDOM).rc).toBe(0x100)
    expect(push(off, 'reset').powered).toBe(false)
  })

  it('power-off takes NV away until NV_ON; then commands that need it answer TPM_RC_NV_UNAVAILABLE', () => {
    const on = push(push(started, 'power-off'), 'power-on')
    expect(send(on, STARTUP).rc).toBe(0x923)
    expect(send(push(on, 'nv-on'), STARTUP).rc).toBe(0)
    const without = push(started, 'nv-off')
    expect(send(without, GET_RANDOM).rc).toBe(0)
    expect(send(without, PCR_RESET_16).rc).toBe(0x923)
    expect(send(push(without, 'nv-on'), PCR_RESET_16).rc).toBe(0)
  })

  it('sets the inputs', () => {
    const present = push(started, 'presence-on')
    expect([started, present, push(present, 'presence-off')].map(p => p.tpm.physicalPresence)).toEqual([
      false,
      true,
      false,
    ])
    expect(push(started, 'cancel-on').cancelled).toBe(true)
    expect(push(push(started, 'cancel-on'), 'cancel-off').cancelled).toBe(false)
    const failing = push(started, 'fail-self-test')
    expect(send(failing, GET_RANDOM).rc).toBe(0)
    const tested = send(failing, '80010000000b0000014301')
    expect([tested.rc, send(tested.p, GET_RANDOM).rc]).toEqual([0x101, 0x101])
    expect(send(push(tested.p, 'reset'), STARTUP).rc).toBe(0)
  })
})

describe('the control channel', () => {
  it('stops and starts the TPM', () => {
    const off = ask(started, { kind: 'stop-tpm' })
    expect([off.rc, off.p.powered]).toEqual([0, false])
    expect(ask(off.p, { kind: 'stop-tpm' }).rc).toBe(0)
    const on = ask(off.p, { kind: 'init', deleteVolatile: false })
    expect([on.rc, on.p.powered, send(on.p, GET_RANDOM).rc]).toEqual([0, true, 0x100])
    expect(send(ask(started, { kind: 'init', deleteVolatile: false }).p, GET_RANDOM).rc).toBe(0x100)
  })

  it('goes on in the middle from a stored volatile state, once, unless it is deleted', () => {
    const stored = ask(started, { kind: 'store-volatile' })
    expect(stored.rc).toBe(0)
    const off = ask(stored.p, { kind: 'stop-tpm' }).p
    const resumed = ask(off, { kind: 'init', deleteVolatile: false }).p
    expect(send(resumed, GET_RANDOM).rc).toBe(0)
    expect(send(ask(resumed, { kind: 'init', deleteVolatile: false }).p, GET_RANDOM).rc).toBe(0x100)
    expect(send(ask(off, { kind: 'init', deleteVolatile: true }).p, GET_RANDOM).rc).toBe(0x100)
    expect(ask(off, { kind: 'store-volatile' }).rc).toBe(0x0a)
  })

  it('moves a running TPM to another server by its blobs', () => {
    const blob = (type: number) => {
      const answer = control(started, { kind: 'get-blob', type, offset: 0 }, blobs).answer
      expect([readBe32(answer, 0), readBe32(answer, 4), readBe32(answer, 8)]).toEqual([0, 0, answer.length - 16])
      return answer.slice(16)
    }
    const other = platform(manufacture(new Uint8Array(32).fill(9), PROFILES.crbscope))
    let p = ask(other, { kind: 'stop-tpm' }).p
    for (const type of [1, 2, 3]) {
      const done = ask(p, { kind: 'set-blob', flags: 0, type, bytes: blob(type) })
      expect(done.rc).toBe(0)
      p = done.p
    }
    p = ask(p, { kind: 'init', deleteVolatile: false }).p
    const command = fromHex(GET_RANDOM)
    expect(toHex(execute(p.tpm, command, 0).response)).toBe(toHex(execute(started.tpm, command, 0).response))
    expect(blob(3)).toHaveLength(0)
  })

  it('refuses blobs that are none, of another profile, encrypted, or while the TPM runs', () => {
    const off = ask(started, { kind: 'stop-tpm' }).p
    const set = (bytes: Uint8Array, type = 1, flags = 0, p = off) => ask(p, { kind: 'set-blob', flags, type, bytes }).rc
    const good = Uint8Array.from({ length: writeImage(made).length }, (_, i) => writeImage(made)[i] as number)
    expect(set(good)).toBe(0)
    expect(set(good, 1, 0, started)).toBe(0x0a)
    expect(set(good, 4)).toBe(3)
    expect(set(good, 1, 2)).toBe(3)
    expect(set(Uint8Array.of(1, 2, 3))).toBe(3)
    const other = writeImage(manufacture(new Uint8Array(32), PROFILES['no-pqc']))
    expect(ask(off, { kind: 'set-blob', flags: 0, type: 1, bytes: other }).rc).toBe(3)
  })

  it('knows whether a dynamic launch has happened, and who may take that back', () => {
    expect(ask(started, { kind: 'get-established' }).hex).toBe('0000000000000000')
    const launched = indicate(started, { kind: 'hash-start' })
    expect(ask(launched, { kind: 'get-established' }).hex).toBe('0000000001000000')
    expect(ask(launched, { kind: 'reset-established', locality: 2 }).rc).toBe(0x3d)
    const back = ask(launched, { kind: 'reset-established', locality: 3 })
    expect([back.rc, ask(back.p, { kind: 'get-established' }).hex]).toEqual([0, '0000000000000000'])
    const off = ask(started, { kind: 'stop-tpm' }).p
    expect(ask(off, { kind: 'get-established' }).hex).toBe('0000000a')
    expect([toHex(indicated(off)), toHex(indicated(started))]).toEqual(['0000000a', '00000000'])
  })

  it('a command abandons an open hash sequence', () => {
    const open = indicate(indicate(started, { kind: 'hash-start' }), { kind: 'hash-data', bytes: utf8('x') })
    const ended = indicate(open, { kind: 'hash-end' })
    expect(ended.tpm.pcrs).not.toBe(started.tpm.pcrs)
    expect(indicate(beforeCommand(open), { kind: 'hash-end' }).tpm.pcrs).toBe(started.tpm.pcrs)
  })

  it('sets the locality of the commands that follow', () => {
    const at3 = ask(started, { kind: 'set-locality', locality: 3 })
    expect([at3.rc, at3.p.locality]).toEqual([0, 3])
    expect(ask(started, { kind: 'set-locality', locality: 5 }).rc).toBe(0x3d)
  })

  it('sets the buffer size within its bounds, only while the TPM is off', () => {
    expect(ask(started, { kind: 'buffer-size', size: 0 }).hex).toBe('000000000000200000000af800002000')
    expect(ask(started, { kind: 'buffer-size', size: 3000 }).hex).toBe('0000000a')
    const off = ask(started, { kind: 'stop-tpm' }).p
    const size = (n: number) => ask(off, { kind: 'buffer-size', size: n })
    expect(size(3000).hex).toBe('0000000000000bb800000af800002000')
    expect(size(300).p.bufferSize).toBe(2808)
    expect(size(30_000).p.bufferSize).toBe(8192)
  })

  it('tells what it is', () => {
    const text = (flags: number): string => {
      const { answer } = control(started, { kind: 'info', flags, offset: 0 }, blobs)
      return String.fromCharCode(...Array.from(answer.slice(12)))
    }
    expect(JSON.parse(text(3).slice(0, -1))).toMatchObject({
      TPMSpecification: { family: '2.0', level: 0, revision: 185 },
      TPMAttributes: { version: 'id:00010000' },
    })
    expect(text(0)).toBe('{}\0')
    const ibm = platform(manufacture(new Uint8Array(32), PROFILES['libtpms-0.9']))
    expect(toHex(control(ibm, { kind: 'info', flags: 3, offset: 0 }, blobs).answer.slice(12))).toBe(
      toHex(
        utf8(
          '{"TPMSpecification":{"family":"2.0","level":0,"revision":164},"TPMAttributes":{"manufacturer":"id:00001014","version":"id:20191023","model":"swtpm"}}\0',
        ),
      ),
    )
  })
})
