// The key and the message of the opening scenario, which others use too: templates as Part 2, Table 235 has them, and a few fixed inputs.

import type { Part, Task } from '../guest/guest.ts'
import { EMPTY, fromHex } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import { TPM2B_DATA, TPM2B_DIGEST, TPML_PCR_SELECTION } from '../spec/base.ts'
import { RH, TRANSIENT_FIRST } from '../spec/handles.ts'
import { type Public, TPM2B_PUBLIC, TPM2B_SENSITIVE_CREATE } from '../spec/keys.ts'
import { MLDSA } from '../spec/pqc.ts'
import { command, value } from './scenario.ts'

export const OWNED = OBJECT.fixedTPM + OBJECT.fixedParent + OBJECT.sensitiveDataOrigin + OBJECT.userWithAuth

export const HASH_MLDSA_87: Public = {
  type: ALG.HASH_MLDSA,
  nameAlg: ALG.SHA256,
  objectAttributes: OWNED + OBJECT.sign,
  authPolicy: EMPTY,
  parameters: { parameterSet: MLDSA[87], hashAlg: ALG.SHA256 },
  unique: EMPTY,
}
/** Handle of the first object that is loaded. */
export const KEY = TRANSIENT_FIRST

export const createPrimary = (label: string, template: Public, id = 'key'): Task =>
  command(id, label, 'CreatePrimary', {
    handles: [RH.OWNER],
    auths: 1,
    params: [
      value(TPM2B_SENSITIVE_CREATE, { userAuth: EMPTY, data: EMPTY }),
      value(TPM2B_PUBLIC, template),
      value(TPM2B_DATA, EMPTY),
      value(TPML_PCR_SELECTION, []),
    ],
  })

/** SHA-256 of the three bytes "abc" (FIPS 180-4, example), and no signature context. */
export const ABC_DIGEST: Part = value(
  TPM2B_DIGEST,
  fromHex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
)
export const NO_CONTEXT: Part = { hex: '0000' }
/** A null hash check ticket: enough for a key that is not restricted (Part 3, 20.7). */
export const NULL_TICKET: Part = { hex: '8024400000070000' }
