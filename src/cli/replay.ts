// Which recordings `check` knows, told apart by the members of a line, and how each is replayed. A replayer sees the
// lines of one file in order; what it needs is loaded when the first line of its kind appears.

export type Json = { readonly [member: string]: unknown }

/** Where and how a replay left the recording, in words. */
export interface Difference {
  /** What the line is about: a test and a name, or the id of a sequence. */
  readonly name: string
  readonly wanted: string
  readonly came: string
  /** The step of a sequence, counted from 1. */
  readonly step?: number
}

/** What became of one line. `ignored` lines act, or are data for others, and count nowhere. */
export type Verdict = 'passed' | 'ignored' | Difference

export interface Replayer {
  /** @throws Error when the line is not what its kind announces; its message says what is wrong */
  line(json: Json): Verdict
  /** What else there is to tell at the end of a file, on one line. */
  summary?(): string
}

export type Kind = 'crb' | 'tis' | 'transcript' | 'client' | 'recording'

const has = (json: Json, member: string): boolean => json[member] !== undefined
const isObject = (v: unknown): v is Json => typeof v === 'object' && v !== null && !Array.isArray(v)

/** The kind of a line: one that is replayed, one that this version cannot replay (in words), or none. */
export function kindOf(json: Json): Kind | { readonly cannot: string } | undefined {
  if (isObject(json['config']) && has(json['config'], 'capChunk') && !has(json, 'format')) return 'crb'
  if (isObject(json['config']) && has(json['config'], 'tpmVersion')) return 'tis'
  if (has(json, 'format')) {
    if (json['format'] === 'crbscope-recording') return 'recording'
    return { cannot: `unknown format ${JSON.stringify(json['format'])}` }
  }
  if (has(json, 'cmdHex') && has(json, 'sameCmd')) return 'client'
  if (has(json, 'cmdHex') && has(json, 'rspHex')) return 'transcript'
  if (has(json, 'event')) return 'transcript'
  return undefined
}

/** Events belong to the commands of their file: those of a client, when all commands are a client's. */
export function eventKind(lines: Iterable<Json>): Kind {
  let client = false
  for (const json of lines) {
    const kind = has(json, 'cmdHex') ? kindOf(json) : undefined
    if (kind === 'transcript') return 'transcript'
    if (kind === 'client') client = true
  }
  return client ? 'client' : 'transcript'
}

/** What transcripts are replayed on: ids and paths, for the defaults undefined. */
export interface TpmChoice {
  readonly profile: string | undefined
  readonly seeds: string | undefined
}

/** What the recorded clients were told to use: README of the recorded vectors. */
const PASSWORDS = ['secret1', 'new-auth-2']

const REPLAYERS: Readonly<Record<Kind, (choice: TpmChoice) => Promise<Replayer>>> = {
  async crb() {
    const { checkMmio } = await import('../trace/mmio.ts')
    return checkMmio
  },
  async tis() {
    const { checkTis } = await import('../trace/tis-mmio.ts')
    return checkTis
  },
  async transcript({ profile, seeds }) {
    const { openTranscript } = await import('../trace/transcript.ts')
    const { Host } = await import('./host.ts')
    const { anyProfile } = await import('../tpm/profiles/index.ts')
    const { readSeeds } = await import('./seeds.ts')
    return openTranscript(
      new Host(
        profile === undefined ? undefined : anyProfile(profile),
        seeds === undefined ? undefined : readSeeds(seeds),
      ),
    )
  },
  async client({ profile, seeds }) {
    const { ClientTranscript } = await import('../trace/client.ts')
    const { keysOf } = await import('./client-keys.ts')
    const { anyProfile } = await import('../tpm/profiles/index.ts')
    const { readSeeds } = await import('./seeds.ts')
    const keys = keysOf(
      profile === undefined ? undefined : anyProfile(profile),
      seeds === undefined ? undefined : readSeeds(seeds),
    )
    return new ClientTranscript(keys, PASSWORDS)
  },
  async recording() {
    const { readRecording, replayRecording } = await import('../machine/recording.ts')
    const { digest } = await import('../machine/digest.ts')
    const { runJob } = await import('../crypto/run-job.ts')
    const { wholeEngine } = await import('../tpm/commands/all.ts')
    const { withTis } = await import('../machine/tis.ts')
    wholeEngine()
    withTis()
    const { installHost } = await import('../machine/host-acts.ts')
    installHost()
    const { installPlatform } = await import('../machine/platform-acts.ts')
    installPlatform()
    return {
      line(json) {
        const recording = readRecording(json)
        const history = replayRecording(recording, runJob)
        const came = digest(history.at(history.length - 1).machine)
        if (came === recording.digest) return 'passed'
        return { name: recording.title, wanted: `digest ${recording.digest}`, came: `digest ${came}` }
      },
    }
  },
}

export const openReplayer = (kind: Kind, choice: TpmChoice): Promise<Replayer> => REPLAYERS[kind](choice)
