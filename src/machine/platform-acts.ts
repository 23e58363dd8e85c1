// What power, keys and changed components do to a machine. The order of a reset is QEMU's: memory is overwritten where that
// was asked for, then a running command is finished (its answer goes into the window and stays there), then the registers
// begin anew. Part 1, 9.2 for the TPM; the guest starts at its firmware.

import { initTpm, setPresence, startUnseen } from '../backend/power.ts'
import { boot } from '../guest/advance.ts'
import { bootProgram, installFirmware } from '../guest/firmware-boot.ts'
import { CHANGEABLE } from '../guest/firmware-events.ts'
import { keysFor } from '../guest/firmware-menu.ts'
import type { Boot, Guest } from '../guest/guest.ts'
import { qemuCrb } from '../hw/crb.ts'
import { MOVV, PPI, PPI_SIZE } from '../hw/ppi.map.ts'
import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { crbOf, driverOf, modelOf, tisOf } from './device.ts'
import type { Event } from './events.ts'
import type { Machine, WindowContent } from './machine.ts'
import type { Platform, PlatformAct, Power, When } from './platform.ts'
import { factsOf } from './platform-facts.ts'
import { addPlatformParts, type PlatformParts } from './platform-late.ts'
import { settled, type Step } from './reduce.ts'

/** Virtual time without power: a moment when the machine is switched off and on, a minute of sleep. */
const OFF = 5_000_000
const SLEEP = 60_000_000

const NO_CONTENT: WindowContent = { kind: 'nothing', message: EMPTY, part: 0, length: 0 }

const fresh = (): Platform => ({
  state: 'on',
  resetting: undefined,
  shared: new Uint8Array(PPI_SIZE),
  scheduled: 0,
  last: undefined,
})
const platformOf = (m: Pick<Machine, 'platform'>): Platform => m.platform ?? fresh()

const begunBoot = (kind: Boot['kind'], before: Boot | undefined): Boot => ({
  kind,
  started: false,
  banks: [],
  log: EMPTY,
  previous: before?.log ?? EMPTY,
  console: [],
  asks: undefined,
  keys: [],
  reset: false,
  hidden: before?.hidden ?? false,
  changed: before?.changed ?? [],
  kept: {},
})

const say = (what: 'power' | 'key', text: string): Event => ({ t: 'platform', what, say: text })

/** A step of its own, in which the guest does nothing. */
const step = (m: Machine, change: Partial<Machine>, ...events: readonly Event[]): Step => ({
  machine: { ...m, ...change, step: m.step + 1 },
  events,
})

/** The guest begins again. What its application has kept on disk, and the commands that it has not sent yet, are there. */
function restarted(m: Machine): Guest {
  const { guest, config } = m
  // What was on its way when the machine stopped is lost.
  const lost = guest.stack.length > 0 && guest.entry === undefined && guest.globals.probed === 1 ? 1 : 0
  const again = {
    ...boot(guest.tasks, driverOf(config)),
    results: guest.results,
    kept: guest.kept,
    next: guest.next + lost,
  }
  if (!config.firmware) return again
  return { ...again, boot: begunBoot(config.firmware, guest.boot), entry: bootProgram(config.firmware) }
}

/** What became of the TPM, which may be another's; and of firmware that is no program, so that what it does is not seen. */
function tpmSays(m: Machine, own: string): string {
  if (m.backend.behind?.host) return ' The TPM is the host’s, and stays as it was.'
  return `${own}${m.config.firmware ? '' : ' A firmware that is not shown has started the TPM.'}`
}

function resetSays(m: Machine, what: 'cold-boot' | 'warm-reset'): string {
  if (what === 'cold-boot') {
    const own = ' The TPM has no state but what is in its NV memory.'
    return `Power went off and came back: all memory is lost.${tpmSays(m, own)}`
  }
  const kept = tisOf(m) ? 'memory does not' : 'memory and the data window do not'
  return `The platform was reset: the registers begin anew, ${kept}.${tpmSays(m, ' The TPM begins anew, too.')}`
}

/** Cold boot or warm reset, when nothing executes any more. */
function reset(m: Machine, what: 'cold-boot' | 'warm-reset'): Step {
  const p = platformOf(m)
  const cold = what === 'cold-boot'
  const time = m.time + (cold ? OFF : 0)
  const inited = initTpm(m.backend, m.time, time)
  const guest = restarted(m)
  const before = p.resetting ? (p.last?.before ?? factsOf(m)) : factsOf(m)
  return step(
    m,
    {
      time,
      guest,
      device: cold ? modelOf(m.config).create(m.device.config) : modelOf(m.config).reset(m.device),
      backend: m.config.firmware ? inited : startUnseen(inited, false),
      writes: {},
      exchange: undefined,
      content: cold ? NO_CONTENT : m.content,
      platform: {
        ...p,
        state: 'on',
        resetting: undefined,
        shared: cold ? new Uint8Array(PPI_SIZE) : p.shared,
        last: { what, step: m.step + 1, before },
      },
    },
    say('power', resetSays(m, what)),
  )
}

const overwrites = (p: Platform): boolean => ((p.shared[PPI.movv.at] as number) >> MOVV.ClearMemory.low) % 2 === 1

/** All of the guest's memory becomes zero; the window of a CRB is memory, the buffer of a TIS is the device's. */
const zeroed = (m: Machine): Machine =>
  tisOf(m)
    ? m
    : {
        ...m,
        device: qemuCrb.writeWindow(crbOf(m), qemuCrb.memoryAt, new Uint8Array(crbOf(m).config.windowSize)),
        content: NO_CONTENT,
      }

/** Somebody presses the reset button, or pulls the plug and puts it back. */
function begin(m: Machine, what: 'cold-boot' | 'warm-reset'): Step {
  const p = platformOf(m)
  const before = factsOf(m)
  const clears = what === 'warm-reset' && overwrites(p)
  const now = clears ? zeroed(m) : m
  const overwritten = clears
    ? [say('power', 'First all memory is overwritten with zeros, and the data window with it.')]
    : []
  // Power that goes takes the running command with it; a reset waits for its end.
  if (what === 'cold-boot' || m.backend.pending === undefined) {
    const done = reset({ ...now, backend: { ...now.backend, pending: undefined } }, what)
    const last = done.machine.platform?.last
    const machine = { ...done.machine, platform: { ...platformOf(done.machine), last: last && { ...last, before } } }
    return { machine, events: [...overwritten, ...done.events] }
  }
  return step(
    now,
    { platform: { ...p, state: 'resetting', resetting: what, last: { what, step: m.step + 1, before } } },
    ...overwritten,
    say('power', 'The platform is being reset. The device waits for the command that the TPM executes.'),
  )
}

function suspend(m: Machine, sudden: boolean): Step {
  const p = platformOf(m)
  if (p.state !== 'on' || m.guest.entry !== undefined || m.guest.globals.probed !== 1) {
    return step(m, {}, say('power', 'The machine cannot go to sleep now: the operating system does not run yet.'))
  }
  const tells = m.backend.behind?.version === '1.2' ? 'os_suspend12' : 'os_suspend'
  const entry = sudden ? 'os_sleep' : tells
  const text = sudden
    ? 'You put the machine to sleep. This operating system does not tell the TPM.'
    : 'You put the machine to sleep. The operating system finishes what it does and tells the TPM.'
  return step(m, { guest: { ...m.guest, entry }, platform: { ...p, state: 'suspending' } }, say('power', text))
}

const asleep = (m: Machine): Step =>
  step(
    m,
    {
      platform: { ...platformOf(m), state: 'asleep', last: { what: 'suspend', step: m.step + 1, before: factsOf(m) } },
    },
    say(
      'power',
      m.backend.behind?.host
        ? 'The machine sleeps. Its memory is kept; the TPM is the host’s, and keeps its power.'
        : 'The machine sleeps. Its memory is kept; the TPM is without power.',
    ),
  )

function wake(m: Machine): Step {
  const p = platformOf(m)
  if (p.state !== 'asleep') return step(m, {}, say('power', 'The machine does not sleep.'))
  const time = m.time + SLEEP
  const inited = initTpm(m.backend, m.time, time)
  const { firmware } = m.config
  const guest = firmware
    ? {
        ...m.guest,
        globals: {},
        entry: 'firmware_resume',
        boot: { ...(m.guest.boot as Boot), started: false, console: [] },
      }
    : m.guest
  return step(
    m,
    {
      time,
      guest,
      // The same reset runs: the window is memory, and stays.
      device: modelOf(m.config).reset(m.device),
      backend: firmware ? inited : startUnseen(inited, true),
      writes: {},
      platform: {
        ...p,
        state: 'on',
        last: { what: 'resume', step: m.step + 1, before: p.last?.before ?? factsOf(m) },
      },
    },
    say(
      'power',
      `The machine wakes after a minute. Memory is as it was; the registers begin anew.${tpmSays(m, ' The TPM begins anew, too.')}`,
    ),
  )
}

function power(m: Machine, what: Power, sudden: boolean): Step {
  if (m.migration?.waiting) return step(m, {}, say('power', 'Not now: the machine is being saved, and stands still.'))
  if (platformOf(m).state === 'resetting') return step(m, {}, say('power', 'The platform is being reset already.'))
  if (what === 'suspend') return suspend(m, sudden)
  return what === 'resume' ? wake(m) : begin(m, what)
}

function key(m: Machine, name: string): Step {
  const { boot: b } = m.guest
  if (!b || !keysFor(b).includes(name)) {
    return step(m, {}, say('key', `Nobody reads the key ${name} now.`))
  }
  return step(m, { guest: { ...m.guest, boot: { ...b, keys: [...b.keys, name] } } }, say('key', `You pressed ${name}.`))
}

function change(m: Machine, what: string): Step {
  const { boot: b } = m.guest
  if (!b || !(CHANGEABLE as readonly string[]).includes(what)) {
    return step(m, {}, say('power', `There is no ${what} that the firmware measures.`))
  }
  const back = b.changed.includes(what)
  const changed = back ? b.changed.filter(c => c !== what) : [...b.changed, what]
  const text = back
    ? `The ${what} is as it was again.`
    : `Somebody changed the ${what}. It counts from the next boot on.`
  return step(m, { guest: { ...m.guest, boot: { ...b, changed } } }, say('power', text))
}

function act(m: Machine, a: PlatformAct): Step {
  const at = m.platform ? m : { ...m, platform: fresh() }
  switch (a.kind) {
    case 'power':
      return power(at, a.what, a.sudden === true)
    case 'key':
      return key(at, a.key)
    case 'change':
      return change(at, a.what)
  }
}

function holds(m: Machine, w: When): boolean {
  const { guest, backend } = m
  switch (w.state) {
    case 'done':
      return guest.stack.length === 0 && guest.results.some(r => r.id === w.task)
    case 'executing':
      return backend.pending !== undefined && guest.entry === undefined && guest.tasks[guest.next]?.id === w.task
    case 'probed':
      return guest.stack.length === 0 && guest.globals.probed === 1
    case 'asleep':
      return m.platform?.state === 'asleep'
    case 'asks':
      return guest.boot?.asks === w.asks && guest.boot.keys.length === 0
  }
}

/** The next entry of the schedule, when its time has come. */
function due(m: Machine): PlatformAct | undefined {
  const next = m.config.schedule?.[m.platform?.scheduled ?? 0]
  return next && m.platform?.state !== 'suspending' && holds(m, next.when) ? next.act : undefined
}

function instead(m: Machine): Step | undefined {
  const p = platformOf(m)
  if (p.state === 'resetting') {
    // The guest stands still until the TPM has answered what it executes.
    if (m.backend.pending) return settled({ ...m, step: m.step + 1 })
    return reset(m, p.resetting === 'cold-boot' ? 'cold-boot' : 'warm-reset')
  }
  if (p.state === 'suspending' && m.guest.entry === undefined) return asleep(m)
  if (m.guest.boot?.reset) return reset(m, 'warm-reset')
  const next = due(m)
  if (next) return act({ ...m, platform: { ...p, scheduled: p.scheduled + 1 } }, next)
  return p.state === 'asleep' ? { machine: m, events: [] } : undefined
}

const readLittle = (b: Bytes, at: number, size: number): number => {
  let value = 0
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (b[at + i] ?? 0)
  return value
}

const parts: PlatformParts = {
  begin(m) {
    const { firmware } = m.config
    const guest = firmware
      ? { ...m.guest, boot: begunBoot(firmware, undefined), entry: bootProgram(firmware) }
      : m.guest
    return { ...m, guest, platform: { ...fresh(), scheduled: m.platform?.scheduled ?? 0 } }
  },
  act,
  instead,
  ended(m, guestDone) {
    const p = platformOf(m)
    if (p.state === 'resetting' || due(m) !== undefined) return false
    if (p.state === 'suspending') return false
    return p.state === 'asleep' || guestDone
  },
  access(w, io) {
    if (io.kind === 'presence') {
      w.backend = setPresence(w.backend, io.on)
      return { value: 0, data: EMPTY }
    }
    const p = platformOf(w)
    if (!io.data) return { value: readLittle(p.shared, io.at, io.size), data: EMPTY }
    const shared = new Uint8Array(PPI_SIZE)
    shared.set(p.shared as unknown as Uint8Array)
    shared.set(io.data as unknown as Uint8Array, io.at)
    w.platform = { ...p, shared }
    return { value: 0, data: io.data }
  },
}

/** To be called before a machine with firmware is powered on, or its power turned off. Again does no harm. */
export function installPlatform(): void {
  installFirmware()
  addPlatformParts(parts)
}
