// Runs up to the points of the migration table, and what the guest gets from there on.

import { signDigest } from '../../src/lessons/scenarios/opening.ts'
import { verifyDigest } from '../../src/lessons/scenarios/dsa.ts'
import { createPrimary, HASH_MLDSA_87 } from '../../src/lessons/keys.ts'
import { isAt, type Point } from '../../src/lessons/when.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { type Host, roomOf, tisBufferOf } from '../../src/machine/host.ts'
import { History } from '../../src/machine/history.ts'
import type { Machine, MachineConfig } from '../../src/machine/machine.ts'
import { installMigration } from '../../src/machine/migrate.ts'
import { ended, reduce } from '../../src/machine/reduce.ts'
import { config, getRandom, hashOf, STARTUP } from './machines.ts'
import './whole.ts'

installMigration()

const KEYED = [STARTUP, createPrimary('Make a key', HASH_MLDSA_87), signDigest]
const SHORT = { id: 'short', label: 'Six bytes', parts: [{ hex: '8001000000060000017b0010' }], keepSize: true }

/** Two chunks out, two chunks back, and one more command; without chunks small commands and an answer that is too long. */
const runOf = (at: Point, capChunk: boolean): Pick<MachineConfig, 'prepare' | 'tasks'> => {
  if (at === 'fatal') return { prepare: [STARTUP], tasks: [SHORT, getRandom('last')] }
  const first = capChunk ? verifyDigest : getRandom('first')
  return { prepare: KEYED, tasks: [first, { ...signDigest, id: 'sign2' }, getRandom('last')] }
}

/** The command in which the point lies. */
const taskAt = (at: Point, capChunk: boolean): string => {
  if (at === 'fatal') return 'short'
  return capChunk && (at === 'copied' || at === 'taken' || at === 'refilled') ? 'verify' : 'sign2'
}

/** The same over a TIS: as much as its buffer takes. */
const tisRunOf = (at: Point, large: boolean): Pick<MachineConfig, 'prepare' | 'tasks'> => {
  if (at === 'tis-seized') {
    return { prepare: [STARTUP], tasks: [{ ...getRandom('seized'), rival: 2 }, getRandom('last')] }
  }
  if (large) return { prepare: KEYED, tasks: [verifyDigest, { ...signDigest, id: 'sign2' }, getRandom('last')] }
  const key = { ...createPrimary('Make a key', HASH_MLDSA_87), id: 'sign2' }
  return { prepare: [STARTUP], tasks: [{ ...hashOf('verify', 4000) }, key, getRandom('last')] }
}
const tisTaskAt = (at: Point): string =>
  at === 'tis-seized' ? 'seized' : at === 'tis-part' || at === 'tis-whole' ? 'verify' : 'sign2'

const startOf = (from: Host, at: Point): { readonly config: MachineConfig; readonly task: string } => {
  if (from.device === 'tpm-tis') {
    const large = tisBufferOf(from) === 8192
    const device = { interface: 'tis', backendBufferSize: from.backendBufferSize } as const
    const more = { ...device, ...(large ? { tis: { buffer: 8192 } as const } : {}), ...tisRunOf(at, large) }
    return { config: config([], more), task: tisTaskAt(at) }
  }
  const device = { capChunk: from.capChunk, backendBufferSize: roomOf(from, 3968) }
  return { config: config([], { ...device, ...runOf(at, from.capChunk) }), task: taskAt(at, from.capChunk) }
}

/** Sources whose devices are alike make the same run. */
const runs = new Map<string, Machine>()

/** A machine on the source, at the point. */
export function machineAt(from: Host, at: Point): Machine {
  const start = startOf(from, at)
  const key = JSON.stringify([start.config, at])
  const known = runs.get(key)
  if (known) return known
  const h = History.start(start.config)
  const { task } = start
  const until = (point: Point): void => {
    while (!isAt(h.at(h.length - 1), { task, at: point })) if (h.extend(1) === 0) throw new Error(`no ${point}`)
  }
  if (at === 'cancelled' || at === 'tis-cancelled') {
    until(at === 'cancelled' ? 'submitted' : 'tis-submitted')
    h.act(h.length - 1, { kind: 'cancel' })
  }
  until(at)
  const { machine } = h.at(h.length - 1)
  runs.set(key, machine)
  return machine
}

/** Runs on, at most for a while: a driver that waits for what never comes gives up before that. */
export function runOn(m: Machine, most = 20_000): Machine {
  let machine = m
  for (let i = 0; i < most && !ended(machine); i++) machine = reduce(machine, { t: 'step' }).machine
  return machine
}

/** What every command of the guest came to. */
export const answers = (m: Machine): readonly string[] =>
  m.guest.results.map(r => `${r.id} ${r.rc} ${toHex(r.response)}`)
