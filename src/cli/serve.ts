// `crbscope serve`: the TPM on loopback for unmodified software, in the protocol of swtpm or of Microsoft's simulator.

import { randomBytes } from 'node:crypto'
import { stir } from '../crypto/drbg.ts'
import { modelOf } from '../backend/emulator.ts'
import { ImageError, readImage, writeImage } from '../nvram/image.ts'
import { type Profile } from '../tpm/profile.ts'
import { PROFILES, anyProfile } from '../tpm/profiles/index.ts'
import { manufacture, type Tpm } from '../tpm/tpm.ts'
import { type Command, readArgs, readNumber } from './command.ts'
import { CliError, failure, usage } from './errors.ts'
import { Stage } from './live.ts'
import { serveLive } from './live-http.ts'
import { findPage } from './page-http.ts'
import { readSeeds, withSeeds } from './seeds.ts'
import { addressOf, listen } from './sockets.ts'
import { hideArguments, KEY_OPTIONS, readKeySource } from './state-key.ts'
import { StateFile } from './storage.ts'
import { type Protocol, TpmServer } from './tpm-server.ts'

const PORT = '2321'

const entropy = (): Uint8Array => Uint8Array.from(randomBytes(48))

function readProtocol(text: string): Protocol {
  if (text !== 'swtpm' && text !== 'mssim') throw usage(`must be swtpm or mssim, not "${text}"`, '--protocol')
  return text
}

function readHost(text: string): string {
  const host = text === 'localhost' ? '127.0.0.1' : text
  const part = '(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)'
  if (host === '::1' || new RegExp(`^127\\.${part}\\.${part}\\.${part}$`).test(host)) return host
  throw usage(`only loopback addresses are served, not "${text}"`, '--host')
}

function readProfile(id: string): Profile {
  const profile = anyProfile(id)
  if (!profile) throw failure(`unknown profile "${id}" (there are ${Object.keys(PROFILES).join(', ')})`, '--profile')
  return profile
}

const options = {
  protocol: { type: 'string' },
  port: { type: 'string' },
  host: { type: 'string' },
  profile: { type: 'string' },
  seeds: { type: 'string' },
  state: { type: 'string' },
  live: { type: 'boolean' },
  ...KEY_OPTIONS,
} as const

interface Wanted {
  readonly profile: string | undefined
  readonly seeds: string | undefined
}

/** The TPM of the state file, or a fresh one. @throws CliError */
function openTpm({ profile: id, seeds }: Wanted, state: StateFile | undefined): Tpm {
  const profile = readProfile(id ?? PROFILES.crbscope.id)
  const given = seeds === undefined ? [] : readSeeds(seeds)
  const kept = state?.load(modelOf)
  if (!kept) return withSeeds(manufacture(entropy(), profile), given)
  if (id !== undefined && kept.profile.id !== id) {
    throw failure(`state file is of profile ${kept.profile.id}, not ${id}`, state?.name ?? '')
  }
  // What was drawn after the state was stored must not be drawn a second time.
  return { ...kept, drbg: stir(kept.drbg, entropy()) }
}

export const serve: Command = {
  async run(args) {
    const { values, positionals } = readArgs('serve', args, options)
    if (positionals.length > 0)
      throw usage(`takes no argument: "${positionals[0]}"`, 'serve (see crbscope serve --help)')
    const protocol = readProtocol(values.protocol ?? 'swtpm')
    const port = readNumber(values.port ?? PORT, 1, 65_534, '--port')
    const host = readHost(values.host ?? '127.0.0.1')

    const source = readKeySource(values, values.state)
    if (values.key !== undefined) hideArguments()
    const page = values.live ? findPage('--live') : undefined
    const state = values.state === undefined ? undefined : StateFile.open(values.state, source)
    const listeners: { close(): void }[] = []
    try {
      const tpm = openTpm({ profile: values.profile, seeds: values.seeds }, state)
      let end: (why: 'stopped' | CliError) => void = () => undefined
      const ended = new Promise<'stopped' | CliError>(done => {
        end = done
      })
      const unstorable = (e: unknown): CliError =>
        failure(
          `state cannot be stored (${(e as NodeJS.ErrnoException).code ?? (e as Error).message})`,
          state?.name ?? '',
        )
      const complain = (what: string): void => void process.stderr.write(`crbscope: defect: ${what}\n`)
      const stage = page === undefined ? undefined : new Stage(addressOf(host, port), complain)
      const server = new TpmServer(tpm, {
        state,
        stage,
        blobs: {
          write: writeImage,
          read(blob) {
            try {
              return readImage(blob, modelOf)
            } catch (e) {
              if (e instanceof ImageError) process.stderr.write(`crbscope: state blob ${e.message}, SET_STATEBLOB\n`)
              throw e
            }
          },
        },
        stop: () => end('stopped'),
        complain,
        fail: e => end(unstorable(e)),
      })
      const [first, second] = server.channels(protocol)
      // The second port first: a client that finds the first one open turns to the second at once.
      const opened = await Promise.allSettled([listen(host, port + 1, second), listen(host, port, first)])
      for (const o of opened) if (o.status === 'fulfilled') listeners.push(o.value)
      const refused = opened.findLast(o => o.status === 'rejected')
      if (refused) throw refused.reason
      const live =
        stage && page !== undefined
          ? await serveLive({ stage, folder: page, now: () => ({ tpm: server.tpm, locality: server.locality }) })
          : undefined
      if (live) listeners.push(live)
      const store = (): void => {
        try {
          state?.save(server.tpm)
        } catch (e) {
          throw unstorable(e)
        }
      }
      store()
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => end('stopped'))
      process.stdout.write(`listening on ${addressOf(host, port)} (${protocol})\n`)
      if (live) process.stdout.write(`live at ${live.url}\n`)

      const why = await ended
      // An answer that is on its way (swtpm's SHUTDOWN) still gets there.
      await new Promise(done => setImmediate(done))
      if (why !== 'stopped') throw why
      store()
      return 0
    } finally {
      for (const listener of listeners) listener.close()
      state?.close()
    }
  },
}
