// Everything that this program implements.

import { ALG, CURVE } from '../../spec/algorithms.ts'
import { MLDSA, MLKEM } from '../../spec/pqc.ts'
import { ALL_COMMANDS } from './commands.ts'
import type { Profile } from '../profile.ts'
import { PC_CLIENT } from './pc-client.ts'

export const crbscope: Profile = {
  id: 'crbscope',
  commands: ALL_COMMANDS,
  algProperties: {},
  version: 185,
  manufacturer: 'CRBS',
  vendor: 'crbscope',
  firmware: [0x00010000, 0x00000000],
  algorithms: [
    ...[ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512, ALG.NULL, ALG.HMAC, ALG.KEYEDHASH],
    ...[ALG.XOR, ALG.AES, ALG.SYMCIPHER, ALG.CTR, ALG.OFB, ALG.CBC, ALG.CFB, ALG.ECB, ALG.CMAC, ALG.CAMELLIA],
    ...[ALG.ECC, ALG.ECDSA, ALG.ECDAA, ALG.ECSCHNORR, ALG.ECDH, ALG.ECMQV],
    ...[ALG.HKDF, ALG.KDF1_SP800_108, ALG.KDF1_SP800_56A, ALG.KDF2],
    ...[ALG.RSA, ALG.RSASSA, ALG.RSAES, ALG.RSAPSS, ALG.OAEP, ALG.MGF1],
    ...[ALG.MLKEM, ALG.MLDSA, ALG.HASH_MLDSA],
  ],
  curves: [...[CURVE.NIST_P192, CURVE.NIST_P224, CURVE.NIST_P256, CURVE.NIST_P384, CURVE.NIST_P521], CURVE.BN_P256],
  rsaBits: [1024, 2048, 3072, 4096],
  symBits: [128, 192, 256],
  mlkem: Object.values(MLKEM),
  mldsa: Object.values(MLDSA),
  externalMu: true,
  banks: [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512],
  pcrs: PC_CLIENT,
  maxCommand: 8192,
  maxResponse: 8192,
  inputBuffer: 4096,
  maxSequence: 1 << 20,
  transientSlots: 8,
  persistentSlots: 32,
  sessions: 8,
  activeSessions: 64,
  acts: 2,
  nvIndexMax: 2048,
  nvBufferMax: 2048,
  nvMemory: 1 << 16,
  contextHash: ALG.SHA512,
  contextSymBits: 256,
  clockUpdate: 4096,
  maxCapBuffer: 1024,
  untestedAtInit: [],
  peculiar: new Set(),
  listedOnly: { algorithms: [], curves: [] },
  properties: {},
}
