// Commands that succeed one after the other, each with the TPM as it was before it: recorded ones, replayed on a TPM with
// the recorded seeds, and a tour of what recordings cannot show, because what it gives out differs each time.

import { type Bytes, bytes, EMPTY, fromHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { NO } from '../../src/spec/codes.ts'
import { RSA_Decrypt, RSA_Encrypt } from '../../src/spec/commands/asymmetric.ts'
import { ContextLoad, ContextSave, FlushContext } from '../../src/spec/commands/context.ts'
import { Create, Load, MakeCredential, ObjectChangeAuth, Unseal } from '../../src/spec/commands/create.ts'
import { ECDH_ZGen } from '../../src/spec/commands/ecdh.ts'
import { ReadPublic } from '../../src/spec/commands/object.ts'
import { Sign, VerifySignature } from '../../src/spec/commands/signing.ts'
import { EncryptDecrypt2 } from '../../src/spec/commands/symmetric.ts'
import type { Public } from '../../src/spec/keys.ts'
import { create, NULL_CHECK, templates, withBits, without } from '../support/keys.ts'
import { type RecordedLine, recordedLines, recordedTpm } from '../support/recorded.ts'
import { Recorder, type Step } from './recorder.ts'
import { restOfTours } from './rest.ts'
import { RSA_LOAD, storage } from './scenes.ts'

function replayed(lines: readonly RecordedLine[]): readonly Step[] {
  const d = new Recorder()
  d.tpm = recordedTpm('tpm2-swtpm').tpm
  for (const l of lines) {
    if (l.event === 'powerCycle') d.powerCycle()
    if (l.cmdHex) d.command(fromHex(l.cmdHex))
  }
  return d.steps
}

const child = (inPublic: Public, data: Bytes = EMPTY) =>
  ({ inSensitive: { userAuth: EMPTY, data }, inPublic, outsideInfo: EMPTY, creationPCR: [] }) as const

function tour(): readonly Step[] {
  const d = new Recorder()
  d.command(fromHex('80010000000c000001440000'))
  const parentHandle = create(d, storage).handle
  const load = (template: Public, data?: Bytes): number => {
    const { outPrivate, outPublic } = d.ok(Create, { parentHandle }, child(template, data)).returns
    return d.ok(Load, { parentHandle }, { inPrivate: outPrivate, inPublic: outPublic as Public }).handle as number
  }
  const flush = (flushHandle: number) => d.ok(FlushContext, {}, { flushHandle })
  const sealed = load(without(templates.sealed(), OBJECT.sensitiveDataOrigin), bytes(1, 2, 3))
  d.ok(Unseal, { itemHandle: sealed }, {})
  d.ok(ObjectChangeAuth, { objectHandle: sealed, parentHandle }, { newAuth: bytes(1) })
  const { context } = d.ok(ContextSave, { saveHandle: sealed }, {}).returns
  flush(d.ok(ContextLoad, {}, { context }).handle as number)
  const signing = load(templates.ecc(ALG.ECDSA))
  const digest = new Uint8Array(32)
  const inScheme = { scheme: ALG.NULL } as const
  const { signature } = d.ok(Sign, { keyHandle: signing }, { digest, inScheme, validation: NULL_CHECK }).returns
  d.ok(VerifySignature, { keyHandle: signing }, { digest, signature })
  const { name } = d.ok(ReadPublic, { objectHandle: signing }, {}).returns
  d.run(MakeCredential, { handle: parentHandle }, { credential: bytes(1, 2), objectName: name })
  flush(signing)
  const ecdh = load(withBits(without(templates.ecc(ALG.NULL), OBJECT.sign), OBJECT.decrypt))
  const point = d.ok(ReadPublic, { objectHandle: ecdh }, {}).returns.outPublic as Extract<
    Public,
    { unique: { x: Bytes } }
  >
  d.ok(ECDH_ZGen, { keyHandle: ecdh }, { inPoint: point.unique })
  flush(ecdh)
  const cipher = load({
    ...templates.sealed(),
    ...{ type: ALG.SYMCIPHER, unique: EMPTY },
    objectAttributes: templates.sealed().objectAttributes | OBJECT.sign | OBJECT.decrypt,
    parameters: { sym: { algorithm: ALG.AES, keyBits: 128, mode: ALG.CFB } },
  } as Public)
  const ivIn = new Uint8Array(16)
  d.ok(EncryptDecrypt2, { keyHandle: cipher }, { inData: bytes(1, 2, 3), decrypt: NO, mode: ALG.NULL, ivIn })
  flush(cipher)
  const made = create(d, {
    ...templates.ecc(ALG.NULL),
    ...{ type: ALG.RSA, unique: EMPTY },
    parameters: { symmetric: { algorithm: ALG.NULL }, scheme: { scheme: ALG.NULL }, keyBits: 2048, exponent: 0 },
  } as Public)
  flush(made.handle)
  d.command(RSA_LOAD)
  const rsa = { keyHandle: 0x80000002 }
  const none = { inScheme, label: EMPTY }
  const encrypted = d.run(RSA_Encrypt, rsa, { message: new Uint8Array(32), ...none }).returns
  if (encrypted) d.run(RSA_Decrypt, rsa, { cipherText: encrypted.outData, ...none })
  return d.steps
}

export function walks(): readonly (readonly Step[])[] {
  const raw = recordedLines('tpm2-swtpm/raw.jsonl')
  const tests = [...new Set(raw.map(l => l.test))].map(test => raw.filter(l => l.test === test))
  const more = ['tpm185-wolftpm/mlkem.jsonl', 'tpm185-wolftpm/extmu.jsonl', 'tpm185-wolftpm/labeled-kem.jsonl']
  return [...[...tests, ...more.map(recordedLines)].map(replayed), tour(), tour(), tour(), ...restOfTours()].filter(
    w => w.length > 0,
  )
}
