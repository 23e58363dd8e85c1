// Puts the TPM of `serve` on stage in an open page. The state has one owner, the server: it runs every command itself, by
// the same pure function and from the same state as the page, and keeps what comes of it only when the page says that the
// viewer has seen the end. A page that closes in mid-command therefore loses nothing: the tool gets the server's answer.
// Both answers, and the digests of both states after, must be equal; a difference is said on both sides. Only one thing is
// the page's to decide: that the command was cancelled, since that depends on how far its driver had come.

import { CANCELED, commandCode } from '../backend/emulator.ts'
import { carries, type Done, type Told, writeTold } from '../backend/live.ts'
import { type Bytes, equal } from '../lib/bytes.ts'
import { imageDigest, writeImage } from '../nvram/image.ts'
import { commandName } from '../spec/codes.ts'
import type { Outcome } from '../tpm/execute.ts'
import type { Tpm } from '../tpm/tpm.ts'
import { looksAtCancel, runCommand } from './host.ts'

/** The connection to a page, one way. */
export interface Line {
  write(text: string): void
  end(): void
}

/** A command that a tool sent. */
export interface Asked {
  /** The TPM as the last command or change left it, and as it is now that time has passed. */
  readonly before: Tpm
  readonly tpm: Tpm
  readonly command: Bytes
  readonly locality: number
  cancelled(): boolean
}

/** What the platform is, as far as a page knows of it. */
export interface Platform {
  readonly tpm: Tpm
  readonly locality: number
}

const nameOf = (command: Bytes): string => commandName(commandCode(command) ?? 0)

const LABELS: { readonly [kind: string]: string } = {
  init: 'The TPM was started anew: _TPM_Init.',
  'stop-tpm': 'The TPM was stopped: its power is off.',
  'power-on': 'Power came back: _TPM_Init.',
  'power-off': 'Power went off.',
  reset: 'The platform was reset: _TPM_Init.',
  'presence-on': 'Somebody stands before the platform: physical presence.',
  'presence-off': 'Nobody stands before the platform any more.',
  'set-locality': 'The platform chose another locality.',
  'set-blob': 'The TPM was given another state.',
  'hash-start': 'A dynamic launch begins: _TPM_Hash_Start.',
  'hash-data': 'The dynamic launch is measured: _TPM_Hash_Data.',
  'hash-end': 'The dynamic launch is measured to its end: _TPM_Hash_End.',
  'nv-on': 'NV memory can be written.',
  'nv-off': 'NV memory cannot be written now.',
  'fail-self-test': 'The next self-test is to fail.',
}
const RESETS: ReadonlySet<string> = new Set(['init', 'stop-tpm', 'power-on', 'power-off', 'reset'])

export class Stage {
  private line: Line | undefined
  /** The TPM that the page has; undefined when it must be told anew. */
  private known: Tpm | undefined
  private waiting: { readonly id: number; readonly command: Bytes; settle(done: Done | undefined): void } | undefined
  private id = 0
  private readonly where: string
  private readonly complain: (what: string) => void

  /** @param where the address that tools use */
  constructor(where: string, complain: (what: string) => void) {
    this.where = where
    this.complain = complain
  }

  private tell(e: Told): void {
    this.line?.write(writeTold(e))
  }

  /** A page opened. Only one can drive. @returns what to call when it is gone */
  join(line: Line, { tpm, locality }: Platform): () => void {
    if (this.line) {
      line.write(writeTold({ t: 'refused', why: 'Another page shows this TPM already: only one can.' }))
      line.end()
      return () => undefined
    }
    this.line = line
    this.known = tpm
    this.tell({ t: 'hello', where: this.where, image: writeImage(tpm), locality })
    return () => {
      if (this.line !== line) return
      this.line = undefined
      this.known = undefined
      this.waiting?.settle(undefined)
    }
  }

  close(): void {
    this.line?.end()
  }

  /** The page has shown a command to its end. @returns false when nobody waits for that */
  done(d: Done): boolean {
    if (this.waiting?.id !== d.id) return false
    this.waiting.settle(d)
    return true
  }

  /** The tool asks for the end of the command that runs. */
  cancel(): void {
    if (!this.waiting) return
    const { id, command } = this.waiting
    if (looksAtCancel(command)) this.tell({ t: 'cancel', id })
    else
      this.tell({
        t: 'note',
        text: `The tool asks to cancel, which ${nameOf(command)} does not look at.`,
        wrong: false,
      })
  }

  /** The platform did something. Told when anything came of it. */
  changed(kind: string, before: Platform, after: Platform): void {
    if (!this.line || (before.tpm === after.tpm && before.locality === after.locality)) return
    const image = writeImage(after.tpm)
    if (before.locality === after.locality && equal(image, writeImage(before.tpm))) return
    this.known = after.tpm
    const label = LABELS[kind] ?? `The platform changed the TPM: ${kind}.`
    this.tell({ t: 'platform', label, image, locality: after.locality, reset: RESETS.has(kind) })
  }

  /** Runs a command, shown in the page if there is one. */
  async run(asked: Asked): Promise<Outcome> {
    const { tpm, command, locality } = asked
    if (!this.line) return runCommand(tpm, command, locality, asked.cancelled)
    if (!carries(command)) {
      const text = 'A tool sent bytes that no driver could hand over whole; they were answered without the driver.'
      this.tell({ t: 'note', text, wrong: false })
      return runCommand(tpm, command, locality, asked.cancelled)
    }
    const shown = this.show(asked)
    let said: Done | 'gone' | undefined = undefined
    const stop = (): boolean => (said === 'gone' ? asked.cancelled() : said !== undefined && cancelled(said))
    const own = runCommand(tpm, command, locality, stop)
    // A defect is reported where it is awaited, below.
    if (own instanceof Promise) own.catch(() => undefined)
    said = (await shown) ?? 'gone'
    if (said === 'gone') return own
    if (cancelled(said)) {
      this.known = tpm
      return { response: CANCELED, tpm, events: [] }
    }
    const outcome = await own
    this.compare(said, outcome, command)
    return outcome
  }

  private show({ before, tpm, command, locality, cancelled: isCancelled }: Asked): Promise<Done | undefined> {
    this.id += 1
    const { id } = this
    // What more than time did to it is not told as time.
    const same = before === this.known
    const elapsed = same ? tpm.clock.time - before.clock.time : 0
    const told = same && before.clock.rate === 0 && before.hashSequence === tpm.hashSequence
    this.tell({
      t: 'command',
      id,
      command,
      locality,
      elapsed: told ? elapsed : 0,
      ...(told ? {} : { image: writeImage(tpm) }),
    })
    return new Promise(resolve => {
      this.waiting = {
        id,
        command,
        settle: done => {
          this.waiting = undefined
          resolve(done)
        },
      }
      if (isCancelled()) this.cancel()
    })
  }

  private compare(said: Done, { response, tpm }: Outcome, command: Bytes): void {
    this.known = undefined
    const name = nameOf(command)
    if (said.rc < 0) {
      return this.tell({ t: 'note', text: `The driver gave up; the tool has the answer to ${name}.`, wrong: false })
    }
    const what = !equal(said.response, response)
      ? 'another answer'
      : !equal(said.digest, imageDigest(tpm))
        ? 'another state'
        : undefined
    if (what === undefined) {
      this.known = tpm
      return
    }
    this.complain(`live: the page came to ${what} for ${name}; the tool got the server's`)
    const text = `A defect: this page came to ${what} for ${name} than the server. The tool got the server's.`
    this.tell({ t: 'note', text, wrong: true })
  }
}

const cancelled = (d: Done): boolean => equal(d.response, CANCELED)
