// Command audit: a digest of what the chosen commands were asked and answered. Part 1, 32; Part 3, 21.

import { hash } from '../crypto/hash.ts'
import type { Bytes } from '../lib/bytes.ts'
import { digestSize } from '../spec/algorithms.ts'
import { CC } from '../spec/codes.ts'
import type { Context } from './command.ts'
import type { Audit, Tpm } from './tpm.ts'
import { amend } from './amend.ts'

const isZero = (digest: Bytes): boolean => {
  for (let i = 0; i < digest.length; i++) if (digest[i] !== 0) return false
  return true
}

/** The log ended, or was lost. */
export const cleared = (a: Audit): Audit =>
  isZero(a.digest) && a.digest.length === digestSize(a.hash) ? a : { ...a, digest: new Uint8Array(digestSize(a.hash)) }

/**
 * The hash with which cpHash and rpHash of a command that succeeded are to be computed; undefined when it is not audited.
 * @param before the TPM before the command; what changes the hash is not audited (Part 3, 21.2)
 */
export function auditHash({ audit }: Tpm, before: Tpm, code: number): number | undefined {
  if (code === CC.Shutdown || !audit.codes.includes(code)) return undefined
  return code === CC.SetCommandCodeAuditStatus && audit.hash !== before.audit.hash ? undefined : audit.hash
}

/** Extends the audit digest; the first command of a log counts. */
export function auditCommand(c: Context, cpHash: Bytes, rpHash: Bytes): void {
  const { audit } = c.tpm
  c.tpm = amend(c.tpm, {
    audit: {
      ...audit,
      digest: hash(audit.hash, audit.digest, cpHash, rpHash),
      counter: audit.counter + (isZero(audit.digest) ? 1 : 0),
    },
  })
}

/** The digest of the codes of the audited commands, in rising order. */
export function commandDigest(a: Audit): Bytes {
  const octets = new Uint8Array(4 * a.codes.length)
  const view = new DataView(octets.buffer)
  a.codes.forEach((code, i) => view.setUint32(4 * i, code))
  return hash(a.hash, octets)
}
