// A TPM that the page keeps over reloads: opted in, sealed when there is a passphrase, put on stage as the image of a
// configuration, so that its run replays like any other. What is kept is the TPM at the step on stage.

import { createStore } from 'zustand/vanilla'
import { modelOf } from '../backend/emulator.ts'
import { stir } from '../crypto/drbg.ts'
import { type Bytes, toHex } from '../lib/bytes.ts'
import { History } from '../machine/history.ts'
import { installImages } from '../machine/images.ts'
import type { MachineConfig } from '../machine/machine.ts'
import { toBlobs } from '../nvram/blobs.ts'
import { writeImage } from '../nvram/image.ts'
import { type Key, seal, type Sealed } from '../nvram/sealed.ts'
import { StateError } from '../nvram/state-error.ts'
import { kdfOf, openStored } from '../nvram/stored.ts'
import { nvChanged, powerOff, type Tpm } from '../tpm/tpm.ts'
import { wholeEngine } from './engine.ts'
import { forgetKept, giveLockBack, readKept, takeLock, writeKept } from './kept-store.ts'
import { start } from './runner.ts'
import { freshEntropy, freshNonces, keyFromPassphrase } from './seal.ts'
import { get, set, store } from './store.ts'

export interface Kept {
  readonly status: 'none' | 'locked' | 'open' | 'elsewhere'
  readonly sealed: boolean
  /** The TPM on stage is the one that is kept. */
  readonly onStage: boolean
  /** The step of the run on stage that is stored. */
  readonly step: number | undefined
  readonly busy: boolean
  /** A sentence about what did not work. */
  readonly problem: string
}

export const kept = createStore<Kept>(() => ({
  status: 'none',
  sealed: false,
  onStage: false,
  step: undefined,
  busy: false,
  problem: '',
}))
const tell = kept.setState

const ELSEWHERE = 'Another tab of this browser has the kept TPM. This one leaves it alone.'

let key: Key | undefined
let last: Sealed | undefined
/** The run whose TPM is stored as it changes, and the TPM that was stored last. */
let followed: MachineConfig | undefined
let stored: Tpm | undefined
let timer = 0
let writing: Promise<void> = Promise.resolve()

const problemOf = (e: unknown): string => (e instanceof Error ? e.message : String(e))

async function storeNow(tpm: Tpm, step: number): Promise<void> {
  last = seal(toBlobs(powerOff(tpm), false), key, freshNonces(), last)
  await writeKept(last.image)
  stored = tpm
  tell({ step, problem: '' })
}

/** One write after the other: a later state never comes before an earlier one. */
function save(tpm: Tpm, step: number): Promise<void> {
  writing = writing
    .then(() => storeNow(tpm, step))
    .catch((e: unknown) => tell({ problem: `The TPM cannot be stored: ${problemOf(e)}.` }))
  return writing
}

/** The TPM at the cursor, when its lasting state is another than what was stored. */
function saveIfChanged(): void {
  const { at, config, cursor } = get()
  if (!at || config !== followed || !stored) return
  const { tpm } = at.machine.backend
  if (nvChanged(stored, tpm)) void save(tpm, cursor)
  else tell({ step: cursor })
}

function follow(config: MachineConfig | undefined): void {
  followed = config
  tell({ onStage: config !== undefined })
}

store.subscribe((s, old) => {
  if (s.config !== old.config) tell({ onStage: followed !== undefined && s.config === followed })
  if (followed === undefined || s.config !== followed || s.at === old.at) return
  clearTimeout(timer)
  timer = window.setTimeout(saveIfChanged, 40)
})
// What waits for its turn is begun at once when the page is about to go.
addEventListener('pagehide', saveIfChanged)

const STARTUP = { id: 'startup', label: 'Startup', parts: [{ hex: '80010000000c000001440000' }] }

/** Puts a TPM that lost its power on stage, and gives it power and Startup. @throws StateError */
async function putOnStage(tpm: Tpm, title = 'The kept TPM'): Promise<MachineConfig> {
  const { profile } = tpm
  if (profile.id !== 'crbscope') throw new StateError('damaged', `of profile ${profile.id}, which the page has not`)
  await wholeEngine()
  installImages()
  // What was drawn after it was stored must not be drawn a second time.
  const image = toHex(writeImage({ ...powerOff(tpm), drbg: stir(tpm.drbg, freshEntropy()) }))
  const { window } = get()
  const config: MachineConfig = {
    device: 'qemu',
    profile: 'crbscope',
    capChunk: true,
    backendBufferSize: profile.maxCommand,
    window,
    seed: '00'.repeat(32),
    prepare: [STARTUP],
    tasks: [],
    image,
  }
  const summary = 'A TPM that was stored: it has power again, and can be sent commands.'
  start(History.start(config), 0, { scenario: undefined, title, summary, config, window })
  return config
}

/** Does one thing at a time, and says what went wrong. */
async function attempt(f: () => Promise<void>): Promise<void> {
  if (kept.getState().busy) return
  tell({ busy: true, problem: '' })
  try {
    await f()
  } catch (e) {
    const what = e instanceof StateError ? `The kept TPM ${e.message}` : problemOf(e)
    tell({ problem: `${what}.` })
  } finally {
    tell({ busy: false })
  }
}

/** From now on the TPM on stage is kept. @param passphrase empty: in clear */
export const keep = (passphrase: string): Promise<void> =>
  attempt(async () => {
    const { at, config, cursor } = get()
    if (!at || !config) return
    if (!(await takeLock())) {
      tell({ status: 'elsewhere', problem: ELSEWHERE })
      return
    }
    const made = passphrase === '' ? undefined : await keyFromPassphrase(passphrase)
    await writing
    key = made
    last = undefined
    await storeNow(at.machine.backend.tpm, cursor)
    follow(config)
    tell({ status: 'open', sealed: made !== undefined })
    saveIfChanged()
  })

async function openImage(image: Bytes, given: Key | undefined): Promise<void> {
  const opened = openStored(image, given, modelOf)
  key = given
  last = opened.sealed
  stored = opened.tpm
  follow(await putOnStage(opened.tpm))
  tell({ status: 'open', sealed: given !== undefined, problem: '' })
  saveIfChanged()
}

/** Puts the kept TPM on stage. @param passphrase for one that is sealed */
export const open = (passphrase = ''): Promise<void> =>
  attempt(async () => {
    if (!(await takeLock())) {
      tell({ status: 'elsewhere', problem: ELSEWHERE })
      return
    }
    await writing
    const image = await readKept()
    if (!image) {
      tell({ status: 'none', problem: 'Nothing is kept any more.' })
      return
    }
    const kdf = kdfOf(image)
    // Under the passphrase that was given before, as long as the page is open.
    const again = passphrase === '' && key !== undefined
    await openImage(image, again ? key : passphrase === '' ? undefined : await keyFromPassphrase(passphrase, kdf))
  })

/** Puts the TPM of an image on stage; nothing is kept of it until that is asked for. @throws StateError */
export async function showImage(name: string, image: Bytes, given: Key | undefined): Promise<void> {
  const { tpm } = openStored(image, given, modelOf)
  await putOnStage(tpm, name)
}

/** The TPM on stage goes on, and nothing is kept of it. */
export const forget = (): Promise<void> =>
  attempt(async () => {
    if (!(await takeLock())) {
      tell({ status: 'elsewhere', problem: ELSEWHERE })
      return
    }
    await writing
    await forgetKept()
    key = undefined
    last = undefined
    stored = undefined
    follow(undefined)
    tell({ status: 'none', sealed: false, step: undefined })
    giveLockBack()
  })

/** After a reload: what was kept comes back, unless somebody else has it or it needs a passphrase. */
export const resume = (): Promise<void> =>
  attempt(async () => {
    const image = await readKept()
    if (!image) return
    let sealed: boolean
    try {
      sealed = kdfOf(image) !== undefined
    } catch (e) {
      tell({ status: 'locked' })
      throw e
    }
    if (!(await takeLock())) {
      tell({ status: 'elsewhere', sealed, problem: ELSEWHERE })
      set({ notice: ELSEWHERE })
      return
    }
    if (sealed) {
      tell({ status: 'locked', sealed })
      set({ notice: 'A sealed TPM is kept in this browser: its passphrase is asked for under TPM state.' })
      return
    }
    // Somebody who has begun with something else is not interrupted.
    if (get().cursor > 0) tell({ status: 'locked', sealed })
    else await openImage(image, undefined)
  })
