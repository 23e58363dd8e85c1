// The members of a recording that tell of power, firmware and keys: read, and checked with a sentence that names the place.

import type { MachineConfig } from './machine.ts'
import { type PlatformAct, POWER, type Power, type Scheduled, type When } from './platform.ts'
import { array, fail, type Json, object, text } from './recording-checks.ts'

const ASKS = ['menu', 'choice', 'confirm'] as const

const oneOf = <T extends string>(v: unknown, of: readonly T[], where: string): T =>
  of.includes(v as T) ? (v as T) : fail(where, `must be one of ${of.join(', ')}`)

/** Undefined when the act is of another kind. */
export function platformAct(act: Json, where: string): PlatformAct | undefined {
  if (act.kind === 'key') return { kind: 'key', key: text(act.key, `${where}.key`) }
  if (act.kind === 'change') return { kind: 'change', what: text(act.what, `${where}.what`) }
  if (act.kind !== 'power') return undefined
  const what: Power = oneOf(act.what, POWER, `${where}.what`)
  if (act.sudden === undefined) return { kind: 'power', what }
  if (act.sudden !== true || what !== 'suspend') fail(`${where}.sudden`, 'may only be true, and only for suspend')
  return { kind: 'power', what, sudden: true }
}

function when(v: unknown, where: string): When {
  const o = object(v, where)
  const state = oneOf(o.state, ['done', 'executing', 'probed', 'asleep', 'asks'], `${where}.state`)
  switch (state) {
    case 'done':
    case 'executing':
      return { task: text(o.task, `${where}.task`), state }
    case 'asks':
      return { state, asks: oneOf(o.asks, ASKS, `${where}.asks`) }
    default:
      return { state }
  }
}

function scheduled(v: unknown, where: string): Scheduled {
  const o = object(v, where)
  const at = `${where}.act`
  const json = object(o.act, at)
  const act = platformAct(json, at) ?? fail(`${at}.kind`, `unknown act ${JSON.stringify(json.kind)}`)
  return { when: when(o.when, `${where}.when`), act }
}

/** The members of a configuration that only machines with a platform have. */
export function platformConfig(o: Json): Pick<MachineConfig, 'firmware' | 'schedule'> {
  return {
    ...(o.firmware === undefined ? {} : { firmware: oneOf(o.firmware, ['seabios', 'uefi'], 'config.firmware') }),
    ...(o.schedule === undefined
      ? {}
      : { schedule: array(o.schedule, 'config.schedule').map((s, i) => scheduled(s, `config.schedule[${i}]`)) }),
  }
}
