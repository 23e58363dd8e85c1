// Power, firmware, and requests for the next boot: what a start, a reset and a sleep leave behind, and who measured what.

import type { Task } from '../../guest/guest.ts'
import { be16, be32, concat, EMPTY, toHex, utf8 } from '../../lib/bytes.ts'
import type { MachineConfig } from '../../machine/machine.ts'
import type { PlatformAct, Scheduled } from '../../machine/platform.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { selectOf, TPM2B_DATA, TPM2B_DIGEST, TPM2B_NONCE, TPML_PCR_SELECTION } from '../../spec/base.ts'
import { CC, ST, SU } from '../../spec/codes.ts'
import { RH, TRANSIENT_FIRST } from '../../spec/handles.ts'
import { TPM2B_SENSITIVE_CREATE } from '../../spec/keys.ts'
import { NV, TPM2B_NV_PUBLIC } from '../../spec/nv.ts'
import { createPrimary } from '../keys.ts'
import { PARAMS_AT, STORAGE_P256 } from '../more-keys.ts'
import { command, from, type Scenario, scenario, value } from '../scenario.ts'
import { getRandom } from './plain.ts'

const EMPTY_PCR = value(TPML_PCR_SELECTION, [])
const pcrs = (...numbers: readonly number[]) => [{ hash: ALG.SHA256, pcrSelect: selectOf(numbers) }]

const readClock = (id: string): Task => command(id, 'Read the clock', 'ReadClock')
const readPcrs = (id: string, ...numbers: readonly number[]): Task =>
  command(id, `Read PCR ${numbers.join(', ')}`, 'PCR_Read', { params: [value(TPML_PCR_SELECTION, pcrs(...numbers))] })
const extendPcr = (id: string, pcr: number): Task =>
  command(id, `Extend PCR ${pcr}`, 'PCR_Event', {
    handles: [pcr],
    auths: 1,
    params: [{ hex: toHex(concat(be16(5), utf8('hello'))) }],
  })
const shutdown = (id: string, type: number): Task =>
  command(id, `Tell the TPM that power will go (${type === SU.STATE ? 'STATE' : 'CLEAR'})`, 'Shutdown', {
    params: [{ hex: toHex(be16(type)) }],
  })
const program = (id: string, label: string, fn: string, args: { readonly [name: string]: number } = {}): Task => ({
  id,
  label,
  parts: [],
  call: { fn, args },
})

const after = (task: string, act: PlatformAct): Scheduled => ({ when: { task, state: 'done' }, act })
const during = (task: string, act: PlatformAct): Scheduled => ({ when: { task, state: 'executing' }, act })
const COLD: PlatformAct = { kind: 'power', what: 'cold-boot' }
const RESET: PlatformAct = { kind: 'power', what: 'warm-reset' }
const SUSPEND: PlatformAct = { kind: 'power', what: 'suspend' }
const WAKE: Scheduled = { when: { state: 'asleep' }, act: { kind: 'power', what: 'resume' } }

const on = (
  id: string,
  title: string,
  summary: string,
  tasks: readonly Task[],
  more: Pick<MachineConfig, 'firmware' | 'schedule'>,
): Scenario => scenario(id, title, summary, [], tasks, { prepare: [], ...more })

const parent = (id: string): Task => createPrimary('Make the storage key', STORAGE_P256, id)

const SESSION = 0x03000000
const POLICY = 0x01
const TRIAL = 0x03
const session = (id: string, kind: number, label: string): Task =>
  command(id, label, 'StartAuthSession', {
    handles: [RH.NULL, RH.NULL],
    params: [
      value(TPM2B_NONCE, new Uint8Array(16).fill(7)),
      // No salt; the kind; no encryption of parameters.
      { hex: toHex(concat(be16(0), Uint8Array.of(kind), be16(ALG.NULL), be16(ALG.SHA256))) },
    ],
  })
const policyPcr = (id: string): Task =>
  command(id, 'Ask for PCR 4 as it is now', 'PolicyPCR', {
    handles: [SESSION],
    params: [value(TPM2B_DIGEST, EMPTY), value(TPML_PCR_SELECTION, pcrs(4))],
  })
const SECRET = utf8('disk key: 0123456789abcdef')
const DIGEST = 32
/** TPM2B_PUBLIC of a data object whose policy is what the trial session gave: what stands before the policy. */
const sealedHead = concat(
  be16(2 + 2 + 4 + (2 + DIGEST) + 2 + 2),
  be16(ALG.KEYEDHASH),
  be16(ALG.SHA256),
  be32(OBJECT.fixedTPM + OBJECT.fixedParent),
)
const seal: Task = command('seal', 'Seal a secret to PCR 4', 'Create', {
  handles: [TRANSIENT_FIRST],
  auths: 1,
  params: [
    value(TPM2B_SENSITIVE_CREATE, { userAuth: EMPTY, data: SECRET }),
    { hex: toHex(sealedHead) },
    // TPM2B_DIGEST in the answer of TPM2_PolicyGetDigest.
    from('policy', 10, 2 + DIGEST),
    { hex: toHex(concat(be16(ALG.NULL), be16(0))) },
    value(TPM2B_DATA, EMPTY),
    EMPTY_PCR,
  ],
})
/** Octets of outPrivate and outPublic in the answer of `seal`, sizes included: the same for every secret of this length. */
const SEALED = 2 + 152 + 2 + 78
const load = (id: string): Task =>
  command(id, 'Load the sealed object', 'Load', {
    handles: [TRANSIENT_FIRST],
    auths: 1,
    params: [from('seal', PARAMS_AT, SEALED)],
  })
/** Approved by the policy session, whose HMAC is empty: it has no key. */
const unseal = (id: string): Task => ({
  id,
  label: 'Unseal the secret, approved by the policy',
  parts: [
    {
      hex: toHex(
        concat(
          ...[be16(ST.SESSIONS), be32(0), be32(CC.Unseal), be32(TRANSIENT_FIRST + 1)],
          ...[be32(9), be32(SESSION), be16(0), Uint8Array.of(0), be16(0)],
        ),
      ),
    },
  ],
})
const open = (n: number): readonly Task[] => [
  session(`session${n}`, POLICY, 'Start a policy session'),
  policyPcr(`now${n}`),
  unseal(`unseal${n}`),
]

const NV_INDEX = 0x01500001
const defineNv: Task = command('define', 'Define an NV Index as the owner', 'NV_DefineSpace', {
  handles: [RH.OWNER],
  auths: 1,
  params: [
    { hex: '0000' },
    value(TPM2B_NV_PUBLIC, {
      nvIndex: NV_INDEX,
      nameAlg: ALG.SHA256,
      attributes: NV.OWNERWRITE + NV.OWNERREAD + NV.NO_DA,
      authPolicy: EMPTY,
      dataSize: 8,
    }),
  ],
})
const readNv = (id: string): Task => command(id, 'Look for the NV Index', 'NV_ReadPublic', { handles: [NV_INDEX] })

export const PLATFORM: readonly Scenario[] = [
  on(
    'boot-seabios',
    'Measured boot, SeaBIOS-like',
    'The firmware starts and tests the TPM, measures what runs next into PCR 0 to 7, and leaves a log of it.',
    [readPcrs('pcrs', 0, 4, 7)],
    { firmware: 'seabios' },
  ),
  on(
    'boot-uefi',
    'Measured boot, UEFI-like',
    'The same with the variables of secure boot in PCR 7, and images of drivers and of the boot loader.',
    [readPcrs('pcrs', 0, 4, 7)],
    { firmware: 'uefi' },
  ),
  on(
    'boot-menu',
    'The TPM menu of the firmware',
    'Somebody presses a key while the firmware starts, and clears the TPM: what the owner had defined is gone.',
    [defineNv, readNv('there'), readNv('gone')],
    {
      firmware: 'seabios',
      schedule: [
        after('there', RESET),
        { when: { state: 'asks', asks: 'menu' }, act: { kind: 'key', key: 't' } },
        { when: { state: 'asks', asks: 'choice' }, act: { kind: 'key', key: '1' } },
      ],
    },
  ),
  scenario(
    'boot-refused',
    'A TPM that was started already',
    'The firmware may not start the TPM: it has no menu, measures nothing and hands over; the driver can use it.',
    [],
    [getRandom('random')],
    { firmware: 'seabios' },
  ),
  scenario(
    'warm-reset',
    'Warm reset',
    'PCRs and counters begin anew with the TPM, and the driver probes again; only the window is as it was.',
    [],
    [extendPcr('extend', 8), readClock('before'), readClock('after'), readPcrs('pcr', 8)],
    { schedule: [after('before', RESET)] },
  ),
  scenario(
    'hibernate',
    'Hibernate: TPM Restart',
    'TPM2_Shutdown(STATE), power off, TPM2_Startup(CLEAR): the PCRs begin anew, and restartCount rises.',
    [],
    [extendPcr('extend', 8), readClock('before'), shutdown('shutdown', SU.STATE), readClock('after')],
    { schedule: [after('shutdown', COLD)] },
  ),
  on(
    's3',
    'Sleep and wake up (S3)',
    'The driver sends TPM2_Shutdown(STATE), the firmware TPM2_Startup(STATE) a minute later: the PCRs are as before.',
    [readPcrs('before', 0, 4, 7), readPcrs('after', 0, 4, 7)],
    { firmware: 'seabios', schedule: [after('before', SUSPEND), WAKE] },
  ),
  on(
    's3-lost',
    'Wake up without a saved state',
    'Nobody told the TPM to save its state: TPM2_Startup(STATE) is refused, and the PCRs of the running system are gone.',
    [readPcrs('before', 0, 4, 7), readPcrs('after', 0, 4, 7)],
    { firmware: 'seabios', schedule: [after('before', { ...SUSPEND, sudden: true }), WAKE] },
  ),
  scenario(
    'reset-executing',
    'Reset while the TPM executes',
    'The reset waits for the answer, which then stands in the window beside clean registers: 48 secret bytes.',
    [],
    [command('key', 'Ask for 48 bytes for a key', 'GetRandom', { params: [{ hex: '0030' }] })],
    { schedule: [during('key', RESET)] },
  ),
  scenario(
    'memory-overwrite',
    'Memory overwrite at reset',
    'The operating system has set the memory overwrite bit: the reset writes zeros, into the window too.',
    [],
    [
      command('key', 'Ask for 48 bytes for a key', 'GetRandom', { params: [{ hex: '0030' }] }),
      program('mor', 'Ask for memory to be overwritten at the next reset', 'mor_request'),
    ],
    { schedule: [after('mor', RESET)] },
  ),
  on(
    'ppi-clear',
    'Clear the TPM at the next boot',
    'The operating system asks, the firmware does it at the next boot when somebody presses F12, and says how it went.',
    [
      defineNv,
      program('ask', 'Ask the firmware to clear the TPM', 'ppi_request', { op: 5, parm: 0 }),
      program('result', 'Ask what the firmware did', 'ppi_result'),
      readNv('gone'),
    ],
    {
      firmware: 'uefi',
      schedule: [after('ask', RESET), { when: { state: 'asks', asks: 'confirm' }, act: { kind: 'key', key: 'F12' } }],
    },
  ),
  on(
    'tampered',
    'A changed boot loader',
    'A secret is sealed to PCR 4. Somebody changes the boot loader: PCR 4 has another value, and the TPM keeps the secret.',
    [
      session('trial', TRIAL, 'Start a trial session, to compute a policy'),
      policyPcr('trial-pcr'),
      command('policy', 'Read the policy', 'PolicyGetDigest', { handles: [SESSION] }),
      command('flush', 'End the trial session', 'FlushContext', { params: [{ hex: toHex(be32(SESSION)) }] }),
      parent('parent'),
      seal,
      load('load'),
      ...open(1),
      parent('parent2'),
      load('load2'),
      ...open(2),
    ],
    {
      firmware: 'seabios',
      schedule: [after('unseal1', { kind: 'change', what: 'boot loader' }), after('unseal1', RESET)],
    },
  ),
]
