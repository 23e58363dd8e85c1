// The state file of a server: written beside, flushed, renamed, so that there is always a whole one; and a lock beside it
// that keeps a second writer away.

import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { raw } from '../lib/bytes.ts'
import { ImageError, readImage, writeImage } from '../nvram/image.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { failure } from './errors.ts'

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

export class StateFile {
  /** As the user named it. */
  readonly name: string
  private readonly path: string
  private readonly folder: number
  private next: Tpm | undefined
  private writing: Promise<void> | undefined
  private locked = true

  private constructor(name: string, path: string, folder: number) {
    this.name = name
    this.path = path
    this.folder = folder
  }

  /** Locks the file, which need not exist. @throws CliError */
  static open(name: string): StateFile {
    const path = existsSync(name) ? realpathSync(name) : resolve(name)
    if (existsSync(path) && !statSync(path).isFile()) throw failure('state file is not a file', name)
    if (!existsSync(dirname(path))) throw failure('no such folder', dirname(name))
    lock(`${path}.lock`, name)
    return new StateFile(name, path, openSync(dirname(path), 'r'))
  }

  /** The TPM of the file; undefined when there is no file. @throws CliError */
  load(fresh: (profile: string) => Tpm | undefined): Tpm | undefined {
    let bytes: Uint8Array
    try {
      bytes = readFileSync(this.path)
    } catch (e) {
      if (codeOf(e) === 'ENOENT') return undefined
      throw failure(`state file cannot be read (${codeOf(e)})`, this.name)
    }
    try {
      return readImage(Uint8Array.from(bytes), fresh)
    } catch (e) {
      if (e instanceof ImageError) throw failure(`state file ${e.message}`, this.name)
      throw e
    }
  }

  /** Whether a state is on its way to the disk: resolves when it is there. */
  get pending(): Promise<void> | undefined {
    return this.writing
  }

  /** Resolves when this state, or a later one, is on the disk. The states of one turn of the event loop become one. */
  save(tpm: Tpm): Promise<void> {
    this.next = tpm
    this.writing ??= new Promise((done, fail) => {
      setImmediate(() => {
        this.writing = undefined
        try {
          this.write(this.next as Tpm)
          done()
        } catch (e) {
          fail(e)
        }
      })
    })
    return this.writing
  }

  /** At once and not in the background: a queue of small steps takes longer than the disk. */
  private write(tpm: Tpm): void {
    const image = raw(writeImage(tpm))
    const beside = join(dirname(this.path), `.${basename(this.path)}.new`)
    const file = openSync(beside, 'w', 0o600)
    try {
      for (let at = 0; at < image.length; ) at += writeSync(file, image, at)
      fdatasyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(beside, this.path)
    // The name too must be on the disk.
    fsyncSync(this.folder)
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
