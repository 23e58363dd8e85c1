// The host around a guest: a guest goes and another comes, a second one asks for the same TPM, the host is started anew. The
// TPM of the host is a value that stays; what of it a reset takes is the TPM's to say.

import type { HostAct } from '../backend/behind.ts'
import { hostActed, installOthers, secondGuest } from '../backend/others.ts'
import { boot } from '../guest/advance.ts'
import type { Task } from '../guest/guest.ts'
import { EMPTY } from '../lib/bytes.ts'
import { addHostParts } from './host-late.ts'
import { driverOf, modelOf } from './device.ts'
import type { Machine } from './machine.ts'
import { platformParts } from './platform-late.ts'
import type { Step } from './reduce.ts'

const SAYS: { readonly [A in Exclude<HostAct, 'second-guest'>]: string } = {
  'new-guest': 'The guest is switched off and removed. Another guest is started on the same host.',
  'reboot-host': 'The host is started anew: its TPM is reset, and its firmware starts it. Then a guest is started.',
  'enable-tpm':
    'Somebody stands before the host, enters the menu of its firmware and switches the TPM on; the host is started anew.',
}

const step = (m: Machine, change: Partial<Machine>, label: string): Step => ({
  machine: { ...m, ...change, step: m.step + 1 },
  events: [{ t: 'user', act: 'host', label }],
})

function act(m: Machine, what: HostAct, tasks: readonly Task[]): Step {
  const { host } = m.backend.behind ?? {}
  if (!host) return step(m, {}, 'Nothing happens: this machine has a TPM of its own, and no host that has one.')
  if (what === 'second-guest') {
    return step(m, { guest: { ...m.guest, tasks: [...m.guest.tasks, ...tasks] } }, secondGuest(m.backend))
  }
  if (host.real) {
    return step(m, {}, 'Nothing happens: the host behind a bridge is not of this machine.')
  }
  const change: Partial<Machine> = {
    guest: boot(tasks, driverOf(m.config)),
    device: modelOf(m.config).reset(m.device),
    backend: hostActed(m.backend, what),
    writes: {},
    exchange: undefined,
    content: { kind: 'nothing', message: EMPTY, part: 0, length: 0 },
  }
  // A new guest has firmware and memory of its own.
  const next = m.platform ? platformParts().begin({ ...m, ...change }) : { ...m, ...change }
  return step(m, next, SAYS[what])
}

/** Brings every backend, and what happens around it. */
export const installHost = (): void => {
  installOthers()
  addHostParts({ act })
}
