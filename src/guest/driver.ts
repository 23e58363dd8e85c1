// The guest's CRB driver: what the Linux driver does with its third series of chunking patches, in lines of our own.
// Time limits are Linux's (200 ms for TIMEOUT_C); a wait sleeps 50 µs between reads, 1 ms while a command executes.

import { CRB } from '../hw/crb.map.ts'
import { readBe32 } from '../lib/bytes.ts'
import { type Func, func, line, loop, type Op, type Scope, when } from './program.ts'

export const EIO = -5
export const E2BIG = -7
export const EINVAL = -22
export const EBUSY = -16
export const ETIME = -62
export const ERRNO: { readonly [rc: number]: string } = {
  [EIO]: '-EIO',
  [E2BIG]: '-E2BIG',
  [EBUSY]: '-EBUSY',
  [EINVAL]: '-EINVAL',
  [ETIME]: '-ETIME',
}

/** Offset of the data window in the page (PTP: the buffer begins at 080h). */
export const WINDOW_AT = 0x80

const TIMEOUT_C = 200_000
const DURATION = 120_000_000
const SHORT_SLEEP = 50
const LONG_SLEEP = 1_000

const bit = (
  register: { readonly fields: { readonly [f: string]: { readonly low: number } } },
  field: string,
): number => {
  const f = register.fields[field]
  if (!f) throw new Error(`defect: no field ${field}`)
  return 2 ** f.low
}
const REQUEST_ACCESS = bit(CRB.LOC_CTRL, 'requestAccess')
const RELINQUISH = bit(CRB.LOC_CTRL, 'relinquish')
const ASSIGNED = bit(CRB.LOC_STATE, 'locAssigned')
const VALID = bit(CRB.LOC_STATE, 'tpmRegValidSts')
const CMD_READY = bit(CRB.CTRL_REQ, 'cmdReady')
const GO_IDLE = bit(CRB.CTRL_REQ, 'goIdle')
const TPM_STS = bit(CRB.CTRL_STS, 'tpmSts')
const CANCEL = bit(CRB.CTRL_CANCEL, 'Cancel')
const START = bit(CRB.CTRL_START, 'Start')
const NEXT_CHUNK = bit(CRB.CTRL_START, 'nextChunk')
const CAP_CHUNK = bit(CRB.INTF_ID, 'CapCRBChunk')

const v = (s: Scope, name: string): number => s.vars[name] ?? s.globals[name] ?? 0
const set = (run: (s: Scope) => { [name: string]: number }): Op => ({ kind: 'set', run })
const ret = (value: number | ((s: Scope) => number)): Op => ({
  kind: 'return',
  value: typeof value === 'number' ? () => value : value,
})
const write = (register: { readonly at: number }, value: number): Op => ({ kind: 'write', offset: register.at, value })
const read = (register: { readonly at: number }, into: string, pick?: (v: number) => number): Op => ({
  kind: 'read',
  offset: register.at,
  into,
  ...(pick ? { pick } : {}),
})
const poll = (register: { readonly at: number }, mask: number, want: number, timer: string, into?: string): Op => ({
  kind: 'poll',
  offset: register.at,
  mask,
  want,
  timer,
  limit: timer === 'command' ? DURATION : TIMEOUT_C,
  sleep: timer === 'command' ? LONG_SLEEP : SHORT_SLEEP,
  ...(into ? { into } : {}),
})

const acquire = (beat: string) => [
  line('wr(LOC_CTRL, REQUEST_ACCESS);', write(CRB.LOC_CTRL, REQUEST_ACCESS), beat),
  line('poll_set(ASSIGNED | VALID, 200);', poll(CRB.LOC_STATE, ASSIGNED + VALID, ASSIGNED + VALID, 'locality')),
]
const ready = () => [
  line('wr(CTRL_REQ, CMD_READY);', write(CRB.CTRL_REQ, CMD_READY)),
  line('poll_clear(CMD_READY, 200);', poll(CRB.CTRL_REQ, CMD_READY, 0, 'cmdReady')),
]
const letGo = (beat?: string) => [
  line('wr(CTRL_REQ, GO_IDLE);', write(CRB.CTRL_REQ, GO_IDLE), beat),
  line('poll_clear(GO_IDLE, 200);', poll(CRB.CTRL_REQ, GO_IDLE, 0, 'goIdle')),
  line('wr(LOC_CTRL, RELINQUISH);', write(CRB.LOC_CTRL, RELINQUISH)),
  line('poll_clear(ASSIGNED, 200);', poll(CRB.LOC_STATE, ASSIGNED, 0, 'relinquish')),
]

const probe = func('crb_probe', 'int crb_probe()', [
  ...acquire('Probe'),
  line(
    'cap_chunk = rd(INTF_ID) & CHUNK;',
    read(CRB.INTF_ID, 'cap_chunk', x => ((x & CAP_CHUNK) !== 0 ? 1 : 0)),
  ),
  ...ready(),
  line('win = rd(CMD_SIZE);', read(CRB.CTRL_CMD_SIZE, 'win')),
  line('rsp_win = rd(RSP_SIZE);', read(CRB.CTRL_RSP_SIZE, 'rsp_win')),
  when('if (win != rsp_win)', s => v(s, 'win') !== v(s, 'rsp_win'), [line('return -EINVAL;', ret(EINVAL))]),
  ...letGo(),
  line('return 0;', ret(0)),
])

const transmit = func('crb_transmit', 'int crb_transmit(cmd, len, rsp, max)', [
  ...acquire('Get ready'),
  ...ready(),
  line('rc = crb_send(cmd, len);', {
    kind: 'call',
    fn: 'crb_send',
    args: s => ({ len: v(s, 'len'), off: 0 }),
    into: 'rc',
  }),
  when('if (rc == 0)', s => v(s, 'rc') === 0, [
    line('rc = poll_clear(START, dur);', poll(CRB.CTRL_START, START, 0, 'command', 'rc')),
    when(
      'if (rc == 0)',
      s => v(s, 'rc') === 0,
      [
        line('rc = crb_recv(rsp, max);', {
          kind: 'call',
          fn: 'crb_recv',
          args: s => ({ max: v(s, 'max') }),
          into: 'rc',
        }),
      ],
      [line('wr(CTRL_CANCEL, INVOKE);', write(CRB.CTRL_CANCEL, CANCEL))],
    ),
  ]),
  ...letGo('Let go'),
  line(
    'return rc;',
    ret(s => v(s, 'rc')),
  ),
])

const chunkNo = (s: Scope): number => Math.floor(v(s, 'off') / Math.max(v(s, 'win'), 1)) + 1

const send = func('crb_send', 'int crb_send(cmd, len)', [
  line('wr(CTRL_CANCEL, 0);', write(CRB.CTRL_CANCEL, 0), s => (v(s, 'len') > v(s, 'win') ? 'Send chunk 1' : 'Send')),
  when('if (len > win && !cap_chunk)', s => v(s, 'len') > v(s, 'win') && !v(s, 'cap_chunk'), [
    line('return -E2BIG;', ret(E2BIG)),
  ]),
  loop('while (off < len)', s => v(s, 'off') < v(s, 'len'), [
    line(
      'n = min(len - off, win);',
      set(s => ({ n: Math.min(v(s, 'len') - v(s, 'off'), v(s, 'win')) })),
      s => (v(s, 'len') > v(s, 'win') ? `Send chunk ${chunkNo(s)}` : 'Send'),
    ),
    line('copy_to_window(cmd + off, n);', { kind: 'copyIn', at: s => v(s, 'off'), length: s => v(s, 'n') }),
    line(
      'off += n;',
      set(s => ({ off: v(s, 'off') + v(s, 'n') })),
    ),
    when('if (off < len)', s => v(s, 'off') < v(s, 'len'), [
      line('wr(CTRL_START, NEXT_CHUNK);', write(CRB.CTRL_START, NEXT_CHUNK)),
      line('poll_clear(NEXT_CHUNK, 200);', poll(CRB.CTRL_START, NEXT_CHUNK, 0, 'nextChunk')),
    ]),
  ]),
  line('wr(CTRL_START, START);', write(CRB.CTRL_START, START), 'Execute'),
  line('return 0;', ret(0)),
])

const recv = func('crb_recv', 'int crb_recv(rsp, max)', [
  line('sts = rd(CTRL_STS);', read(CRB.CTRL_STS, 'sts'), 'Read answer'),
  when('if (sts & TPM_STS)', s => (v(s, 'sts') & TPM_STS) !== 0, [line('return -EIO;', ret(EIO))]),
  line('size = peek_be32(window + 2);', { kind: 'peek', at: 2, into: 'size' }),
  when('if (size <= win)', s => v(s, 'size') <= v(s, 'win'), [
    line('return recv_window(rsp, max);', { kind: 'tail', fn: 'recv_window', args: s => ({ max: v(s, 'max') }) }),
  ]),
  line('return recv_chunks(rsp, max, size);', {
    kind: 'tail',
    fn: 'recv_chunks',
    args: s => ({ max: v(s, 'max'), size: v(s, 'size'), off: 0 }),
  }),
])

const recvWindow = func('recv_window', 'int recv_window(rsp, max)', [
  line('read_window(rsp, 8);', { kind: 'copyOut', from: () => 0, length: () => 8 }),
  line(
    'size = be32(rsp + 2);',
    set(s => ({ size: readBe32(s.rx, 2) })),
  ),
  when('if (size > max || size < 10)', s => v(s, 'size') > v(s, 'max') || v(s, 'size') < 10, [
    line('return -EIO;', ret(EIO)),
  ]),
  line('read_window(rsp + 8, size - 8);', { kind: 'copyOut', from: () => 8, length: s => v(s, 'size') - 8 }),
  line(
    'return size;',
    ret(s => v(s, 'size')),
  ),
])

const recvChunks = func('recv_chunks', 'int recv_chunks(rsp, max, size)', [
  when('if (!cap_chunk || size > max)', s => !v(s, 'cap_chunk') || v(s, 'size') > v(s, 'max'), [
    line('return -EIO;', ret(EIO)),
  ]),
  loop('while (off < size)', s => v(s, 'off') < v(s, 'size'), [
    line(
      'n = min(size - off, win);',
      set(s => ({ n: Math.min(v(s, 'size') - v(s, 'off'), v(s, 'win')) })),
      s => `Read chunk ${chunkNo(s)}`,
    ),
    line('read_window(rsp + off, n);', { kind: 'copyOut', from: () => 0, length: s => v(s, 'n') }),
    line(
      'off += n;',
      set(s => ({ off: v(s, 'off') + v(s, 'n') })),
    ),
    when('if (off < size)', s => v(s, 'off') < v(s, 'size'), [
      line('wr(CTRL_START, NEXT_CHUNK);', write(CRB.CTRL_START, NEXT_CHUNK)),
      line('poll_clear(NEXT_CHUNK, 200);', poll(CRB.CTRL_START, NEXT_CHUNK, 0, 'nextChunk')),
    ]),
  ]),
  line(
    'return size;',
    ret(s => v(s, 'size')),
  ),
])

const cancel = func('crb_cancel', 'void crb_cancel()', [
  line('wr(CTRL_CANCEL, INVOKE);', write(CRB.CTRL_CANCEL, CANCEL), 'Cancel'),
  line('return;', ret(0)),
])

/** The driver by function name. */
export const DRIVER: { readonly [name: string]: Func } = Object.fromEntries(
  [probe, transmit, send, recv, recvWindow, recvChunks, cancel].map(f => [f.name, f]),
)
