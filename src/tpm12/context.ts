// What a command body of the TPM 1.2 engine gets and may change, and how it ends early. As in the TPM 2.0 engine, a body
// works on a cell that holds the state; what is thrown drops the changes.

import { type Drbg, draw } from '../crypto/drbg.ts'
import { type Job, jobKey, type JobResult, type Results } from '../crypto/jobs.ts'
import type { Bytes } from '../lib/bytes.ts'
import { RC12 } from '../spec12/codes.ts'
import type { PermanentFlag, StclearFlag } from '../spec12/structures.ts'
import type { Auth, Tpm12 } from './tpm.ts'

/** What happened inside, for the screen. */
export type Event12 =
  | { readonly kind: 'startup12' | 'owner-taken' | 'owner-cleared' | 'self-test12' }
  | { readonly kind: 'flag12'; readonly flag: string; readonly to: boolean }
  | { readonly kind: 'pcr12'; readonly pcr: number }

/** The command ends with a return code. */
export class Error12 extends Error {
  readonly code: number
  constructor(code: number) {
    super(`TPM 1.2 return code ${code}`)
    this.code = code
  }
}
export const stop = (name: keyof typeof RC12): never => {
  throw new Error12(RC12[name])
}

/** The command needs the result of a job: thrown, and run again once it is there. */
export class Needs12 extends Error {
  readonly job: Job
  constructor(job: Job) {
    super('needs a job')
    this.job = job
  }
}

export class Context12 {
  tpm: Tpm12
  readonly locality: number
  readonly events: Event12[] = []
  readonly results: Results

  constructor(tpm: Tpm12, locality: number, results: Results) {
    this.tpm = tpm
    this.locality = locality
    this.results = results
  }

  random(n: number): Bytes {
    const [bytes, drbg] = draw(this.tpm.drbg, n)
    this.tpm = { ...this.tpm, drbg }
    return bytes
  }

  /** A new RSA key. */
  newKey(keyBits: number, exponent: number): { readonly n: Bytes; readonly p: Bytes } {
    const job: Job = { kind: 'rsa-key', keyBits, exponent, drbg: this.tpm.drbg as Drbg }
    const found: JobResult | undefined = this.results.get(jobKey(job))
    if (!found) throw new Needs12(job)
    this.tpm = { ...this.tpm, drbg: found.drbg }
    return { n: found.n, p: found.p }
  }

  flag(flag: PermanentFlag, to: boolean): void {
    const { permanent } = this.tpm
    if (permanent.flags[flag] === to) return
    this.tpm = { ...this.tpm, permanent: { ...permanent, flags: { ...permanent.flags, [flag]: to } } }
    this.events.push({ kind: 'flag12', flag, to })
  }

  stclear(flag: StclearFlag, to: boolean): void {
    if (this.tpm.stclear[flag] === to) return
    this.tpm = { ...this.tpm, stclear: { ...this.tpm.stclear, [flag]: to } }
    this.events.push({ kind: 'flag12', flag: `STCLEAR ${flag}`, to })
  }

  /** Somebody stands before the platform: said by command; there is no wire for it here. Part 3, 6.6. */
  present(): void {
    if (!this.tpm.permanent.flags.physicalPresenceCMDEnable || !this.tpm.stclear.physicalPresence) stop('BAD_PRESENCE')
  }

  handle(): number {
    const { nextHandle } = this.tpm
    this.tpm = { ...this.tpm, nextHandle: (nextHandle % 0xffff) + 1 }
    return 0x02000000 + nextHandle
  }

  open(session: Auth): void {
    this.tpm = { ...this.tpm, sessions: [...this.tpm.sessions, session] }
  }
}
