// libtpms 0.9: what the answers of libtpms 0.9.2 to TPM2_GetCapability say, as data. A TPM of this profile is taken for
// that one by its clients.

import { ALG, CURVE } from '../../spec/algorithms.ts'
import { PT } from '../../spec/properties.ts'
import type { Profile } from '../profile.ts'
import { LIBTPMS_COMMANDS } from './libtpms-commands.ts'
import { PC_CLIENT } from './pc-client.ts'

export const libtpms: Profile = {
  id: 'libtpms-0.9',
  version: 164,
  manufacturer: 'IBM',
  vendor: 'SW   TPM',
  firmware: [0x20191023, 0x00163636],
  algorithms: [
    ...[ALG.RSA, ALG.TDES, ALG.SHA1, ALG.HMAC, ALG.AES, ALG.MGF1, ALG.KEYEDHASH, ALG.XOR],
    ...[ALG.SHA256, ALG.SHA384, ALG.SHA512, ALG.RSASSA, ALG.RSAES, ALG.RSAPSS, ALG.OAEP],
    ...[ALG.ECDSA, ALG.ECDH, ALG.ECDAA, ALG.ECSCHNORR, ALG.ECMQV],
    ...[ALG.KDF1_SP800_56A, ALG.KDF2, ALG.KDF1_SP800_108, ALG.ECC, ALG.SYMCIPHER, ALG.CAMELLIA],
    ...[ALG.CMAC, ALG.CTR, ALG.OFB, ALG.CBC, ALG.CFB, ALG.ECB],
  ],
  // SM2: signing and method, not encrypting; a symmetric cipher object: object only.
  algProperties: { [ALG.SM2]: 0x501, [ALG.SYMCIPHER]: 0x008 },
  commands: LIBTPMS_COMMANDS,
  curves: [...[CURVE.NIST_P192, CURVE.NIST_P224, CURVE.NIST_P256, CURVE.NIST_P384, CURVE.NIST_P521], CURVE.BN_P256],
  rsaBits: [1024, 2048, 3072],
  symBits: [128, 256],
  mlkem: [],
  mldsa: [],
  externalMu: false,
  banks: [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512],
  pcrs: PC_CLIENT,
  maxCommand: 4096,
  maxResponse: 4096,
  inputBuffer: 1024,
  maxSequence: 1 << 20,
  transientSlots: 3,
  persistentSlots: 7,
  sessions: 3,
  activeSessions: 64,
  acts: 0,
  nvIndexMax: 2048,
  nvBufferMax: 1024,
  nvMemory: 1 << 14,
  contextHash: ALG.SHA512,
  contextSymBits: 256,
  clockUpdate: 4096,
  maxCapBuffer: 1024,
  untestedAtInit: [
    ...[ALG.TDES, ALG.SHA1, ALG.AES, ALG.SHA256, ALG.SHA384, ALG.SHA512, ALG.RSASSA, ALG.RSAES, ALG.RSAPSS],
    ...[ALG.OAEP, ALG.ECDSA, ALG.ECDH, ALG.ECSCHNORR, ALG.KDF1_SP800_108, ALG.CAMELLIA, ALG.CFB],
  ],
  peculiar: new Set([
    'retry-on-first-use',
    'success-before-tests',
    'algorithm-in-hash-ticket',
    'hmac-unique-of-parents',
    'key-stream-in-iv',
    'failure-for-large-messages',
    'any-mode-of-parents',
    'sign-and-magnitude',
    'fewer-nv-locks',
    'policyread-for-secret',
    'name-hash-in-secrets',
  ]),
  // No library of ours has them.
  listedOnly: {
    algorithms: [ALG.SM2],
    curves: [CURVE.BN_P638, CURVE.SM2_P256],
  },
  properties: {
    [PT.ERRATA]: 75,
    [PT.YEAR]: 2021,
    // Shared RAM, and objects are copied from NV to RAM to be used: TPMA_MEMORY.
    [PT.MEMORY]: 6,
    [PT.MAX_OBJECT_CONTEXT]: 2692,
    [PT.MAX_SESSION_CONTEXT]: 404,
    [PT.PS_FAMILY_INDICATOR]: 0x322e3000,
    [PT.PS_REVISION]: 164,
    [PT.PS_DAY_OF_YEAR]: 75,
    [PT.PS_YEAR]: 2021,
    [PT.SPLIT_MAX]: 128,
  },
}
