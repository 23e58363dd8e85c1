// What must hold for every command, whatever it is: the answer is well-formed, and a failure leaves the TPM as it was but
// for what Part 3 says. Each rule gives a sentence when it is broken.

import { write } from '../../src/codec/value.ts'
import { type Bytes, equal, readBe16, readBe32 } from '../../src/lib/bytes.ts'
import { SESSION } from '../../src/spec/attributes.ts'
import { ST } from '../../src/spec/codes.ts'
import { explainResponse, HEADER_SIZE, parseCommand } from '../../src/spec/frame.ts'
import { NT, nvType } from '../../src/spec/nv.ts'
import { RC, returnCode } from '../../src/spec/return-codes.ts'
import type { Tpm } from '../../src/tpm/tpm.ts'
import { codeOf } from './mutate.ts'

/** The TPM as bytes: equal values are equal bytes. */
export const image = (tpm: Tpm): Bytes => write({ ...tpm, profile: tpm.profile.id })

const SESSION_BITS = 0xf00
const P = 0x040
/** A format-one code without the number of what it is about. */
const base = (rc: number): number => (rc & 0x080 ? rc & ~(SESSION_BITS | (rc & P ? P : 0)) : rc)

interface Exception {
  /** Return codes, without session numbers; any when left out. */
  readonly rc?: readonly number[]
  readonly member: keyof Tpm
  /** Parts of the member that may change; all of it when left out. */
  readonly parts?: readonly string[]
  readonly why: string
}

/** All that a command that fails may change. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    rc: [RC.AUTH_FAIL],
    member: 'lockout',
    parts: ['failedTries', 'healing', 'used'],
    why: 'Part 3, 5.6: a failed authorization of what is under dictionary attack protection counts in failedTries',
  },
  {
    rc: [RC.AUTH_FAIL],
    member: 'lockout',
    parts: ['authEnabled', 'lockedAt'],
    why: 'Part 1, 16.8.5: a failed use of lockoutAuth locks it for lockoutRecovery',
  },
  {
    rc: [RC.BAD_AUTH, RC.AUTH_FAIL],
    member: 'nv',
    parts: ['indexes'],
    why: 'Part 1, 34.2.7: a failed authorization with the authValue of a PIN Fail Index counts in its pinCount',
  },
  {
    member: 'nv',
    parts: ['indexes'],
    why: 'Part 1, 34.2.8: an authorization with the authValue of a PIN Index counts at once, whatever the command does then',
  },
  {
    member: 'shutdown',
    why: 'Part 3, 9.4.1: a pinCount of an orderly Index is saved by TPM2_Shutdown, which its change makes void',
  },
  {
    rc: [RC.RETRY],
    member: 'lockout',
    parts: ['used'],
    why: 'Part 3, 5.6: the first use of a protected value since Startup is written to NV before it is answered',
  },
  {
    rc: [RC.FAILURE],
    member: 'power',
    why: 'Part 1, 10.4: a self-test that fails ends in failure mode',
  },
]

const differ = (a: unknown, b: unknown): boolean => a !== b && !equal(write(a), write(b))

type Members = { readonly [name: string]: unknown }

function changedParts(a: unknown, b: unknown): readonly string[] {
  const [x, y] = [a as Members, b as Members]
  return Object.keys(y).filter(name => differ(x[name], y[name]))
}

/** Only pinCount: one more for a PIN Fail Index after a wrong authValue; after a right one zero, or one more for PIN Pass. */
function onlyPinCounts(before: Tpm, after: Tpm, rc: number): boolean {
  const { indexes } = before.nv
  return (
    indexes.length === after.nv.indexes.length &&
    after.nv.indexes.every((index, i) => {
      const old = indexes[i]
      if (!old || !differ(old, index)) return true
      const type = nvType(index.publicArea.attributes)
      const refused = rc === RC.BAD_AUTH || rc === RC.AUTH_FAIL
      const more = type === NT.PIN_PASS || (type === NT.PIN_FAIL && refused)
      return (
        (more || type === NT.PIN_FAIL) &&
        !differ(old.publicArea, index.publicArea) &&
        readBe32(index.data, 0) === (more ? readBe32(old.data, 0) + 1 : 0) &&
        readBe32(index.data, 4) === readBe32(old.data, 4)
      )
    })
  )
}

/** What a failed command changed that no exception names; undefined when all is well. */
export function changedByFailure(before: Tpm, after: Tpm, rc: number): string | undefined {
  if (before === after) return undefined
  for (const member of Object.keys(after) as (keyof Tpm)[]) {
    if (member === 'profile' || !differ(before[member], after[member])) continue
    const allowed = EXCEPTIONS.filter(e => e.member === member && (e.rc?.includes(base(rc)) ?? true))
    if (allowed.length === 0) return `${member} changed`
    const parts = allowed.flatMap(e => e.parts ?? [])
    const wrong = parts.length > 0 && changedParts(before[member], after[member]).find(p => !parts.includes(p))
    if (wrong) return `${member}.${wrong} changed`
    if (member === 'nv' && !onlyPinCounts(before, after, base(rc))) return 'an Index changed that is no PIN Index'
    if (member === 'shutdown' && before.nv === after.nv) return 'shutdown changed without an Index'
  }
  return undefined
}

/** A session encrypts the first parameter of the answer: it cannot be read. */
function isEncrypted(command: Bytes): boolean {
  try {
    return parseCommand(command).auths.some(a => a.sessionAttributes & SESSION.encrypt)
  } catch {
    // Parameters that came encrypted are not readable either.
    return true
  }
}

/** What is wrong with an answer; undefined when all is well. */
export function wrongAnswer(command: Bytes, response: Bytes, tpm: Tpm): string | undefined {
  if (response.length < HEADER_SIZE) return `an answer of ${response.length} bytes`
  if (response.length > tpm.profile.maxResponse) return `an answer of ${response.length} bytes, more than maxResponse`
  if (readBe32(response, 2) !== response.length) return 'the size in the header is not that of the answer'
  const tag = readBe16(response, 0)
  const rc = readBe32(response, 6)
  if (rc === RC.SUCCESS) {
    if (tag !== readBe16(command, 0)) return 'success with another tag than that of the command'
  } else {
    if (response.length !== HEADER_SIZE) return 'an error with more than a header'
    if (tag !== (rc === RC.BAD_TAG ? ST.RSP_COMMAND : ST.NO_SESSIONS)) return `an error with tag ${tag.toString(16)}`
    if (!returnCode(rc).name.startsWith('TPM_RC_')) return `an unknown return code 0x${rc.toString(16)}`
  }
  const { spans, problems } = explainResponse(response, codeOf(command))
  if (spans.reduce((sum, s) => sum + s.length, 0) !== response.length) return 'its explanation has gaps'
  if (problems.length > 0 && !(rc === RC.SUCCESS && isEncrypted(command)))
    return `no explanation: ${problems.join('; ')}`
  return undefined
}
