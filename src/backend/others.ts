// The backends besides the emulated TPM 2.0: a TPM 1.2 of the guest's own, and passthrough to the host's TPM. Passthrough
// is one TPM that the host's firmware has started: the guest's start-up is refused by it, what the guest changes is changed
// for the host, and its state neither goes with the guest nor can be sent anywhere.

import { NO_RESULTS, type Results } from '../crypto/jobs.ts'
import { type Bytes, readBe32 } from '../lib/bytes.ts'
import { commandName, OLD_COMMANDS } from '../spec/codes.ts'
import { addOldFrames } from '../spec/frame.ts'
import { OLD_CODES } from '../spec/return-codes.ts'
import { ORDINAL_NAMES, RETURN_NAMES } from '../spec12/codes.ts'
import { rowOf } from '../spec12/commands.ts'
import { explainRequest12, explainResponse12, isRequest12 } from '../spec12/frame.ts'
import type { TpmEvent } from '../tpm/events.ts'
import { execute } from '../tpm/execute.ts'
import { PROFILES } from '../tpm/profiles/index.ts'
import { elapse, manufacture, powerOff, powerOn } from '../tpm/tpm.ts'
import type { Event12 } from '../tpm12/context.ts'
import { delivered12 } from '../tpm12/delivered.ts'
import { execute12 } from '../tpm12/execute.ts'
import { init12 } from '../tpm12/tpm.ts'
import { probes, sizeOf } from './announce.ts'
import type { Backend, Pending } from './backend.ts'
import { addOthers, type BackendConfig, type Behind, type HostAct, type Transmitted } from './behind.ts'
import type { Advance } from './emulator.ts'
import { refused } from './filter.ts'
import { bootHost, enableTpm } from './host-firmware.ts'

/** Stands for "no TPM 2.0 here": never started, never asked. */
const ABSENT = manufacture(new Uint8Array(32), PROFILES.crbscope)

const told = (text: string): TpmEvent => ({ kind: 'told', text })

function sentence12(e: Event12): string {
  switch (e.kind) {
    case 'startup12':
      return 'The TPM 1.2 started.'
    case 'self-test12':
      return 'The TPM tested itself.'
    case 'owner-taken':
      return 'The TPM has an owner now, and a storage root key.'
    case 'owner-cleared':
      return 'The owner is gone, and with the owner all keys; the TPM is disabled and deactivated.'
    case 'flag12':
      return `The TPM set ${e.flag} to ${e.to ? 'TRUE' : 'FALSE'}.`
    case 'pcr12':
      return `PCR ${e.pcr} has a new value.`
  }
}

/** The weightiest of what happened: an owner comes or goes before flags do. */
const events12 = (events: readonly Event12[]): readonly TpmEvent[] => {
  const first = events.find(e => e.kind === 'owner-taken' || e.kind === 'owner-cleared')
  return [...(first ? [first] : []), ...events.filter(e => e !== first)].map(e => told(sentence12(e)))
}

interface Ran {
  readonly backend: Backend
  readonly job?: Advance
  readonly response: Bytes
  readonly events: readonly TpmEvent[]
}

/** Runs a command on the TPM that is there, whichever it is. */
function run(
  b: Backend,
  p: Pick<Pending, 'command' | 'locality' | 'due'>,
  results: Results,
): Ran & { wants?: Pending['waiting'] } {
  const behind = b.behind as Behind
  const stopped = refused(behind, p.command)
  if (stopped) return { backend: b, response: stopped.response, events: [told(stopped.why)] }
  if (behind.tpm12) {
    const done = execute12(behind.tpm12, p.command, p.locality, results)
    if (done.job)
      return { backend: b, response: done.response, events: [], wants: { job: done.job, results, abandoned: false } }
    const backend = { ...b, behind: { ...behind, tpm12: done.tpm } }
    return { backend, response: done.response, events: events12(done.events) }
  }
  const tpm = b.clock === undefined ? b.tpm : elapse(b.tpm, p.due - b.clock)
  const done = execute(tpm, p.command, p.locality, results)
  if (done.job)
    return { backend: b, response: done.response, events: [], wants: { job: done.job, results, abandoned: false } }
  return { backend: { ...b, tpm: done.tpm, clock: p.due }, response: done.response, events: done.events }
}

/** What the guest is told to have met, beyond the answer itself. */
function note(behind: Behind, command: Bytes, response: Bytes): readonly TpmEvent[] {
  const started = behind.host && isStartup(behind, command) && readBe32(response, 6) !== 0
  if (!started) return []
  return [told('The host’s TPM refused to be started a second time: the host’s firmware has done that.')]
}
const isStartup = ({ version }: Behind, command: Bytes): boolean =>
  readBe32(command, 6) === (version === '1.2' ? 0x99 : 0x144)

function attempt(b: Backend, p: Pending, results: Results): Advance {
  const behind = b.behind as Behind
  const { host } = behind
  if (host?.real) {
    if (p.transmit) return { backend: b, answer: undefined, events: [] }
    const stopped = refused(behind, p.command)
    if (stopped) return { backend: { ...b, pending: undefined }, answer: stopped.response, events: [told(stopped.why)] }
    const sent = host.sent + 1
    const backend = {
      ...b,
      behind: { ...behind, host: { ...host, sent } },
      pending: { ...p, transmit: { id: sent } },
    }
    const where = behind.config.bridge?.where ?? ''
    return {
      backend,
      answer: undefined,
      events: [told(`The command goes out to ${where}; virtual time stands still.`)],
    }
  }
  const { backend, response, events, wants } = run(b, p, results)
  if (wants) return { backend: { ...backend, pending: { ...p, waiting: wants } }, answer: undefined, events: [] }
  return {
    backend: { ...backend, pending: undefined },
    answer: response,
    events: [...note(behind, p.command, response), ...events],
  }
}

/** An answer that nobody waits for, or that is none, changes nothing. */
function answered(b: Backend, result: Transmitted): Advance {
  const { pending, behind } = b
  if (!pending?.transmit || pending.transmit.id !== result.id) return { backend: b, answer: undefined, events: [] }
  const backend = { ...b, pending: undefined }
  if ('why' in result) return { backend, answer: 'failed', events: [told(result.why)] }
  const { response } = result
  if (response.length < 10 || readBe32(response, 2) !== response.length || response.length > pending.room) {
    const text = `${behind?.config.bridge?.where} answered ${response.length} bytes that are no answer of a TPM.`
    return { backend, answer: 'failed', events: [told(text)] }
  }
  const name = commandName(readBe32(pending.command, 6))
  const text = `${behind?.config.bridge?.where} answered ${name}: ${response.length} bytes.`
  return { backend, answer: response, events: [...note(behind as Behind, pending.command, response), told(text)] }
}

function runNow(b: Backend, command: Bytes): { readonly backend: Backend; readonly response: Bytes } {
  const done = run(b, { command, locality: 0, due: b.clock ?? 0 }, NO_RESULTS)
  if (done.wants) throw new Error('defect: what is prepared must not need a job; send it as a task')
  return done
}

function create(seed: Bytes, version: '1.2' | '2.0', config: BackendConfig, wanted: number): Backend {
  const real = config.bridge !== undefined
  const passthrough = config.kind === 'passthrough'
  const tpm12 = version === '1.2' && !real ? delivered12(seed, config.tpm ?? 'new') : undefined
  const behind: Behind = {
    config,
    version,
    ...(tpm12 ? { tpm12 } : {}),
    ...(passthrough ? { host: { real, guests: 1, boots: 1, sent: 0 } } : {}),
    bufferSize: 0,
    probes: [],
  }
  const tpm = tpm12 || real ? ABSENT : powerOn(manufacture(seed, PROFILES.crbscope))
  const fresh: Backend = { tpm, pending: undefined, clock: 0, behind }
  const ready = passthrough && !real ? bootHost(fresh, runAsHost) : fresh
  const asked = probes(ready, wanted, runAsHost)
  return { ...ready, behind: { ...(ready.behind as Behind), probes: asked, bufferSize: sizeOf(asked, ready) } }
}

/** The host uses its TPM past the filter, which stands only before guests. */
function runAsHost(b: Backend, command: Bytes): { readonly backend: Backend; readonly response: Bytes } {
  const behind = b.behind as Behind
  const open: Behind = { ...behind, config: { ...behind.config, filter: [] } }
  const done = runNow({ ...b, behind: open }, command)
  return {
    ...done,
    backend: { ...done.backend, behind: { ...(done.backend.behind as Behind), config: behind.config } },
  }
}

/** TPM_Init of whichever TPM is there. */
function pulse(b: Backend): Backend {
  const behind = b.behind as Behind
  if (behind.tpm12) return { ...b, pending: undefined, behind: { ...behind, tpm12: init12(behind.tpm12) } }
  return { ...b, pending: undefined, tpm: powerOn(powerOff(b.tpm)) }
}

/** A reset of the guest's platform. */
const init = (b: Backend): Backend => (b.behind?.host ? { ...b, pending: undefined } : pulse(b))

/** What becomes of the host's TPM, and who has it then. */
export function hostActed(b: Backend, what: Exclude<HostAct, 'second-guest'>): Backend {
  const behind = b.behind as Behind
  const host = behind.host as NonNullable<Behind['host']>
  const next = { ...host, guests: host.guests + 1 }
  const counted = (backend: Backend, boots: number): Backend => ({
    ...backend,
    pending: undefined,
    behind: { ...(backend.behind as Behind), host: { ...next, boots } },
  })
  if (what === 'new-guest') return counted(b, host.boots)
  if (what === 'reboot-host') return counted(bootHost(pulse(b), runAsHost), host.boots + 1)
  const enabled = enableTpm(pulse(b), runAsHost)
  return counted(bootHost(pulse(enabled), runAsHost), host.boots + 2)
}

/** Why a second guest does not get the TPM, in a sentence. */
export const secondGuest = (b: Backend): string =>
  b.behind?.host
    ? 'A second guest is refused: the host’s one TPM is in use by this guest, and passthrough gives it to one at a time.'
    : 'A second guest gets a TPM of its own.'

/** Why the state of a TPM cannot go to another host; undefined where it can. QEMU: a migration blocker. */
export const migrationBlocker = (b: Backend): string | undefined =>
  b.behind?.host
    ? 'Migration is not possible: the state of the host’s TPM (owner, keys, PCRs) cannot go along with the guest.'
    : undefined

export const installOthers = (): void => {
  Object.assign(OLD_CODES, RETURN_NAMES)
  Object.assign(OLD_COMMANDS, ORDINAL_NAMES)
  addOldFrames({
    command: bytes => (isRequest12(bytes) ? explainRequest12(bytes) : undefined),
    response: (bytes, code) => (rowOf(code) ? explainResponse12(bytes, code) : undefined),
  })
  addOthers({ create, attempt, answered, runNow, init })
}
