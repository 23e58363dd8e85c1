// What somebody who stands before the machine, or the operating system of before, may ask of the firmware: its TPM menu, and
// physical presence requests (TCG PC Client Physical Presence Interface 1.30). The firmware has platform authorization.

import { PPI, PPI_FUNC, PPI_RESULT, ppiRequest } from '../hw/ppi.map.ts'
import { type Bytes } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { selectOf } from '../spec/base.ts'
import { NO } from '../spec/codes.ts'
import { ChangeEPS, Clear, ClearControl, HierarchyControl } from '../spec/commands/hierarchy-control.ts'
import { PCR_Allocate } from '../spec/commands/pcr-admin.ts'
import { encodeCommand } from '../spec/frame.ts'
import { RH } from '../spec/handles.ts'
import {
  bootOf,
  call,
  command,
  keyCode,
  local,
  own,
  print,
  readShared,
  ret,
  v,
  waitKey,
  withBoot,
  writeShared,
} from './firmware.ts'
import type { Boot, Guest, Sink } from './guest.ts'
import { func, line, type Op, type Scope, when } from './program.ts'

/** Keys that each firmware takes, as the screen offers them. */
const MENU_KEY = { seabios: 't', uefi: 'F2' } as const
const CONFIRM = 'F12'
const REFUSE = 'Esc'
const CLEAR = '1'
const HIDE = '2'
const LEAVE = 'x'

/** The keys that make sense while the firmware waits for one. */
export function keysFor({ asks, kind }: Boot): readonly string[] {
  if (asks === 'menu') return [MENU_KEY[kind]]
  if (asks === 'choice') return [CLEAR, HIDE, LEAVE]
  return asks === 'confirm' ? [CONFIRM, REFUSE] : []
}

const CLEARING: readonly number[] = [5, 14, 21, 22]
const SET_BANKS = 23
const CHANGE_EPS = 24

/** The function table: SeaBIOS-like firmware clears without asking, UEFI-like firmware asks first. */
function supported({ kind }: Boot): Bytes {
  const out = new Uint8Array(PPI.func.size)
  const mode = kind === 'uefi' ? PPI_FUNC.USER_REQUIRED : PPI_FUNC.USER_NOT_REQUIRED
  for (const op of CLEARING) out[op] = mode
  out[0] = PPI_FUNC.USER_NOT_REQUIRED
  if (kind === 'uefi') {
    out[SET_BANKS] = PPI_FUNC.USER_NOT_REQUIRED
    out[CHANGE_EPS] = PPI_FUNC.USER_REQUIRED
  }
  return out
}

const writeSupported: Op = {
  kind: 'own',
  io: g => ({ kind: 'platform', at: PPI.func.at, size: PPI.func.size, data: supported(bootOf(g)) }),
  run: (g, _, events) => {
    const say = 'The firmware wrote to func which requests it carries out.'
    events.push({ t: 'platform', what: 'memory', say })
    return { guest: g }
  },
}

/** The line to the TPM that says that somebody is there. */
const presence = (on: boolean): Op => ({
  kind: 'own',
  io: () => ({ kind: 'presence', on }),
  run: (g, _, events) => {
    const say = on
      ? 'The firmware tells the TPM that somebody is present.'
      : 'The firmware takes back that somebody is present.'
    events.push({ t: 'platform', what: 'memory', say })
    return { guest: g }
  },
})

const rc = (s: Scope): number => v(s, 'rc')
const platform = { authHandle: RH.PLATFORM }

const tpmClear = func('tpm_clear', 'int tpm_clear()', [
  ...command('TPM2_ClearControl(PLATFORM, NO)', () =>
    encodeCommand(ClearControl, { auth: RH.PLATFORM }, { disable: NO }),
  ),
  when('if (rc)', s => rc(s) !== 0, [line('return rc;', ret(rc))]),
  ...command('TPM2_Clear(PLATFORM)', () => encodeCommand(Clear, platform, {})),
  line('return rc;', ret(rc)),
])

const control = (enable: number, state: number) => () => encodeCommand(HierarchyControl, platform, { enable, state })
const hide = func('tpm_hide', 'int tpm_hide()', [
  ...command('TPM2_HierarchyControl(PLATFORM, OWNER, NO)', control(RH.OWNER, NO)),
  when('if (rc)', s => rc(s) !== 0, [line('return rc;', ret(rc))]),
  ...command('TPM2_HierarchyControl(PLATFORM, ENDORSEMENT, NO)', control(RH.ENDORSEMENT, NO)),
  line('return rc;', ret(rc)),
])

const pressed = (key: string) => (s: Scope) => v(s, 'key') === keyCode(key)

const toggle = (g: Guest, events: Sink): Guest => {
  const hidden = !bootOf(g).hidden
  return print(
    withBoot(g, { hidden }),
    events,
    hidden ? 'The TPM will be hidden.' : 'The TPM will be shown from the next start on.',
  )
}

const menu = func('tpm_menu', 'void tpm_menu()', [
  line(
    'print(PROMPT);',
    own((g, events) => print(g, events, `Press ${MENU_KEY[bootOf(g).kind]} for the TPM menu.`)),
    'Wait for a key',
  ),
  line('key = wait_key(3);', waitKey('menu', 3)),
  when('if (key != MENU_KEY)', s => !pressed('t')(s) && !pressed('F2')(s), [line('return;', ret(0))]),
  line(
    'print(MENU);',
    own((g, events) =>
      print(
        g,
        events,
        'TPM menu',
        `  ${CLEAR}  Clear the TPM`,
        `  ${HIDE}  ${bootOf(g).hidden ? 'Show the TPM again' : 'Hide the TPM'} (owner and endorsement hierarchy)`,
        `  ${LEAVE}  Leave`,
      ),
    ),
    'TPM menu',
  ),
  line('key = wait_key(10);', waitKey('choice', 10)),
  when("if (key == '1')", pressed(CLEAR), [
    line(
      'rc = tpm_clear();',
      call('tpm_clear', () => ({}), 'rc'),
    ),
    line(
      'print(rc);',
      own((g, events) =>
        print(g, events, local(g, 'rc') === 0 ? 'The TPM was cleared.' : 'The TPM refused to be cleared.'),
      ),
    ),
  ]),
  when("if (key == '2')", pressed(HIDE), [line('hidden = !hidden;', own(toggle))]),
  line('return;', ret(0)),
])

/** Bits of the parameter of request 23: EFI_TCG2_BOOT_HASH_ALG. */
const BANK_BITS: readonly number[] = [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512]
const PCRS = Array.from({ length: 24 }, (_, n) => n)

const setBanks = func('set_banks', 'int set_banks(mask)', [
  ...command('TPM2_PCR_Allocate(PLATFORM, mask)', g =>
    encodeCommand(PCR_Allocate, platform, {
      pcrAllocation: BANK_BITS.map((hash, bit) => ({
        hash,
        pcrSelect: selectOf(Math.floor(local(g, 'mask') / 2 ** bit) % 2 === 1 ? PCRS : []),
      })),
    }),
  ),
  line('return rc;', ret(rc)),
])

const changeEps = func('change_eps', 'int change_eps()', [
  ...command('TPM2_ChangeEPS(PLATFORM)', () => encodeCommand(ChangeEPS, platform, {})),
  line('return rc;', ret(rc)),
])

const done = (g: Guest, events: Sink): Guest => {
  const op = local(g, 'op')
  const res = local(g, 'res')
  const how = res === 0 ? 'done' : res === PPI_RESULT.USER_ABORT ? 'refused by the user' : 'failed'
  return print(g, events, `Request of the operating system, to ${ppiRequest(op)}: ${how}.`)
}

const ppi = func('ppi_process', 'int ppi_process()', [
  line('wr(func, supported);', writeSupported, 'Requests of the operating system'),
  line('op = rd(pprq);', readShared(PPI.pprq, 'op')),
  when('if (op == 0)', s => v(s, 'op') === 0, [line('return 0;', ret(0))]),
  line(
    'mode = rd(func[op]);',
    readShared(PPI.func, 'mode', g => Math.min(local(g, 'op'), PPI.func.size - 1)),
  ),
  line('res = FIRMWARE_FAILURE;', { kind: 'set', run: () => ({ res: PPI_RESULT.FIRMWARE_FAILURE }) }),
  when('if (mode == USER_REQUIRED)', s => v(s, 'mode') === PPI_FUNC.USER_REQUIRED, [
    line(
      'print(QUESTION);',
      own((g, events) =>
        print(
          g,
          events,
          `The operating system asks to ${ppiRequest(local(g, 'op'))}.`,
          `  ${CONFIRM}  Do it`,
          `  ${REFUSE}  Refuse`,
        ),
      ),
      'Ask who is present',
    ),
    line('key = wait_key(10);', waitKey('confirm', 10)),
    when('if (key != F12)', s => !pressed(CONFIRM)(s), [
      line('res = USER_ABORT, mode = 0;', { kind: 'set', run: () => ({ res: PPI_RESULT.USER_ABORT, mode: 0 }) }),
    ]),
  ]),
  when('if (mode >= USER_REQUIRED)', s => v(s, 'mode') >= PPI_FUNC.USER_REQUIRED, [
    line('assert_presence();', presence(true)),
    when('if (is_clear(op))', s => CLEARING.includes(v(s, 'op')), [
      line(
        'res = tpm_clear();',
        call('tpm_clear', () => ({}), 'res'),
      ),
    ]),
    when('if (op == 23)', s => v(s, 'op') === SET_BANKS, [
      line('mask = rd(pprm);', readShared(PPI.pprm, 'mask')),
      line(
        'res = set_banks(mask);',
        call('set_banks', s => ({ mask: v(s, 'mask') }), 'res'),
      ),
    ]),
    when('if (op == 24)', s => v(s, 'op') === CHANGE_EPS, [
      line(
        'res = change_eps();',
        call('change_eps', () => ({}), 'res'),
      ),
    ]),
    line('drop_presence();', presence(false)),
  ]),
  line(
    'wr(pprp, res);',
    writeShared(PPI.pprp, g => local(g, 'res')),
  ),
  line(
    'wr(lppr, op);',
    writeShared(PPI.lppr, g => local(g, 'op')),
  ),
  line(
    'wr(pprq, 0);',
    writeShared(PPI.pprq, () => 0),
  ),
  line('print(res);', own(done)),
  when('if (op == 23 && res == 0)', s => v(s, 'op') === SET_BANKS && v(s, 'res') === 0, [
    line(
      'reset_platform();',
      own((g, events) => {
        const say = 'New PCR banks need a new start of the TPM: the firmware resets the platform.'
        events.push({ t: 'platform', what: 'power', say })
        return withBoot(g, { reset: true })
      }),
    ),
  ]),
  line('return 0;', ret(0)),
])

/** The bit that asked for memory to be overwritten has done its work. Reset Attack Mitigation, 4. */
const memory = func('memory_overwritten', 'int memory_overwritten()', [
  line('m = rd(movv);', readShared(PPI.movv, 'm'), 'Memory overwrite'),
  when('if (m & 1)', s => v(s, 'm') % 2 === 1, [
    line(
      'wr(movv, m & ~1);',
      writeShared(PPI.movv, g => local(g, 'm') - 1),
    ),
  ]),
  line('return 0;', ret(0)),
])

export const MENU = [tpmClear, hide, menu, setBanks, changeEps, ppi, memory]
