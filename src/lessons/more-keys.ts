// Keys and messages of the scenarios that come after the opening one: templates as Part 2, Table 235 has them.

import type { Part } from '../guest/guest.ts'
import { EMPTY } from '../lib/bytes.ts'
import { ALG, CURVE } from '../spec/algorithms.ts'
import { OBJECT } from '../spec/attributes.ts'
import { NO, YES } from '../spec/codes.ts'
import type { Public } from '../spec/keys.ts'
import { MLDSA, MLKEM } from '../spec/pqc.ts'
import { OWNED } from './keys.ts'

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
/** A parent of other objects. */
export const STORAGE_P256: Public = {
  type: ALG.ECC,
  nameAlg: ALG.SHA256,
  objectAttributes: OWNED + OBJECT.noDA + OBJECT.restricted + OBJECT.decrypt,
  authPolicy: EMPTY,
  parameters: {
    symmetric: { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB },
    scheme: { scheme: ALG.NULL },
    curveID: CURVE.NIST_P256,
    kdf: { scheme: ALG.NULL },
  },
  unique: { x: EMPTY, y: EMPTY },
}
export const MLKEM_1024: Public = {
  type: ALG.MLKEM,
  nameAlg: ALG.SHA256,
  objectAttributes: OWNED + OBJECT.decrypt,
  authPolicy: EMPTY,
  parameters: { symmetric: { algorithm: ALG.NULL }, parameterSet: MLKEM[1024] },
  unique: EMPTY,
}

/** Any 64 bytes can stand for a mu: the TPM cannot tell. */
export const MU: readonly Part[] = [{ hex: '0040' }, { fill: 64, seed: 1 }]

/** Offset of the parameters in an answer with sessions: header, then the parameter size. */
export const PARAMS_AT = 14
/** TPMT_SIGNATURE of ML-DSA-87: algorithm, [hash,] size, 4,627 bytes. */
export const HASH_MLDSA_87_SIGNATURE = 4633
export const MLDSA_87_SIGNATURE = 4631
