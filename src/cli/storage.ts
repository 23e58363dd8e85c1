// The state file of a server: written beside, flushed, renamed, so that there is always a whole one; sealed when a key is
// given; and a lock beside it that keeps a second writer away.

import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { type Bytes, raw } from '../lib/bytes.ts'
import { toBlobs } from '../nvram/blobs.ts'
import { ImageError, readImage, writeImage } from '../nvram/image.ts'
import { readDer } from '../nvram/der-layout.ts'
import { checkKey, type Key, NONCES, seal, type Sealed } from '../nvram/sealed.ts'
import { StateError } from '../nvram/state-error.ts'
import { layoutOf, openStored } from '../nvram/stored.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { failure } from './errors.ts'
import { DISK, replaceFile } from './replace.ts'
import type { KeySource } from './state-key.ts'

const codeOf = (e: unknown): string => (e as NodeJS.ErrnoException).code ?? String(e)

/** When a process started, in ticks: tells it from another that got its number later. Empty where that is not known. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
  } catch {
    return ''
  }
}

function isAlive(pid: number, start: string): boolean {
  try {
    process.kill(pid, 0)
  } catch (e) {
    // EPERM: it is there, but not ours.
    if (codeOf(e) !== 'EPERM') return false
  }
  return start === '' || startOf(pid) === start
}

/** Whoever holds the lock, or undefined when it is gone or its process is. */
function holder(path: string): number | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
  const [pid = '', start = ''] = text.trim().split(' ')
  if (!/^\d+$/.test(pid)) return undefined
  return isAlive(Number(pid), start) ? Number(pid) : undefined
}

/** Takes the lock, also one that a dead process left. @throws CliError when it is held */
function lock(path: string, state: string): void {
  const own = `${path}.${process.pid}`
  try {
    writeFileSync(own, `${process.pid} ${startOf(process.pid)}\n`, { mode: 0o600 })
  } catch (e) {
    throw failure(`state file cannot be locked (${codeOf(e)})`, state)
  }
  try {
    for (let tries = 0; tries < 10; tries++) {
      try {
        // A link is made or refused as one act.
        linkSync(own, path)
        return
      } catch (e) {
        if (codeOf(e) !== 'EEXIST') throw failure(`state file cannot be locked (${codeOf(e)})`, state)
      }
      const pid = holder(path)
      if (pid !== undefined) throw failure(`state file is in use by process ${pid}`, state)
      // Moved away before it is thrown away: of two who find it stale, only one gets it.
      try {
        renameSync(path, `${own}.stale`)
        unlinkSync(`${own}.stale`)
      } catch (e) {
        if (codeOf(e) !== 'ENOENT') throw failure(`state file cannot be locked (${codeOf(e)})`, state)
      }
    }
    throw failure('state file cannot be locked', state)
  } finally {
    unlinkSync(own)
  }
}

/** Random octets are drawn for many writes at once. */
let pool: Bytes = new Uint8Array(0)
let drawn = 0
function nonces(): Bytes {
  if (drawn + NONCES > pool.length) {
    pool = new Uint8Array(randomBytes(64 * NONCES))
    drawn = 0
  }
  drawn += NONCES
  return pool.slice(drawn - NONCES, drawn)
}

/** Of a whole image at each write: in the machine's own instructions. */
const sha256 = (b: Bytes): Bytes => new Uint8Array(createHash('sha256').update(raw(b)).digest())

export class StateFile {
  /** As the user named it. */
  readonly name: string
  private readonly path: string
  private readonly folder: number
  private locked = true
  private readonly source: KeySource | undefined
  private key: Key | undefined
  /** What was stored last in the sequence of blobs; undefined in the plain format. */
  private last: Sealed | undefined

  private constructor(name: string, path: string, folder: number, source: KeySource | undefined) {
    this.name = name
    this.path = path
    this.folder = folder
    this.source = source
  }

  /** Locks the file, which need not exist. @throws CliError */
  static open(name: string, source?: KeySource): StateFile {
    const path = existsSync(name) ? realpathSync(name) : resolve(name)
    if (existsSync(path) && !statSync(path).isFile()) throw failure('state file is not a file', name)
    if (!existsSync(dirname(path))) throw failure('no such folder', dirname(name))
    lock(`${path}.lock`, name)
    return new StateFile(name, path, openSync(dirname(path), 'r'), source)
  }

  /** The TPM of the file; undefined when there is no file. @throws CliError */
  load(fresh: (profile: string) => Tpm | undefined): Tpm | undefined {
    let bytes: Uint8Array
    try {
      bytes = new Uint8Array(readFileSync(this.path))
    } catch (e) {
      if (codeOf(e) !== 'ENOENT') throw failure(`state file cannot be read (${codeOf(e)})`, this.name)
      if (this.source) this.key = this.source.keyFor(undefined, false)
      return undefined
    }
    try {
      return layoutOf(bytes) === 'der' ? this.unseal(bytes, fresh) : this.read(bytes, fresh)
    } catch (e) {
      if (e instanceof ImageError || e instanceof StateError) throw failure(`state file ${e.message}`, this.name)
      throw e
    }
  }

  /** The plain format of before. With a key it is sealed from now on. */
  private read(bytes: Bytes, fresh: (profile: string) => Tpm | undefined): Tpm {
    if (layoutOf(bytes) === 'blocks') {
      throw new StateError(
        'other-layout',
        'is in the block layout of 2011, which the page shows and serve does not use',
      )
    }
    const tpm = readImage(bytes, fresh)
    if (!this.source) return tpm
    this.key = this.source.keyFor(undefined, false)
    process.stderr.write(`crbscope: state file was in clear and is sealed from now on, ${this.name}\n`)
    return tpm
  }

  /** A sequence of blobs, in clear or sealed. */
  private unseal(bytes: Bytes, fresh: (profile: string) => Tpm | undefined): Tpm {
    const state = readDer(bytes)
    // Before a passphrase becomes a key, which takes its time.
    if (!this.source || state.encryption === 'none') checkKey(state, this.source?.keyFor(undefined, true))
    this.key = this.source?.keyFor(state.kdf, true)
    const { tpm, sealed } = openStored(bytes, this.key, fresh)
    this.last = sealed
    return tpm
  }

  /** When it returns, this state is on the disk. Not in the background: a queue of small steps takes longer than the disk. */
  save(tpm: Tpm): void {
    replaceFile(DISK, this.path, this.folder, raw(this.imageOf(tpm)))
  }

  private imageOf(tpm: Tpm): Bytes {
    if (!this.key && !this.last) return writeImage(tpm, sha256)
    this.last = seal(toBlobs(tpm, false), this.key, nonces(), this.last)
    return this.last.image
  }

  /** Gives the lock back. */
  close(): void {
    if (!this.locked) return
    this.locked = false
    closeSync(this.folder)
    try {
      unlinkSync(`${this.path}.lock`)
    } catch {
      // Somebody took it away; there is nothing left to give back.
    }
  }
}
