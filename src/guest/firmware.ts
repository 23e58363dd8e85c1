// What the programs of the firmware are made of: a command is put together in one line and sent in the next, by the same
// driver that the operating system has. The firmware computes digests in software, as SeaBIOS and UEFI firmware do.

import { CRB } from '../hw/crb.map.ts'
import { ppiFieldAt, type PpiField, ppiRequest, ppiResult } from '../hw/ppi.map.ts'
import { type Bytes, concat, EMPTY, readBe32 } from '../lib/bytes.ts'
import { commandName } from '../spec/codes.ts'
import { returnCodeName } from '../spec/return-codes.ts'
import type { Io } from './advance.ts'
import { EIO } from './driver.ts'
import { driverFor } from './drivers.ts'
import type { Boot, Frame, Guest, Sink, Vars } from './guest.ts'
import { func, line, type Op, type Scope, when } from './program.ts'

/** Largest answer that the firmware takes. */
const ROOM = 4096

export const top = (g: Guest): Frame => g.stack.at(-1) as Frame
export const local = (g: Guest, name: string): number => top(g).vars[name] ?? 0
export const v = (s: Scope, name: string): number => s.vars[name] ?? s.globals[name] ?? 0
export const bootOf = (g: Guest): Boot => g.boot as Boot

export const withBoot = (g: Guest, change: Partial<Boot>): Guest => ({ ...g, boot: { ...bootOf(g), ...change } })

export function withLocals(g: Guest, values: Vars, events: Sink): Guest {
  const frame = top(g)
  for (const [name, to] of Object.entries(values)) {
    if (frame.vars[name] !== to) events.push({ t: 'var', name, from: frame.vars[name], to })
  }
  return { ...g, stack: [...g.stack.slice(0, -1), { ...frame, vars: { ...frame.vars, ...values } }] }
}

/** A line that changes the guest, and has no access. */
export const own = (run: (g: Guest, events: Sink) => Guest): Op => ({
  kind: 'own',
  run: (g, _, events) => ({ guest: run(g, events) }),
})

export const ret = (value: number | ((s: Scope) => number)): Op => ({
  kind: 'return',
  value: typeof value === 'number' ? () => value : value,
})

export const call = (fn: string, args: (s: Scope) => Vars = () => ({}), into?: string): Op => ({
  kind: 'call',
  fn,
  args,
  ...(into ? { into } : {}),
})

/** A call of the driver of the interface that there is: which function that is, the line learns when it runs. */
export const callDriver = (what: 'probe' | 'transmit', args: (g: Guest) => Vars, into: string): Op => ({
  kind: 'own',
  run(g, _, events) {
    const fn = driverFor(g)[what]
    const frame = top(g)
    events.push({ t: 'call', fn })
    const back = { ...frame, pc: frame.pc + 1 }
    const stack = [...g.stack.slice(0, -1), back, { fn, pc: 1, vars: args(g), into }]
    return { guest: { ...g, stack }, stay: true }
  },
})

type Beat = string | ((s: Scope) => string)

/** Puts a command together and sends it: two lines. */
export const command = (text: string, make: (g: Guest) => Bytes, beat?: Beat) => [
  line(
    `cmd = ${text};`,
    own(g => ({ ...g, tx: make(g), rx: EMPTY, timers: [] })),
    beat,
  ),
  line(
    'rc = tpm_command(cmd);',
    call('tpm_command', () => ({}), 'rc'),
  ),
]

/** Who cannot go on hands over: nothing more is sent. */
export const giveUp = (text: string, test: (s: Scope) => boolean) => when(text, test, [line('boot_os();', bootOs())])

/** The firmware ends, and the operating system begins: nothing of what the firmware's driver knew is left. */
export function bootOs(): Op {
  return own((g, events) => {
    const { started } = bootOf(g)
    const how = started ? '' : ' It could not start the TPM: it has no menu for it, and measured nothing.'
    events.push({ t: 'platform', what: 'power', say: `The firmware hands over to the operating system.${how}` })
    return withBoot(
      { ...g, stack: [], entry: undefined, globals: {}, tx: EMPTY, rx: EMPTY, timers: [] },
      {
        asks: undefined,
        keys: [],
        console: [...bootOf(g).console, 'Starting the operating system.'],
      },
    )
  })
}

/** Lines on the firmware's screen. */
export function print(g: Guest, events: Sink, ...lines: readonly string[]): Guest {
  events.push({ t: 'platform', what: 'screen', say: `The firmware shows “${lines[0] ?? ''}”.` })
  return withBoot(g, { console: [...bootOf(g).console, ...lines] })
}

const little = (value: number, size: number): Bytes =>
  Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)))

const meaning = (field: PpiField, value: number): string => {
  const name = ppiFieldAt(field.at)
  if (name === 'pprq' || name === 'lppr') return ` (${ppiRequest(value)})`
  return name === 'pprp' ? ` (${ppiResult(value)})` : ''
}

/** Reads a field of the shared memory into a local. @param at offset within the field */
export const readShared = (field: PpiField, into: string, at: (g: Guest) => number = () => 0): Op => ({
  kind: 'own',
  io: (g): Io => ({ kind: 'platform', at: field.at + at(g), size: field.size > 4 ? 1 : field.size }),
  run: (g, { value }, events) => {
    const say = `read ${ppiFieldAt(field.at)}: ${value}${meaning(field, value)}`
    events.push({ t: 'platform', what: 'memory', say: `${who(g)} ${say}.` })
    return { guest: withLocals(g, { [into]: value }, events) }
  },
})

export const writeShared = (field: PpiField, value: (g: Guest) => number): Op => ({
  kind: 'own',
  io: (g): Io => ({ kind: 'platform', at: field.at, size: field.size, data: little(value(g), field.size) }),
  run: (g, _, events) => {
    const say = `wrote ${value(g)}${meaning(field, value(g))} to ${ppiFieldAt(field.at)}`
    events.push({ t: 'platform', what: 'memory', say: `${who(g)} ${say}.` })
    return { guest: g }
  },
})

/** Who runs: what precedes the hand-over is the firmware. */
export const who = (g: Guest): string =>
  g.entry !== undefined && g.boot && !g.entry.startsWith('os_') ? 'The firmware' : 'The operating system'

/** The value of a key as a local has it. */
export const keyCode = (key: string): number =>
  key === 'Esc' ? 27 : /^F\d+$/.test(key) ? 1000 + Number(key.slice(1)) : key.charCodeAt(0)

const SECOND = 1_000_000

/** Waits for a key, a second at a time, and at most `seconds`: `key` is 0 then. */
export const waitKey = (asks: NonNullable<Boot['asks']>, seconds: number): Op => ({
  kind: 'own',
  run(g, _, events) {
    const { keys } = bootOf(g)
    const waited = local(g, 'waited')
    const [key] = keys
    if (key !== undefined) {
      events.push({ t: 'platform', what: 'key', say: `The firmware read the key ${key}.` })
      const next = withBoot(g, { keys: keys.slice(1), asks: undefined })
      return { guest: withLocals(next, { key: keyCode(key), waited: 0 }, events) }
    }
    if (waited >= seconds) {
      events.push({ t: 'platform', what: 'key', say: `Nobody pressed a key in ${seconds} s: the firmware goes on.` })
      return { guest: withLocals(withBoot(g, { asks: undefined }), { key: 0, waited: 0 }, events) }
    }
    events.push({ t: 'platform', what: 'key', say: `The firmware waits for a key: ${waited + 1} of ${seconds} s.` })
    const next = withLocals(withBoot(g, { asks }), { waited: waited + 1 }, events)
    return { guest: next, stay: true, cost: SECOND }
  },
})

const tpmCommand = func('tpm_command', 'int tpm_command(cmd)', [
  line(
    'n = transmit(cmd, len, rsp, max);',
    callDriver('transmit', g => ({ len: g.tx.length, max: ROOM }), 'n'),
  ),
  when('if (n < 10)', s => v(s, 'n') < 10, [line('return -EIO;', ret(EIO))]),
  line(
    'rc = be32(rsp + 6);',
    own((g, events) => {
      const rc = readBe32(g.rx, 6)
      const name = commandName(readBe32(g.tx, 6))
      events.push({
        t: 'platform',
        what: 'command',
        say: `${who(g)} has the answer to ${name}: ${returnCodeName(rc)}.`,
      })
      return withLocals(g, { rc }, events)
    }),
  ),
  line(
    'return rc;',
    ret(s => v(s, 'rc')),
  ),
])

const TYPE = CRB.INTF_ID.fields.InterfaceType
/** What INTF_ID says of the interface that is active. */
export const interfaceType = (word: number): number => Math.floor(word / 2 ** TYPE.low) % 2 ** TYPE.width
/** PTP: both interfaces have the register at the same offset. Without an interface all its bits read 1. */
const FIFO_ACTIVE = 0
const CRB_ACTIVE = 1
export const known = (type: number): boolean => type === FIFO_ACTIVE || type === CRB_ACTIVE
export const readIntfId: Op = { kind: 'read', offset: CRB.INTF_ID.at, into: 'type', pick: interfaceType }

export const appendLog = (g: Guest, record: Bytes): Guest => withBoot(g, { log: concat(bootOf(g).log, record) })

export const SHARED = [tpmCommand]
