// The start-up of a SeaBIOS-like and of a UEFI-like firmware, and the way back from sleep: find the interface, start the TPM,
// test it, measure what runs next, take platform authorization away, hand over. After what SeaBIOS and EDK2 do, in lines of
// our own. Where the TPM was started by somebody else, as a host TPM is, the firmware leaves it alone.

import { SU, YES, NO } from '../spec/codes.ts'
import { HierarchyChangeAuth } from '../spec/commands/hierarchy-control.ts'
import { GetRandom } from '../spec/commands/random.ts'
import { Shutdown, Startup } from '../spec/commands/startup.ts'
import { GetTestResult, SelfTest } from '../spec/commands/testing.ts'
import { encodeCommand } from '../spec/frame.ts'
import { RH } from '../spec/handles.ts'
import { RC } from '../spec/return-codes.ts'
import { SaveState } from '../spec12/commands.ts'
import { request12 } from '../spec12/frame.ts'
import { EMPTY } from '../lib/bytes.ts'
import { PPI } from '../hw/ppi.map.ts'
import { addPrograms } from './drivers.ts'
import {
  bootOf,
  bootOs,
  call,
  callDriver,
  command,
  giveUp,
  known,
  local,
  own,
  print,
  readIntfId,
  readShared,
  ret,
  SHARED,
  v,
  withBoot,
  withLocals,
  writeShared,
} from './firmware.ts'
import { MEASURE, measureEarly, measureLate, prepareLog } from './firmware-measure.ts'
import { MENU } from './firmware-menu.ts'
import type { Boot } from './guest.ts'
import { type Func, func, line, type Scope, when } from './program.ts'

const rc = (s: Scope): number => v(s, 'rc')
const failed = (s: Scope): boolean => rc(s) !== 0

const detect = () => [
  line('type = rd(INTF_ID) & TYPE;', readIntfId, 'Find the TPM'),
  giveUp('if (type != FIFO && type != CRB)', s => !known(v(s, 'type'))),
  line(
    'rc = probe();',
    callDriver('probe', () => ({}), 'rc'),
  ),
  giveUp('if (rc < 0)', s => rc(s) < 0),
]

const start = () => [
  ...command('TPM2_Startup(CLEAR)', () => encodeCommand(Startup, {}, { startupType: SU.CLEAR }), 'Start the TPM'),
  giveUp('if (rc != SUCCESS)', failed),
  line(
    'started = 1;',
    own(g => withBoot(g, { started: true })),
  ),
]

const PLATFORM_AUTH = 20

/** A random platformAuth, which is told to nobody: the operating system can not use the platform hierarchy. */
const prepareBoot = () => [
  ...command(
    'TPM2_GetRandom(20)',
    () => encodeCommand(GetRandom, {}, { bytesRequested: PLATFORM_AUTH }),
    'Lock the platform hierarchy',
  ),
  ...command('TPM2_HierarchyChangeAuth(PLATFORM, random)', g => {
    const newAuth = g.rx.slice(12, 12 + PLATFORM_AUTH)
    return encodeCommand(HierarchyChangeAuth, { authHandle: RH.PLATFORM }, { newAuth })
  }),
]

const fromHere = () => [
  ...prepareLog(),
  line('memory_overwritten();', call('memory_overwritten')),
  line('ppi_process();', call('ppi_process')),
  ...measureEarly(),
  line('tpm_menu();', call('tpm_menu')),
  ...measureLate(),
  line(
    'hidden = setting(HIDDEN);',
    own((g, events) => withLocals(g, { hidden: bootOf(g).hidden ? 1 : 0 }, events)),
  ),
  when('if (hidden)', s => v(s, 'hidden') === 1, [
    line(
      'rc = tpm_hide();',
      call('tpm_hide', () => ({}), 'rc'),
    ),
  ]),
  ...prepareBoot(),
  line('boot_os();', bootOs(), 'Hand over'),
]

const greet = (name: string) =>
  line(
    'print(VERSION);',
    own((g, events) => print(g, events, name)),
    'Firmware',
  )

const seabios = func('seabios_boot', 'void seabios_boot()', [
  greet('crbscope firmware, SeaBIOS-like'),
  ...detect(),
  ...start(),
  ...command('TPM2_SelfTest(YES)', () => encodeCommand(SelfTest, {}, { fullTest: YES }), 'Self-test'),
  giveUp('if (rc)', failed),
  ...fromHere(),
])

const uefi = func('uefi_boot', 'void uefi_boot()', [
  greet('crbscope firmware, UEFI-like'),
  ...detect(),
  ...start(),
  ...command('TPM2_SelfTest(NO)', () => encodeCommand(SelfTest, {}, { fullTest: NO }), 'Self-test'),
  giveUp('if (rc)', failed),
  ...command('TPM2_GetTestResult()', () => encodeCommand(GetTestResult, {}, {})),
  giveUp('if (rc)', failed),
  ...fromHere(),
])

/** TPM_RC_VALUE, first parameter: no state was saved. Part 3, 9.3.1. */
const NO_STATE = RC.VALUE + 0x40 + 0x100

/** Way back from S3: memory is as it was, the TPM has lost its power. */
const resume = func('firmware_resume', 'void firmware_resume()', [
  ...detect(),
  ...command('TPM2_Startup(STATE)', () => encodeCommand(Startup, {}, { startupType: SU.STATE }), 'Wake the TPM'),
  when('if (rc == VALUE of parameter 1)', s => rc(s) === NO_STATE, [
    ...command(
      'TPM2_Startup(CLEAR)',
      () => encodeCommand(Startup, {}, { startupType: SU.CLEAR }),
      'Start it anew instead',
    ),
  ]),
  line(
    'wake_os();',
    own((g, events) => {
      const say = 'The firmware gives the machine back to the operating system, which goes on where it was.'
      events.push({ t: 'platform', what: 'power', say })
      const { kept } = bootOf(g)
      return withBoot(
        { ...g, stack: [], entry: undefined, globals: kept, tx: EMPTY, rx: EMPTY, timers: [] },
        { kept: {} },
      )
    }),
    'Wake up',
  ),
])
const sleep = () =>
  own((g, events) => {
    const say = 'The operating system asks the platform to sleep (S3).'
    events.push({ t: 'platform', what: 'power', say })
    const asleep = { ...g, stack: [], entry: undefined, tx: EMPTY, rx: EMPTY, timers: [] }
    return asleep.boot ? withBoot(asleep, { kept: g.globals }) : asleep
  })

const suspend = func('os_suspend', 'int os_suspend()', [
  ...command('TPM2_Shutdown(STATE)', () => encodeCommand(Shutdown, {}, { shutdownType: SU.STATE }), 'Go to sleep'),
  line('sleep();', sleep()),
])
const suspend12 = func('os_suspend12', 'int os_suspend12()', [
  ...command('TPM_SaveState()', () => request12(SaveState, {}), 'Go to sleep'),
  line('sleep();', sleep()),
])
const drop = func('os_sleep', 'int os_sleep()', [line('sleep();', sleep(), 'Go to sleep')])

const request = func('ppi_request', 'int ppi_request(op, parm)', [
  line(
    'wr(pprm, parm);',
    writeShared(PPI.pprm, g => local(g, 'parm')),
    'Ask the firmware',
  ),
  line(
    'wr(pprq, op);',
    writeShared(PPI.pprq, g => local(g, 'op')),
  ),
  line('return 0;', ret(0)),
])
const result = func('ppi_result', 'int ppi_result()', [
  line('op = rd(lppr);', readShared(PPI.lppr, 'op'), 'What the firmware did'),
  line('res = rd(pprp);', readShared(PPI.pprp, 'res')),
  line('return 0;', ret(0)),
])
const overwrite = func('mor_request', 'int mor_request()', [
  line('m = rd(movv);', readShared(PPI.movv, 'm'), 'Ask for an overwrite'),
  line(
    'wr(movv, m | 1);',
    writeShared(PPI.movv, g => local(g, 'm') + (local(g, 'm') % 2 === 0 ? 1 : 0)),
  ),
  line('return 0;', ret(0)),
])

export const FIRMWARE: readonly Func[] = [
  ...[seabios, uefi, resume, ...SHARED, ...MEASURE, ...MENU],
  ...[suspend, suspend12, drop, request, result, overwrite],
]
export const installFirmware = (): void => addPrograms(FIRMWARE)

/** The program that begins a boot. */
export const bootProgram = (kind: Boot['kind']): string => (kind === 'uefi' ? 'uefi_boot' : 'seabios_boot')
