// The guest's TIS driver: the steps of Linux's tpm_tis with polling, in lines of our own. Time limits are Linux's (A 750,
// B 2000, C 200 ms). Three bad habits can be had instead of its care; each shows what the care is for.

import { TIS } from '../hw/tis.map.ts'
import { readBe32 } from '../lib/bytes.ts'
import { EIO } from './driver.ts'
import type { Driver, Habit } from './drivers.ts'
import { type Func, func, line, loop, type Op, type Scope, when } from './program.ts'

const ENODEV = -19
const TIMEOUT_A = 750_000
const TIMEOUT_B = 2_000_000
const TIMEOUT_C = 200_000
/** Linux's for long commands. */
const DURATION = 2_000_000
const SHORT_SLEEP = 50
const LONG_SLEEP = 1_000
/** A full device takes its time: Linux once slept 5 ms between two looks. */
const BURST_SLEEP = 5_000
const PAGE = 0x1000
const HEADER = 10

type FieldOf = { readonly fields: { readonly [f: string]: { readonly low: number } } }
const bit = (register: FieldOf, field: string): number => {
  const f = register.fields[field]
  if (!f) throw new Error(`defect: no field ${field}`)
  return 2 ** f.low
}
const REQUEST_USE = bit(TIS.ACCESS, 'requestUse')
const SEIZE = bit(TIS.ACCESS, 'Seize')
const ACTIVE = bit(TIS.ACCESS, 'activeLocality')
const ACCESS_VALID = bit(TIS.ACCESS, 'tpmRegValidSts')
const READY = bit(TIS.STS, 'commandReady')
const GO = bit(TIS.STS, 'tpmGo')
const AVAIL = bit(TIS.STS, 'dataAvail')
const EXPECT = bit(TIS.STS, 'Expect')
const VALID = bit(TIS.STS, 'stsValid')
/** Bits that always read 0: a status in which one is set comes from no device. */
const READ_ZERO = bit(TIS.STS, 'responseRetry') + GO + 1
const { low: BURST_LOW } = TIS.STS.fields.burstCount

const v = (s: Scope, name: string): number => s.vars[name] ?? s.globals[name] ?? 0
const set = (run: (s: Scope) => { [name: string]: number }): Op => ({ kind: 'set', run })
const ret = (value: number | ((s: Scope) => number)): Op => ({
  kind: 'return',
  value: typeof value === 'number' ? () => value : value,
})
const wr8 = (register: { readonly at: number }, value: number, locality = 0): Op => ({
  kind: 'write',
  offset: locality * PAGE + register.at,
  value,
  size: 1,
})
const call = (fn: string, args: (s: Scope) => { [name: string]: number }): Op => ({
  kind: 'call',
  fn,
  args,
  into: 'rc',
})

interface Wait {
  readonly timer: string
  readonly limit: number
  readonly into?: string
}
const poll = (register: { readonly at: number }, mask: number, { timer, limit, into }: Wait, more = {}): Op => ({
  kind: 'poll',
  offset: register.at,
  mask,
  want: mask,
  timer,
  limit,
  sleep: timer === 'command' ? LONG_SLEEP : SHORT_SLEEP,
  size: 1,
  ...(into ? { into } : {}),
  ...more,
})

/** The driver's functions, with a bad habit or with none. */
function functionsOf(habit: Habit | undefined): readonly Func[] {
  const sane = (sts: number): number => (habit === 'trusts' || (sts & READ_ZERO) === 0 ? sts : 0)
  const status = (mask: number, wait: Wait): Op => poll(TIS.STS, mask, wait, { pick: sane })
  const readStatus: Op = { kind: 'read', offset: TIS.STS.at, into: 'sts', pick: sane, size: 1 }
  const valid = () => line('poll_status(VALID, 200);', status(VALID, { timer: 'stsValid', limit: TIMEOUT_C }))
  const burstOp: Op = {
    ...{ kind: 'poll', mask: 0xffff, want: 0, got: 'burst', timer: 'burstCount', limit: TIMEOUT_A, sleep: BURST_SLEEP },
    ...(habit === 'one-byte'
      ? { offset: TIS.STS.at + BURST_LOW / 8, size: 1 }
      : { offset: TIS.STS.at, pick: (sts: number) => (sts >>> BURST_LOW) & 0xffff }),
  }
  const burst = () => line(habit === 'one-byte' ? 'burst = rd8(STS + 1);' : 'burst = rd(STS) >> 8 & 0xffff;', burstOp)
  const feed = (text: string, length: (s: Scope) => number) =>
    line(text, { kind: 'feed', offset: TIS.DATA_FIFO.at, at: s => v(s, 'off'), length })

  const acquire = (beat: string) => [
    line('wr8(ACCESS, REQUEST_USE);', wr8(TIS.ACCESS, REQUEST_USE), beat),
    line(
      'poll8_set(ACCESS, ACTIVE | VALID, 750);',
      poll(TIS.ACCESS, ACTIVE + ACCESS_VALID, { timer: 'locality', limit: TIMEOUT_A }),
    ),
  ]

  const probe = func('tis_probe', 'int tis_probe()', [
    ...acquire('Probe'),
    line('vendor = rd(DID_VID);', { kind: 'read', offset: TIS.DID_VID.at, into: 'vendor' }),
    when('if (vendor == 0xffffffff)', s => v(s, 'vendor') === 0xffff_ffff, [line('return -ENODEV;', ret(ENODEV))]),
    line('caps = rd(INTF_CAPABILITY);', { kind: 'read', offset: TIS.INTF_CAPABILITY.at, into: 'caps' }),
    line('wr8(ACCESS, ACTIVE);', wr8(TIS.ACCESS, ACTIVE)),
    line('return 0;', ret(0)),
  ])

  const transmit = func('tis_transmit', 'int tis_transmit(cmd, len, rsp, max)', [
    ...acquire('Get ready'),
    line(
      'rc = tis_send(cmd, len);',
      call('tis_send', s => ({ len: v(s, 'len'), off: 0 })),
    ),
    when('if (rc == 0)', s => v(s, 'rc') === 0, [
      line('wr8(STS, GO);', wr8(TIS.STS, GO), 'Execute'),
      line(
        'rc = poll_status(AVAIL | VALID, dur);',
        status(AVAIL + VALID, { timer: 'command', limit: DURATION, into: 'rc' }),
      ),
      when('if (rc == 0)', s => v(s, 'rc') === 0, [
        line(
          'rc = tis_recv(rsp, max);',
          call('tis_recv', s => ({ max: v(s, 'max') })),
        ),
      ]),
    ]),
    line('wr8(STS, READY);', wr8(TIS.STS, READY), 'Let go'),
    line('wr8(ACCESS, ACTIVE);', wr8(TIS.ACCESS, ACTIVE)),
    line(
      'return rc;',
      ret(s => v(s, 'rc')),
    ),
  ])

  const ready = () => [
    line('sts = status();', readStatus, 'Send'),
    when('if (!(sts & READY))', s => (v(s, 'sts') & READY) === 0, [
      line('wr8(STS, READY);', wr8(TIS.STS, READY)),
      line('poll_status(READY, 2000);', status(READY, { timer: 'commandReady', limit: TIMEOUT_B })),
    ]),
  ]
  const careful = () => [
    loop('while (off < len - 1)', s => v(s, 'off') < v(s, 'len') - 1, [
      burst(),
      line(
        'n = min(burst, len - off - 1);',
        set(s => ({ n: Math.min(v(s, 'burst'), v(s, 'len') - v(s, 'off') - 1) })),
      ),
      feed('write_fifo(cmd + off, n);', s => v(s, 'n')),
      line(
        'off += n;',
        set(s => ({ off: v(s, 'off') + v(s, 'n') })),
      ),
      valid(),
      line('sts = status();', readStatus),
      when('if (!(sts & EXPECT))', s => (v(s, 'sts') & EXPECT) === 0, [line('return -EIO;', ret(EIO))]),
    ]),
    feed('write_fifo(cmd + off, 1);', () => 1),
    valid(),
    line('sts = status();', readStatus),
    when('if (sts & EXPECT)', s => (v(s, 'sts') & EXPECT) !== 0, [line('return -EIO;', ret(EIO))]),
  ]
  const send = func('tis_send', 'int tis_send(cmd, len)', [
    ...ready(),
    ...(habit === 'blind' ? [feed('write_fifo(cmd, len);', s => v(s, 'len'))] : careful()),
    line('return 0;', ret(0)),
  ])

  const take = (end: string, beat?: string) => [
    line(
      `rc = recv_data(rsp, ${end});`,
      call('recv_data', s => ({ end: end === 'size' ? v(s, 'size') : HEADER, got: s.rx.length })),
      beat,
    ),
    when('if (rc < 0)', s => v(s, 'rc') < 0, [
      line(
        'return rc;',
        ret(s => v(s, 'rc')),
      ),
    ]),
  ]
  const recv = func('tis_recv', 'int tis_recv(rsp, max)', [
    ...take('10', 'Read answer'),
    line(
      'size = be32(rsp + 2);',
      set(s => ({ size: readBe32(s.rx, 2) })),
    ),
    when('if (size > max || size < 10)', s => v(s, 'size') > v(s, 'max') || v(s, 'size') < HEADER, [
      line('return -EIO;', ret(EIO)),
    ]),
    ...take('size'),
    valid(),
    line('sts = status();', readStatus),
    when('if (sts & AVAIL)', s => (v(s, 'sts') & AVAIL) !== 0, [line('return -EIO;', ret(EIO))]),
    line(
      'return size;',
      ret(s => v(s, 'size')),
    ),
  ])

  const recvData = func('recv_data', 'int recv_data(rsp, end)', [
    loop('while (got < end)', s => v(s, 'got') < v(s, 'end'), [
      line('poll_status(AVAIL | VALID, 200);', status(AVAIL + VALID, { timer: 'dataAvail', limit: TIMEOUT_C })),
      burst(),
      line(
        'n = min(burst, end - got);',
        set(s => ({ n: Math.min(v(s, 'burst'), v(s, 'end') - v(s, 'got')) })),
      ),
      line('read_fifo(rsp + got, n);', { kind: 'drain', offset: TIS.DATA_FIFO.at, length: s => v(s, 'n') }),
      line(
        'got += n;',
        set(s => ({ got: v(s, 'got') + v(s, 'n') })),
      ),
    ]),
    line(
      'return got;',
      ret(s => v(s, 'got')),
    ),
  ])

  const cancel = func('tis_cancel', 'void tis_cancel()', [
    line('wr8(STS, READY);', wr8(TIS.STS, READY), 'Cancel'),
    line('return;', ret(0)),
  ])

  const rival = (n: number): Func =>
    func(`locality${n}`, `void locality${n}()`, [
      line(`wr8(ACCESS(${n}), SEIZE);`, wr8(TIS.ACCESS, SEIZE, n), `Locality ${n} seizes`),
      line('return;', ret(0)),
    ])

  return [probe, transmit, send, recv, recvData, cancel, rival(1), rival(2), rival(3)]
}

/** While the command executes, code at another locality steps in, once, if the task says so. */
const interrupt: NonNullable<Driver['interrupt']> = (g, next) => {
  const frame = g.stack.at(-1)
  const op = next?.op
  if (frame?.vars.rival === undefined || op?.kind !== 'poll' || op.timer !== 'command') return undefined
  const { rival: n, ...vars } = frame.vars
  const other = { fn: `locality${n}`, pc: 1, vars: {}, into: undefined }
  return { ...g, stack: [...g.stack.slice(0, -1), { ...frame, vars }, other] }
}

export const tisDriver = (habit?: Habit): Driver => ({
  functions: Object.fromEntries(functionsOf(habit).map(f => [f.name, f])),
  probe: 'tis_probe',
  transmit: 'tis_transmit',
  cancel: 'tis_cancel',
  interrupt,
})
