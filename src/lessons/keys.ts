// The keys and messages that the scenarios use: templates as Part 2, Table 235 has them, and a few fixed inputs.

import type { Part, Task } from '../guest/guest.ts'
import { EMPTY, fromHex } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import { TPM2B_DATA, TPM2B_DIGEST, TPML_PCR_SELECTION } from '../spec/base.ts'
import { NO, YES } from '../spec/codes.ts'
import { RH, TRANSIENT_FIRST } from '../spec/handles.ts'
import { type Public, TPM2B_PUBLIC, TPM2B_SENSITIVE_CREATE } from '../spec/keys.ts'
import { MLDSA, MLKEM } from '../spec/pqc.ts'
import { command, value } from './scenario.ts'

const OWNED = OBJECT.fixedTPM + OBJECT.fixedParent + OBJECT.sensitiveDataOrigin + OBJECT.userWithAuth

export const HASH_MLDSA_87: Public = {
  type: ALG.HASH_MLDSA,
  nameAlg: ALG.SHA256,
  objectAttributes: OWNED + OBJECT.sign,
  authPolicy: EMPTY,
  parameters: { parameterSet: MLDSA[87], hashAlg: ALG.SHA256 },
  unique: EMPTY,
}
const mldsa87 = (allowExternalMu: number): Public => ({
  type: ALG.MLDSA,
  nameAlg: ALG.SHA256,
  objectAttributes: OWNED + OBJECT.sign,
  authPolicy: EMPTY,
  parameters: { parameterSet: MLDSA[87], allowExternalMu },
  unique: EMPTY,
})
export const MLDSA_87 = mldsa87(NO)
export const MLDSA_87_MU = mldsa87(YES)
export const MLKEM_1024: Public = {
  type: ALG.MLKEM,
  nameAlg: ALG.SHA256,
  objectAttributes: OWNED + OBJECT.decrypt,
  authPolicy: EMPTY,
  parameters: { symmetric: { algorithm: ALG.NULL }, parameterSet: MLKEM[1024] },
  unique: EMPTY,
}

/** Handle of the first object that is loaded. */
export const KEY = TRANSIENT_FIRST

export const createPrimary = (label: string, template: Public): Task =>
  command('key', label, 'CreatePrimary', {
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
/** Any 64 bytes can stand for a mu: the TPM cannot tell. */
export const MU: readonly Part[] = [{ hex: '0040' }, { fill: 64, seed: 1 }]
/** A null hash check ticket: enough for a key that is not restricted (Part 3, 20.7). */
export const NULL_TICKET: Part = { hex: '8024400000070000' }
/** Offset of the parameters in an answer with sessions: header, then the parameter size. */
export const PARAMS_AT = 14
/** TPMT_SIGNATURE of ML-DSA-87: algorithm, [hash,] size, 4,627 bytes. */
export const HASH_MLDSA_87_SIGNATURE = 4633
export const MLDSA_87_SIGNATURE = 4631
