// A recording: configuration and inputs, a few kilobytes of JSON, and the digest that a replay must reach. Whatever is
// wrong with a file is said in one sentence that names the place.

import { fromHex, toHex } from '../lib/bytes.ts'
import type { Part, Task } from '../guest/guest.ts'
import { programNamed } from '../guest/drivers.ts'
import { digest } from './digest.ts'
import { History } from './history.ts'
import { hostAct, hostConfig, type RecordedReply, recordedReply, replayedReply, reply } from './recording-host.ts'
import type { Job, JobResult } from '../backend/backend.ts'
import { modelOf } from '../backend/emulator.ts'
import { readInterface } from './recorded-interface.ts'
import { ImageError, readImage, writeImage } from '../nvram/image.ts'
import { platformAct, platformConfig } from './recording-platform.ts'
import { migrationAct } from './recorded-acts.ts'
import { array, fail, flag, hex, int, type Json, MOST_BYTES, object, RecordingError, text } from './recording-checks.ts'
import { type Input, type MachineConfig, type Outside, type UserAct, WINDOW_SIZES, type WindowSize } from './machine.ts'

export { RecordingError }

export const FORMAT = 'crbscope-recording'
export const VERSION = 1
const MOST_STEPS = 5_000_000

/** The primes that the shell found for the TPM, and its generator after that: hexadecimal. */
interface RecordedAnswer {
  readonly t: 'answer'
  readonly p: string
  readonly n: string
  readonly key: string
  readonly v: string
}
/** The same, with the TPM as its image: hexadecimal. */
type RecordedOutside = Omit<Outside, 'tpm'> & { readonly image?: string }
interface RecordedAct {
  readonly t: 'user'
  readonly act: Exclude<UserAct, Outside> | RecordedOutside
}
type RecordedInput = number | RecordedAct | RecordedAnswer | RecordedReply

export interface Recording {
  readonly format: typeof FORMAT
  readonly version: typeof VERSION
  readonly title: string
  readonly config: MachineConfig
  /** A number stands for that many steps. */
  readonly inputs: readonly RecordedInput[]
  /** Digest of the machine after the last input. */
  readonly digest: string
}

/** The run up to and with moment `k`. */
export function saveRecording(history: History, title: string, k = history.length - 1): Recording {
  const inputs: RecordedInput[] = []
  for (const input of history.inputs(k)) {
    if (input.t === 'answer') inputs.push('id' in input.result ? recordedReply(input.result) : recorded(input.result))
    else if (input.t !== 'step') inputs.push({ t: 'user', act: recordedAct(input.act) })
    else if (typeof inputs.at(-1) === 'number') inputs[inputs.length - 1] = (inputs.at(-1) as number) + 1
    else inputs.push(1)
  }
  return {
    format: FORMAT,
    version: VERSION,
    title,
    config: history.config,
    inputs,
    digest: digest(history.at(k).machine),
  }
}

function recordedAct(act: UserAct): RecordedAct['act'] {
  if (act.kind !== 'outside') return act
  const { tpm, ...rest } = act
  return tpm ? { ...rest, image: toHex(writeImage(tpm)) } : rest
}

const recorded = ({ p, n, drbg }: JobResult): RecordedAnswer => ({
  t: 'answer',
  p: toHex(p),
  n: toHex(n),
  key: toHex(drbg.key),
  v: toHex(drbg.v),
})

const replayed = (i: Exclude<RecordedInput, number>): Input => {
  if (i.t === 'reply') return replayedReply(i)
  if (i.t === 'user') {
    if (i.act.kind !== 'outside') return { t: 'user', act: i.act }
    const { image, ...act } = i.act
    return { t: 'user', act: { ...act, tpm: image === undefined ? undefined : readImage(fromHex(image), modelOf) } }
  }
  const drbg = { key: fromHex(i.key), v: fromHex(i.v) }
  return { t: 'answer', result: { p: fromHex(i.p), n: fromHex(i.n), drbg } }
}

/** @param serve gives answers anew, for a configuration that was changed */
export function replayRecording(r: Recording, serve?: (job: Job) => JobResult): History {
  const inputs: Input[] = []
  for (const i of r.inputs) {
    if (typeof i === 'number') for (let n = 0; n < i; n++) inputs.push({ t: 'step' })
    else inputs.push(replayed(i))
  }
  return History.replay(r.config, inputs, serve)
}

/** @throws RecordingError when the replay ends in another state than the recording did. */
export function verifyRecording(r: Recording): History {
  const h = replayRecording(r)
  const got = digest(h.at(h.length - 1).machine)
  if (got !== r.digest) throw new RecordingError(`the replay ends with digest ${got}, the recording says ${r.digest}`)
  return h
}

function part(v: unknown, where: string): Part {
  const o = object(v, where)
  if ('hex' in o) return { hex: hex(o.hex, `${where}.hex`) }
  if ('fill' in o) {
    return { fill: int(o.fill, `${where}.fill`, 0, MOST_BYTES), seed: int(o.seed, `${where}.seed`, 0, 255) }
  }
  return {
    from: text(o.from, `${where}.from`),
    at: int(o.at, `${where}.at`, 0, MOST_BYTES),
    length: int(o.length, `${where}.length`, 0, MOST_BYTES),
  }
}

function call(v: unknown, where: string): NonNullable<Task['call']> {
  const o = object(v, where)
  const args = Object.entries(object(o.args, `${where}.args`))
  const fn = text(o.fn, `${where}.fn`)
  if (!programNamed(fn)) fail(`${where}.fn`, `unknown program ${JSON.stringify(fn)}`)
  return { fn, args: Object.fromEntries(args.map(([k, n]) => [k, int(n, `${where}.args.${k}`, 0, 0xffffffff)])) }
}

function task(v: unknown, where: string): Task {
  const o = object(v, where)
  return {
    id: text(o.id, `${where}.id`),
    label: text(o.label, `${where}.label`),
    parts: array(o.parts, `${where}.parts`).map((p, i) => part(p, `${where}.parts[${i}]`)),
    ...(o.keepSize === undefined ? {} : { keepSize: flag(o.keepSize, `${where}.keepSize`) }),
    ...(o.room === undefined ? {} : { room: int(o.room, `${where}.room`, 0, MOST_BYTES) }),
    ...(o.rival === undefined ? {} : { rival: int(o.rival, `${where}.rival`, 1, 3) as 1 | 2 | 3 }),
    ...(o.call === undefined ? {} : { call: call(o.call, `${where}.call`) }),
  }
}

function config(v: unknown): MachineConfig {
  const o = object(v, 'config')
  if (o.device !== 'qemu') fail('config.device', `only "qemu" is known, not ${JSON.stringify(o.device)}`)
  if (o.profile !== 'crbscope') fail('config.profile', `only "crbscope" is known, not ${JSON.stringify(o.profile)}`)
  if (!WINDOW_SIZES.includes(o.window as WindowSize)) fail('config.window', `must be one of ${WINDOW_SIZES.join(', ')}`)
  const seed = hex(o.seed, 'config.seed')
  if (seed.length !== 64) fail('config.seed', `must be 32 bytes, has ${seed.length / 2}`)
  return {
    ...hostConfig(o, task),
    device: 'qemu',
    profile: 'crbscope',
    capChunk: flag(o.capChunk, 'config.capChunk'),
    backendBufferSize: int(o.backendBufferSize, 'config.backendBufferSize', 10, MOST_BYTES),
    window: o.window as WindowSize,
    seed,
    prepare: array(o.prepare, 'config.prepare').map((t, i) => task(t, `config.prepare[${i}]`)),
    tasks: array(o.tasks, 'config.tasks').map((t, i) => task(t, `config.tasks[${i}]`)),
    ...image(o, 'config'),
    ...readInterface(o),
    ...platformConfig(o),
  }
}

/** The member `image`, where there is one. */
function image(o: Json, where: string): { readonly image?: string } {
  if (o.image === undefined) return {}
  const found = hex(o.image, `${where}.image`)
  try {
    readImage(fromHex(found), modelOf)
  } catch (e) {
    if (!(e instanceof ImageError)) throw e
    fail(`${where}.image`, e.message)
  }
  return { image: found }
}

function outside(o: Json, where: string): RecordedOutside {
  return {
    kind: 'outside',
    label: text(o.label, `${where}.label`),
    ...image(o, where),
    elapsed: int(o.elapsed, `${where}.elapsed`, 0, Number.MAX_SAFE_INTEGER),
    locality: int(o.locality, `${where}.locality`, 0, 4),
    reset: flag(o.reset, `${where}.reset`),
    task: o.task === undefined ? undefined : task(o.task, `${where}.task`),
  }
}

function input(v: unknown, where: string): Recording['inputs'][number] {
  if (typeof v === 'number') return int(v, where, 1, MOST_STEPS)
  const o = object(v, where)
  if (o.t === 'answer') {
    const part = (name: 'p' | 'n' | 'key' | 'v'): string => hex(o[name], `${where}.${name}`)
    return { t: 'answer', p: part('p'), n: part('n'), key: part('key'), v: part('v') }
  }
  if (o.t === 'reply') return reply(o, where)
  const act = object(o.act, `${where}.act`)
  if (o.t !== 'user') fail(`${where}.t`, `unknown kind ${JSON.stringify(o.t)}`)
  if (act.kind === 'cancel') return { t: 'user', act: { kind: 'cancel' } }
  if (act.kind === 'enqueue') return { t: 'user', act: { kind: 'enqueue', task: task(act.task, `${where}.act.task`) } }
  if (act.kind === 'host') return { t: 'user', act: hostAct(act, `${where}.act`) }
  if (act.kind === 'outside') return { t: 'user', act: outside(act, `${where}.act`) }
  const late = migrationAct(act, `${where}.act`)
  if (late) return { t: 'user', act: late }
  const other = platformAct(act, `${where}.act`)
  if (other) return { t: 'user', act: other }
  return fail(`${where}.act.kind`, `unknown act ${JSON.stringify(act.kind)}`)
}

/** @throws RecordingError in words: not JSON (with the place), truncated, of a newer version, or which member is wrong. */
export function parseRecording(source: string): Recording {
  let json: unknown
  try {
    json = JSON.parse(source)
  } catch (e) {
    const cut = source.trimStart().startsWith('{') && !source.trimEnd().endsWith('}')
    throw new RecordingError(
      cut ? 'the file is truncated: its JSON ends too early' : `not JSON: ${(e as Error).message}`,
    )
  }
  return readRecording(json)
}

/** The same, from parsed JSON. */
export function readRecording(json: unknown): Recording {
  const o = object(json, 'recording')
  if (o.format !== FORMAT) fail('format', `must be "${FORMAT}", is ${JSON.stringify(o.format)}`)
  const version = int(o.version, 'version', 1, 1_000_000)
  if (version > VERSION)
    fail('version', `${version} is newer than this program knows (${VERSION}); use a newer crbscope`)
  const inputs = array(o.inputs, 'inputs').map((i, k) => input(i, `inputs[${k}]`))
  const steps = inputs.reduce<number>((n, i) => n + (typeof i === 'number' ? i : 1), 0)
  if (steps > MOST_STEPS) fail('inputs', `${steps} steps are more than ${MOST_STEPS}`)
  const sum = text(o.digest, 'digest')
  if (!/^[0-9a-f]{64}$/.test(sum)) fail('digest', 'must be 64 hexadecimal digits')
  return {
    format: FORMAT,
    version: VERSION,
    title: text(o.title, 'title'),
    config: config(o.config),
    inputs,
    digest: sum,
  }
}
