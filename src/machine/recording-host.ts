// What recordings say of backends, hosts and answers of a TPM outside: read with the same checks as the rest, and errors
// that name the member.

import { HOST_ACTS, type BackendConfig, type HostAct, type Transmitted } from '../backend/behind.ts'
import type { Task } from '../guest/guest.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import type { HostUserAct, MachineConfig, Stage } from './machine.ts'

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

type Json = { readonly [k: string]: unknown }

/** How members are read, and refused by name: those of recording.ts. */
interface Read {
  fail(where: string, what: string): never
  int(v: unknown, where: string, min: number, max: number): number
  text(v: unknown, where: string): string
  flag(v: unknown, where: string): boolean
  hex(v: unknown, where: string): string
  task(v: unknown, where: string): Task
}

const MOST = 65_536

export function reply(o: Json, where: string, r: Pick<Read, 'fail' | 'int' | 'text' | 'hex'>): RecordedReply {
  const id = r.int(o.id, `${where}.id`, 1, Number.MAX_SAFE_INTEGER)
  if (o.response !== undefined) return { t: 'reply', id, response: r.hex(o.response, `${where}.response`) }
  return { t: 'reply', id, why: r.text(o.why, `${where}.why`) }
}

function hostActName(v: unknown, where: string, fail: Read['fail']): HostAct {
  return HOST_ACTS.find(a => a === v) ?? fail(where, `must be one of ${HOST_ACTS.join(', ')}`)
}

export const hostAct = (o: Json, where: string, r: Pick<Read, 'fail' | 'text'>): HostUserAct => ({
  kind: 'host',
  label: r.text(o.label, `${where}.label`),
  act: hostActName(o.act, `${where}.act`, r.fail),
})

const object = (v: unknown, where: string, fail: Read['fail']): Json =>
  typeof v === 'object' && v !== null && !Array.isArray(v) ? (v as Json) : fail(where, 'must be an object')
const list = (v: unknown, where: string, fail: Read['fail']): readonly unknown[] =>
  Array.isArray(v) ? v : fail(where, 'must be a list')

function backend(v: unknown, r: Omit<Read, 'hex'>): BackendConfig {
  const where = 'config.backend'
  const o = object(v, where, r.fail)
  const { kind, tpm } = o
  if (kind !== 'emulator' && kind !== 'passthrough') {
    return r.fail(`${where}.kind`, `must be emulator or passthrough, not ${JSON.stringify(kind)}`)
  }
  if (tpm !== undefined && tpm !== 'new' && tpm !== 'owned' && tpm !== 'off') {
    return r.fail(`${where}.tpm`, `must be new, owned or off, not ${JSON.stringify(tpm)}`)
  }
  const bridge = o.bridge === undefined ? undefined : object(o.bridge, `${where}.bridge`, r.fail)
  if (bridge && kind !== 'passthrough') return r.fail(`${where}.bridge`, 'only passthrough has one')
  return {
    kind,
    ...(tpm === undefined ? {} : { tpm }),
    ...(bridge
      ? {
          bridge: {
            where: r.text(bridge.where, `${where}.bridge.where`),
            bufferSize: r.int(bridge.bufferSize, `${where}.bridge.bufferSize`, 10, MOST),
          },
        }
      : {}),
    ...(o.filter === undefined
      ? {}
      : {
          filter: list(o.filter, `${where}.filter`, r.fail).map((c, i) =>
            r.int(c, `${where}.filter[${i}]`, 0, 0xffffffff),
          ),
        }),
    ...(o.unwraps === undefined ? {} : { unwraps: r.flag(o.unwraps, `${where}.unwraps`) }),
  }
}

/** The members that a configuration may have; absent ones stay absent. */
export function hostConfig(o: Json, r: Omit<Read, 'hex'>): Pick<MachineConfig, 'tpmVersion' | 'backend' | 'stages'> {
  if (o.tpmVersion !== undefined && o.tpmVersion !== '1.2') {
    return r.fail('config.tpmVersion', `only "1.2" is known besides none, not ${JSON.stringify(o.tpmVersion)}`)
  }
  const behind = o.backend === undefined ? undefined : backend(o.backend, r)
  if (o.stages !== undefined && behind?.kind !== 'passthrough') {
    return r.fail('config.stages', 'only a machine with passthrough has a host to which something happens')
  }
  return {
    ...(o.tpmVersion === undefined ? {} : { tpmVersion: '1.2' }),
    ...(behind === undefined ? {} : { backend: behind }),
    ...(o.stages === undefined
      ? {}
      : {
          stages: list(o.stages, 'config.stages', r.fail).map((v, i): Stage => {
            const where = `config.stages[${i}]`
            const stage = object(v, where, r.fail)
            return {
              act: hostActName(stage.act, `${where}.act`, r.fail),
              tasks: list(stage.tasks, `${where}.tasks`, r.fail).map((t, k) => r.task(t, `${where}.tasks[${k}]`)),
            }
          }),
        }),
  }
}
