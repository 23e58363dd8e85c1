// What the engine adds to the bare primitive: the same key, message and randomness through a TPM command and through the
// library's function, taking turns. That both give the same bytes is checked first. And PCR_Extend commands a second.

import '../support/whole.ts'
import { p256 } from '@noble/curves/nist.js'
import { ml_dsa87 } from '@noble/post-quantum/ml-dsa.js'
import { ml_kem1024 } from '@noble/post-quantum/ml-kem.js'
import type { AnyCodec, Of } from '../../src/codec/codec.ts'
import { draw } from '../../src/crypto/drbg.ts'
import { be32, type Bytes, concat, EMPTY, equal, raw } from '../../src/lib/bytes.ts'
import { MLDSA_87_MU, MLKEM_1024 } from '../../src/lessons/more-keys.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { OBJECT } from '../../src/spec/attributes.ts'
import { ST } from '../../src/spec/codes.ts'
import type { CommandRow, Handles, HandleValues, ResponseHandle } from '../../src/spec/command.ts'
import { Decapsulate } from '../../src/spec/commands/asymmetric.ts'
import { CreatePrimary } from '../../src/spec/commands/hierarchy.ts'
import { PCR_Extend } from '../../src/spec/commands/pcr.ts'
import { Sign, SignDigest, VerifyDigestSignature } from '../../src/spec/commands/signing.ts'
import { Startup } from '../../src/spec/commands/startup.ts'
import { decodeResponse, encodeCommand } from '../../src/spec/frame.ts'
import { RH, TRANSIENT_FIRST } from '../../src/spec/handles.ts'
import type { Public } from '../../src/spec/keys.ts'
import { execute } from '../../src/tpm/execute.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { manufacture, powerOn, type Tpm } from '../../src/tpm/tpm.ts'
import { interleaved, report, time } from '../support/bench.ts'

/** Different inputs, used in turn. */
const INPUTS = 100

type Row<H extends Handles, P extends AnyCodec, R extends AnyCodec> = CommandRow<H, P, R, ResponseHandle | undefined>

/** The decoded answer to a command that must succeed, and the TPM after it. */
function run<H extends Handles, P extends AnyCodec, R extends AnyCodec>(
  tpm: Tpm,
  row: Row<H, P, R>,
  handles: HandleValues<H>,
  params: Of<P>,
): { readonly tpm: Tpm; readonly returns: Of<R> } {
  const done = execute(tpm, encodeCommand(row, handles, params), 0)
  const { rc, returns } = decodeResponse(row, done.response)
  if (rc !== 0 || returns === undefined) throw new Error(`${row.name}: response code 0x${rc.toString(16)}`)
  return { tpm: done.tpm, returns }
}

const must = (condition: boolean, what: string): void => {
  if (!condition) throw new Error(`the bench does not compare the same: ${what}`)
}

const fresh = powerOn(manufacture(new Uint8Array(32).fill(7), PROFILES.crbscope))
const started = run(fresh, Startup, {}, { startupType: 0 }).tpm

/** A TPM whose first slot holds a primary key of this template, and the private part. */
function withKey(template: Public): { readonly tpm: Tpm; readonly secret: Bytes } {
  const { tpm } = run(
    started,
    CreatePrimary,
    { primaryHandle: RH.OWNER },
    { inSensitive: { userAuth: EMPTY, data: EMPTY }, inPublic: template, outsideInfo: EMPTY, creationPCR: [] },
  )
  const slot = tpm.objects[0]
  if (slot?.kind !== 'object' || !slot.sensitive) throw new Error('no key in the first slot')
  return { tpm, secret: slot.sensitive.sensitive }
}

/** The ratio of engine to primitive, of medians. A third of the rounds comes before, to warm both up. */
function compare(name: string, rounds: number, engine: (input: number) => void, bare: (input: number) => void): void {
  const { a, b, ratio } = interleaved(
    rounds,
    Math.ceil(rounds / 3),
    i => engine(i % INPUTS),
    i => bare(i % INPUTS),
  )
  console.log(`${name}: engine ${a.toFixed(3)} ms, primitive ${b.toFixed(3)} ms`)
  report({ name: `engine: ${name}, over the bare primitive`, figure: ratio, unit: '×', atMost: 1.15 })
}

const KEY = { keyHandle: TRANSIENT_FIRST }
const NULL_CHECK = { tag: ST.HASHCHECK, hierarchy: RH.NULL, digest: EMPTY }

{
  const { tpm, secret } = withKey(MLDSA_87_MU)
  const { publicKey, secretKey } = ml_dsa87.keygen(raw(secret).slice())
  const [rnd] = draw(tpm.drbg, 32)
  const mus = Array.from({ length: INPUTS }, (_, i) => concat(be32(i), new Uint8Array(60).fill(i)))
  const mu = (i: number) => mus[i] as Bytes
  const bareSign = (i: number) =>
    ml_dsa87.internal.sign(raw(mu(i)), secretKey, { extraEntropy: raw(rnd), externalMu: true })
  const signed = mus.map((digest, i) => {
    const { signature } = run(tpm, SignDigest, KEY, { context: EMPTY, digest, validation: NULL_CHECK }).returns
    if (i < 3) must('signature' in signature && equal(signature.signature as Bytes, bareSign(i)), 'ML-DSA-87 signature')
    return signature
  })
  const sign = mus.map(d => encodeCommand(SignDigest, KEY, { context: EMPTY, digest: d, validation: NULL_CHECK }))
  compare('ML-DSA-87 sign', 200, i => execute(tpm, sign[i] as Bytes, 0), bareSign)

  const verify = mus.map((digest, i) =>
    encodeCommand(
      VerifyDigestSignature,
      KEY,
      { context: EMPTY, digest, signature: signed[i] as (typeof signed)[0] },
      [],
    ),
  )
  const bytes = signed.map(s => raw((s as { signature: Bytes }).signature))
  const bareVerify = (i: number) =>
    ml_dsa87.internal.verify(bytes[i] as Uint8Array, raw(mu(i)), publicKey, { externalMu: true })
  must(bareVerify(0) && execute(tpm, verify[0] as Bytes, 0).response.length > 10, 'ML-DSA-87 verification')
  compare('ML-DSA-87 verify', 300, i => execute(tpm, verify[i] as Bytes, 0), bareVerify)
}

{
  const { tpm, secret } = withKey(MLKEM_1024)
  const { publicKey, secretKey } = ml_kem1024.keygen(raw(secret).slice())
  const made = Array.from({ length: INPUTS }, (_, i) => ml_kem1024.encapsulate(publicKey, new Uint8Array(32).fill(i)))
  const commands = made.map(m => encodeCommand(Decapsulate, KEY, { ciphertext: m.cipherText }))
  const { sharedSecret } = run(tpm, Decapsulate, KEY, { ciphertext: made[0]?.cipherText as Bytes }).returns
  must(equal(sharedSecret, made[0]?.sharedSecret as Bytes), 'ML-KEM-1024 secret')
  compare(
    'ML-KEM-1024 decapsulate',
    900,
    i => execute(tpm, commands[i] as Bytes, 0),
    i => ml_kem1024.decapsulate(made[i]?.cipherText as Uint8Array, secretKey),
  )
}

{
  const { tpm, secret } = withKey({
    type: ALG.ECC,
    nameAlg: ALG.SHA256,
    objectAttributes:
      OBJECT.fixedTPM + OBJECT.fixedParent + OBJECT.sensitiveDataOrigin + OBJECT.userWithAuth + OBJECT.sign,
    authPolicy: EMPTY,
    parameters: {
      symmetric: { algorithm: ALG.NULL },
      scheme: { scheme: ALG.ECDSA, hashAlg: ALG.SHA256 },
      curveID: CURVE.NIST_P256,
      kdf: { scheme: ALG.NULL },
    },
    unique: { x: EMPTY, y: EMPTY },
  })
  const digests = Array.from({ length: INPUTS }, (_, i) => new Uint8Array(32).fill(i))
  const params = (digest: Bytes) => ({ digest, inScheme: { scheme: ALG.NULL }, validation: NULL_CHECK }) as const
  const commands = digests.map(d => encodeCommand(Sign, KEY, params(d)))
  const publicKey = p256.getPublicKey(raw(secret))
  const { signature } = run(tpm, Sign, KEY, params(digests[1] as Bytes)).returns
  if (signature.sigAlg !== ALG.ECDSA) throw new Error('no ECDSA signature')
  must(
    p256.verify(
      raw(concat(signature.signatureR, signature.signatureS)),
      digests[1] as Uint8Array<ArrayBuffer>,
      publicKey,
      {
        prehash: false,
        lowS: false,
      },
    ),
    'P-256 signature',
  )
  const entropy = raw(draw(tpm.drbg, 32)[0])
  compare(
    'P-256 sign',
    4500,
    i => execute(tpm, commands[i] as Bytes, 0),
    i =>
      p256.sign(digests[i] as Uint8Array<ArrayBuffer>, raw(secret), {
        prehash: false,
        lowS: false,
        extraEntropy: entropy,
      }),
  )
}

{
  const COMMANDS = 40_000
  const extend = Array.from({ length: 256 }, (_, i) =>
    encodeCommand(
      PCR_Extend,
      { pcrHandle: 16 },
      { digests: [{ hashAlg: ALG.SHA256, digest: new Uint8Array(32).fill(i) }] },
    ),
  )
  const many = (): void => {
    let tpm = started
    for (let i = 0; i < COMMANDS; i++) tpm = execute(tpm, extend[i & 255] as Bytes, 0).tpm
    must(tpm.pcrs !== started.pcrs, 'PCR_Extend')
  }
  many()
  const best = Math.min(time(many), time(many), time(many))
  report({ name: 'engine: PCR_Extend, SHA-256', figure: COMMANDS / (best / 1000), unit: 'commands/s', atLeast: 20_000 })
}
