// The members of a recording that tell of power, firmware and keys: read, and checked with a sentence that names the place.

import type { MachineConfig } from './machine.ts'
import { type PlatformAct, POWER, type Power, type Scheduled, type When } from './platform.ts'

type Json = { readonly [k: string]: unknown }

/** How a recording is checked: recording.ts. */
export interface Checks {
  object(v: unknown, where: string): Json
  array(v: unknown, where: string): readonly unknown[]
  text(v: unknown, where: string): string
  int(v: unknown, where: string, min: number, max: number): number
  fail(where: string, what: string): never
}

const ASKS = ['menu', 'choice', 'confirm'] as const

const oneOf = <T extends string>(v: unknown, of: readonly T[], where: string, c: Checks): T =>
  of.includes(v as T) ? (v as T) : c.fail(where, `must be one of ${of.join(', ')}`)

/** Undefined when the act is of another kind. */
export function platformAct(act: Json, where: string, c: Checks): PlatformAct | undefined {
  if (act.kind === 'key') return { kind: 'key', key: c.text(act.key, `${where}.key`) }
  if (act.kind === 'change') return { kind: 'change', what: c.text(act.what, `${where}.what`) }
  if (act.kind !== 'power') return undefined
  const what: Power = oneOf(act.what, POWER, `${where}.what`, c)
  if (act.sudden === undefined) return { kind: 'power', what }
  if (act.sudden !== true || what !== 'suspend') c.fail(`${where}.sudden`, 'may only be true, and only for suspend')
  return { kind: 'power', what, sudden: true }
}

function when(v: unknown, where: string, c: Checks): When {
  const o = c.object(v, where)
  const state = oneOf(o.state, ['done', 'executing', 'probed', 'asleep', 'asks'], `${where}.state`, c)
  switch (state) {
    case 'done':
    case 'executing':
      return { task: c.text(o.task, `${where}.task`), state }
    case 'asks':
      return { state, asks: oneOf(o.asks, ASKS, `${where}.asks`, c) }
    default:
      return { state }
  }
}

function scheduled(v: unknown, where: string, c: Checks): Scheduled {
  const o = c.object(v, where)
  const at = `${where}.act`
  const json = c.object(o.act, at)
  const act = platformAct(json, at, c) ?? c.fail(`${at}.kind`, `unknown act ${JSON.stringify(json.kind)}`)
  return { when: when(o.when, `${where}.when`, c), act }
}

/** The members of a configuration that only machines with a platform have. */
export function platformConfig(o: Json, c: Checks): Pick<MachineConfig, 'firmware' | 'schedule'> {
  return {
    ...(o.firmware === undefined ? {} : { firmware: oneOf(o.firmware, ['seabios', 'uefi'], 'config.firmware', c) }),
    ...(o.schedule === undefined
      ? {}
      : { schedule: c.array(o.schedule, 'config.schedule').map((s, i) => scheduled(s, `config.schedule[${i}]`, c)) }),
  }
}
