// Templates of every kind of key, and how tests make and load them.

import { type Bytes, EMPTY } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { NO, ST } from '../../src/spec/codes.ts'
import { CreatePrimary } from '../../src/spec/commands/hierarchy.ts'
import { LoadExternal } from '../../src/spec/commands/object.ts'
import { RH } from '../../src/spec/handles.ts'
import type { CreationData, Public, Sensitive } from '../../src/spec/keys.ts'
import type { Driver } from './driver.ts'

export const OWNED = OBJECT.fixedTPM | OBJECT.fixedParent | OBJECT.sensitiveDataOrigin | OBJECT.userWithAuth
export const NULL_CHECK = { tag: ST.HASHCHECK, hierarchy: RH.NULL, digest: EMPTY } as const

const common = (use: number) => ({ nameAlg: ALG.SHA256, objectAttributes: OWNED | use, authPolicy: EMPTY }) as const
const NONE = { algorithm: ALG.NULL } as const

export const templates = {
  mldsa: (parameterSet: number, allowExternalMu: number = NO): Public => ({
    ...common(OBJECT.sign),
    type: ALG.MLDSA,
    parameters: { parameterSet, allowExternalMu },
    unique: EMPTY,
  }),
  hashMldsa: (parameterSet: number, hashAlg: number = ALG.SHA256): Public => ({
    ...common(OBJECT.sign),
    type: ALG.HASH_MLDSA,
    parameters: { parameterSet, hashAlg },
    unique: EMPTY,
  }),
  mlkem: (parameterSet: number): Public => ({
    ...common(OBJECT.decrypt),
    type: ALG.MLKEM,
    parameters: { symmetric: NONE, parameterSet },
    unique: EMPTY,
  }),
  ecc: (scheme: typeof ALG.ECDSA | typeof ALG.NULL, curveID: number = CURVE.NIST_P256): Public => ({
    ...common(OBJECT.sign),
    type: ALG.ECC,
    parameters: {
      symmetric: NONE,
      scheme:
        scheme === ALG.NULL ? { scheme } : { scheme, hashAlg: curveID === CURVE.NIST_P256 ? ALG.SHA256 : ALG.SHA384 },
      curveID,
      kdf: { scheme: ALG.NULL },
    },
    unique: { x: EMPTY, y: EMPTY },
  }),
  /** For key encapsulation with ECC: Part 1, 44.4. */
  eccKem: (curveID: number = CURVE.NIST_P256, hashAlg: number = ALG.SHA256): Public => ({
    ...common(OBJECT.decrypt),
    type: ALG.ECC,
    parameters: {
      symmetric: NONE,
      scheme: { scheme: ALG.ECDH, hashAlg: ALG.SHA256 },
      curveID,
      kdf: { scheme: ALG.HKDF, hashAlg },
    },
    unique: { x: EMPTY, y: EMPTY },
  }),
  hmacKey: (hashAlg: number = ALG.SHA256): Public => ({
    ...common(OBJECT.sign),
    type: ALG.KEYEDHASH,
    parameters: { scheme: { scheme: ALG.HMAC, hashAlg } },
    unique: EMPTY,
  }),
  sealed: (): Public => ({
    ...common(0),
    type: ALG.KEYEDHASH,
    parameters: { scheme: { scheme: ALG.NULL } },
    unique: EMPTY,
  }),
} as const

/** The same public area with other attributes. */
export const withBits = (t: Public, bits: number): Public => ({ ...t, objectAttributes: t.objectAttributes | bits })
export const without = (t: Public, bits: number): Public => ({ ...t, objectAttributes: t.objectAttributes & ~bits })

interface Options {
  readonly hierarchy?: number
  readonly userAuth?: Bytes
  readonly data?: Bytes
  readonly outsideInfo?: Bytes
  readonly creationPCR?: CreationData['pcrSelect']
}
const args = (inPublic: Public, o: Options) =>
  [
    CreatePrimary,
    { primaryHandle: o.hierarchy ?? RH.OWNER },
    {
      inSensitive: { userAuth: o.userAuth ?? EMPTY, data: o.data ?? EMPTY },
      inPublic,
      outsideInfo: o.outsideInfo ?? EMPTY,
      creationPCR: o.creationPCR ?? [],
    },
  ] as const

/** TPM2_CreatePrimary, in the owner hierarchy unless told otherwise. @throws Error when it fails */
export const create = (d: Driver, template: Public, options: Options = {}) => {
  const { handle, returns } = d.ok(...args(template, options))
  return { ...returns, handle: handle as number, outPublic: returns.outPublic as Public }
}
/** Its return code, in words. */
export const createFails = (d: Driver, template: Public, options: Options = {}): string =>
  d.fails(...args(template, options))

/** TPM2_LoadExternal. @throws Error when it fails @returns the handle */
export const load = (d: Driver, inPublic: Public, inPrivate?: Sensitive, hierarchy: number = RH.NULL): number =>
  d.ok(LoadExternal, {}, { inPrivate, inPublic, hierarchy }).handle as number
export const loadFails = (d: Driver, inPublic: Public, inPrivate?: Sensitive, hierarchy: number = RH.NULL): string =>
  d.fails(LoadExternal, {}, { inPrivate, inPublic, hierarchy })
