// What recordings say of backends, hosts and answers of a TPM outside: read with the same checks as the rest, and errors
// that name the member.

import { HOST_ACTS, type BackendConfig, type HostAct, type Transmitted } from '../backend/behind.ts'
import type { Task } from '../guest/guest.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import type { HostUserAct, MachineConfig, Stage } from './machine.ts'
import { array, fail, flag, hex, int, type Json, MOST_BYTES, object, text } from './recording-checks.ts'

/** An answer of a TPM outside: hexadecimal, or why there is none. */
export interface RecordedReply {
  readonly t: 'reply'
  readonly id: number
  readonly response?: string
  readonly why?: string
}

export const recordedReply = (r: Transmitted): RecordedReply =>
  'response' in r ? { t: 'reply', id: r.id, response: toHex(r.response) } : { t: 'reply', id: r.id, why: r.why }

export const replayedReply = (r: RecordedReply): { readonly t: 'answer'; readonly result: Transmitted } => ({
  t: 'answer',
  result: r.response === undefined ? { id: r.id, why: r.why ?? '' } : { id: r.id, response: fromHex(r.response) },
})

export function reply(o: Json, where: string): RecordedReply {
  const id = int(o.id, `${where}.id`, 1, Number.MAX_SAFE_INTEGER)
  if (o.response !== undefined) return { t: 'reply', id, response: hex(o.response, `${where}.response`) }
  return { t: 'reply', id, why: text(o.why, `${where}.why`) }
}

function hostActName(v: unknown, where: string): HostAct {
  return HOST_ACTS.find(a => a === v) ?? fail(where, `must be one of ${HOST_ACTS.join(', ')}`)
}

export const hostAct = (o: Json, where: string): HostUserAct => ({
  kind: 'host',
  label: text(o.label, `${where}.label`),
  act: hostActName(o.act, `${where}.act`),
})

function backend(v: unknown): BackendConfig {
  const where = 'config.backend'
  const o = object(v, where)
  const { kind, tpm } = o
  if (kind !== 'emulator' && kind !== 'passthrough') {
    return fail(`${where}.kind`, `must be emulator or passthrough, not ${JSON.stringify(kind)}`)
  }
  if (tpm !== undefined && tpm !== 'new' && tpm !== 'owned' && tpm !== 'off') {
    return fail(`${where}.tpm`, `must be new, owned or off, not ${JSON.stringify(tpm)}`)
  }
  const bridge = o.bridge === undefined ? undefined : object(o.bridge, `${where}.bridge`)
  if (bridge && kind !== 'passthrough') return fail(`${where}.bridge`, 'only passthrough has one')
  return {
    kind,
    ...(tpm === undefined ? {} : { tpm }),
    ...(bridge
      ? {
          bridge: {
            where: text(bridge.where, `${where}.bridge.where`),
            bufferSize: int(bridge.bufferSize, `${where}.bridge.bufferSize`, 10, MOST_BYTES),
          },
        }
      : {}),
    ...(o.filter === undefined
      ? {}
      : {
          filter: array(o.filter, `${where}.filter`).map((c, i) => int(c, `${where}.filter[${i}]`, 0, 0xffffffff)),
        }),
    ...(o.unwraps === undefined ? {} : { unwraps: flag(o.unwraps, `${where}.unwraps`) }),
  }
}

/** The members that a configuration may have; absent ones stay absent. */
export function hostConfig(
  o: Json,
  task: (v: unknown, where: string) => Task,
): Pick<MachineConfig, 'tpmVersion' | 'backend' | 'stages'> {
  if (o.tpmVersion !== undefined && o.tpmVersion !== '1.2') {
    return fail('config.tpmVersion', `only "1.2" is known besides none, not ${JSON.stringify(o.tpmVersion)}`)
  }
  const behind = o.backend === undefined ? undefined : backend(o.backend)
  if (o.stages !== undefined && behind?.kind !== 'passthrough') {
    return fail('config.stages', 'only a machine with passthrough has a host to which something happens')
  }
  return {
    ...(o.tpmVersion === undefined ? {} : { tpmVersion: '1.2' }),
    ...(behind === undefined ? {} : { backend: behind }),
    ...(o.stages === undefined
      ? {}
      : {
          stages: array(o.stages, 'config.stages').map((v, i): Stage => {
            const where = `config.stages[${i}]`
            const stage = object(v, where)
            return {
              act: hostActName(stage.act, `${where}.act`),
              tasks: array(stage.tasks, `${where}.tasks`).map((t, k) => task(t, `${where}.tasks[${k}]`)),
            }
          }),
        }),
  }
}
