// Ephemeral keys that one command makes and a later one uses, once. They are derived from a number and a secret, so that
// only the numbers are kept. Part 1, 44.2.

import { eccOrderSize, eccParameters } from '../crypto/ecc.ts'
import { eccScalar } from '../crypto/ecc-schemes.ts'
import { kdfa } from '../crypto/kdf.ts'
import { be64, type Bytes, EMPTY } from '../lib/bytes.ts'
import { RC } from '../spec/return-codes.ts'
import type { Context } from './command.ts'
import { badParameter, fail } from './errors.ts'
import type { Recovered } from './kinds/kind.ts'
import { amend } from './amend.ts'

/** How many may be open at a time: the number of bits of the array A. */
export const SPLIT_MAX = 64
const COUNTER = 0x10000
const RANDOM_SIZE = 32

/** r of the commit with this number. @param name of the key; empty for an ephemeral key that belongs to no key */
function derive(c: Context, curve: number, hashAlg: number, name: Bytes, count: number): Bytes {
  const bits = 8 * Math.ceil(eccParameters(curve).n.toString(2).length / 8)
  const r = eccScalar(curve, kdfa(hashAlg, c.tpm.commits.random, 'ECDAA Commit', name, be64(BigInt(count)), bits))
  // No r is 0 but for one in 2 to the power of hundreds.
  if (!r) throw fail(RC.NO_RESULT)
  return r
}

/** The next ephemeral key and the counter that names it. */
export function nextCommit(c: Context, curve: number, hashAlg: number, name: Bytes): { r: Bytes; counter: number } {
  if (c.tpm.commits.random === EMPTY) {
    const random = c.random(Math.max(RANDOM_SIZE, eccOrderSize(curve)))
    c.tpm = amend(c.tpm, { commits: { ...c.tpm.commits, random } })
  }
  const { count, open } = c.tpm.commits
  const r = derive(c, curve, hashAlg, name, count)
  c.tpm = amend(c.tpm, {
    commits: { ...c.tpm.commits, count: count + 1, open: [...open.filter(n => n > count - SPLIT_MAX), count] },
  })
  return { r, counter: count % COUNTER }
}

/**
 * The ephemeral key of a counter. `done` closes it: for the end of a command that succeeds.
 * @param n the number of the parameter that the counter came in
 * @throws TPM_RC_RANGE, TPM_RC_VALUE
 */
export function recoverCommit(
  c: Context,
  curve: number,
  hashAlg: number,
  name: Bytes,
  counter: number,
  n: number,
): Recovered {
  const { count, open } = c.tpm.commits
  const ago = (count - counter + COUNTER) % COUNTER
  if (ago === 0 || ago >= SPLIT_MAX || ago > count) throw badParameter(n, RC.RANGE)
  const number = count - ago
  if (!open.includes(number)) throw badParameter(n, RC.VALUE)
  return {
    r: derive(c, curve, hashAlg, name, number),
    done: () => {
      c.tpm = amend(c.tpm, { commits: { ...c.tpm.commits, open: c.tpm.commits.open.filter(o => o !== number) } })
    },
  }
}
