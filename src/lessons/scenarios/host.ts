// The host's TPM, passed through to a guest, and a TPM 1.2: what the texts of 2011 argue about. The proofs of the commands
// were made once (tpm12-commands.json), since the guest of a scenario computes nothing; a test makes them again.

import type { BackendConfig } from '../../backend/behind.ts'
import type { Task } from '../../guest/guest.ts'
import type { MachineConfig, Stage } from '../../machine/machine.ts'
import { ORD } from '../../spec12/codes.ts'
import { command, scenario, STARTUP, type Scenario } from '../scenario.ts'
import { getRandom } from './plain.ts'
import COMMANDS from './tpm12-commands.json' with { type: 'json' }

const SENT: { readonly [scenario: string]: readonly string[] | undefined } = COMMANDS

/** A scenario of a TPM 1.2: `labels` are those of its commands, in their order, stage after stage. */
function scenario12(
  id: string,
  title: string,
  summary: string,
  labels: readonly string[],
  backend: BackendConfig | undefined,
  stages: readonly { readonly act: Stage['act']; readonly labels: readonly string[] }[] = [],
): Scenario {
  let at = 0
  const take = (list: readonly string[]): readonly Task[] =>
    list.map(label => {
      const hex = SENT[id]?.[at] ?? ''
      at += 1
      return { id: `${id}-${at}`, label, parts: [{ hex }] }
    })
  const tasks = take(labels)
  const later = stages.map(s => ({ act: s.act, tasks: take(s.labels) }))
  const { config, ...rest } = scenario(id, title, summary, [], tasks)
  const more: Partial<MachineConfig> = {
    prepare: [],
    backendBufferSize: 4096,
    tpmVersion: '1.2',
    interface: 'tis',
    ...(backend ? { backend } : {}),
    ...(later.length > 0 ? { stages: later } : {}),
  }
  return { ...rest, config: { ...config, ...more } }
}

/** PCR 0 of SHA-256: TPML_PCR_SELECTION with one bank and one bit. */
const readPcr0 = (id: string): Task =>
  command(id, 'The kernel reads PCR 0', 'PCR_Read', { params: [{ hex: '00000001000b03010000' }] })

const passthrough: Partial<MachineConfig> = { prepare: [], backend: { kind: 'passthrough' } }

const HAS_OWNER = 'Ask whether there is an owner'
const OIAP = 'Start an authorization session'
const TRANSPORT = 'Start a transport session with the storage root key'

export const HOST: readonly Scenario[] = [
  scenario(
    'passthrough-startup',
    'Passthrough: start-up refused',
    'The host’s firmware has started its TPM, so it refuses the firmware of the guest, and there is no menu.',
    [],
    [],
    { ...passthrough, firmware: 'seabios' },
  ),
  scenario(
    'passthrough-kernel',
    'Passthrough: the kernel works',
    'Start-up is refused, yet the TPM goes on: the kernel of the guest gets random bytes and reads the host’s PCR.',
    [],
    [
      { ...STARTUP, label: 'The guest’s firmware starts the TPM' },
      { ...getRandom('random'), label: 'The kernel asks for 16 random bytes' },
      readPcr0('pcr'),
    ],
    { ...passthrough, stages: [{ act: 'second-guest', tasks: [] }] },
  ),
  scenario12(
    'passthrough12-startup',
    'Passthrough: TPM 1.2',
    'The same with the TPM of 2011: TPM_INVALID_POSTINIT for the firmware, answers for the kernel.',
    [
      'The guest’s firmware starts the TPM',
      'The kernel asks for the version',
      'The kernel reads PCR 0',
      'The kernel extends PCR 10',
    ],
    { kind: 'passthrough' },
  ),
  scenario12(
    'owner-cleared',
    'Passthrough: owner cleared',
    'The guest clears the owner of the host’s TPM. The guest goes, another comes: there is still no owner.',
    [HAS_OWNER, OIAP, 'Clear the owner', HAS_OWNER],
    { kind: 'passthrough', tpm: 'owned' },
    [{ act: 'new-guest', labels: [HAS_OWNER, 'Read PCR 0'] }],
  ),
  scenario12(
    'filter-round',
    'Passthrough: a filter got round',
    'The host forbids TPM_OwnerClear. The guest wraps it in a transport session, and the owner is gone.',
    [OIAP, 'Clear the owner', OIAP, TRANSPORT, 'Clear the owner, wrapped', HAS_OWNER],
    { kind: 'passthrough', tpm: 'owned', filter: [ORD.OwnerClear] },
  ),
  scenario12(
    'filter-hidden',
    'Passthrough: a filter that looks inside',
    'It finds the wrapped TPM_OwnerClear, but not that TPM_OwnerSetDisable says TRUE: that is encrypted.',
    [OIAP, OIAP, TRANSPORT, 'Clear the owner, wrapped', 'Set "disable" to a hidden value', 'Read PCR 0'],
    { kind: 'passthrough', tpm: 'owned', filter: [ORD.OwnerClear], unwraps: true },
  ),
  scenario12(
    'tpm-off',
    'Passthrough: a TPM that is off',
    'Disabled and deactivated: no guest can switch it on, only somebody who stands before the host when it starts.',
    ['Read PCR 0', 'Say that somebody is present', 'Enable the TPM'],
    { kind: 'passthrough', tpm: 'off' },
    [
      { act: 'reboot-host', labels: ['Read PCR 0'] },
      { act: 'enable-tpm', labels: ['Read PCR 0'] },
    ],
  ),
  scenario12(
    'keys-gone',
    'TPM 1.2: an owner’s keys are gone',
    'The storage root key works until the owner is cleared. Then the TPM has no such key, whoever knows its secret.',
    [
      'The firmware starts the TPM',
      OIAP,
      TRANSPORT,
      'Read PCR 0 in the transport session',
      OIAP,
      'Clear the owner',
      'The firmware says that somebody is present',
      'The firmware enables the TPM',
      OIAP,
      TRANSPORT,
    ],
    { kind: 'emulator', tpm: 'owned' },
  ),
]
