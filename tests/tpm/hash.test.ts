// Hashing in one go and in sequences, the tickets of what is safe to sign, random numbers. Part 3, 15.4, 16, 17.

import { createHash, createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Bytes, concat } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { ST } from '../../src/spec/codes.ts'
import { FlushContext } from '../../src/spec/commands/context.ts'
import { GetRandom, StirRandom } from '../../src/spec/commands/random.ts'
import { HashSequenceStart, SequenceComplete, SequenceUpdate } from '../../src/spec/commands/sequence.ts'
import { Hash } from '../../src/spec/commands/symmetric.ts'
import { RH } from '../../src/spec/handles.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'

const sha256 = (b: Bytes): Bytes =>
  Uint8Array.from(
    createHash('sha256')
      .update(b as Uint8Array)
      .digest(),
  )
const NULL_TICKET = { tag: ST.HASHCHECK, hierarchy: RH.NULL, digest: new Uint8Array(0) }
const NONE = new Uint8Array(0)
const GENERATED = Uint8Array.of(0xff, 0x54, 0x43, 0x47, 1)
const TEXT = new TextEncoder().encode('a message')

describe('TPM2_Hash', () => {
  const hash = (data: Bytes, hierarchy: number = RH.OWNER, hashAlg: number = ALG.SHA256) => {
    const d = Driver.started()
    return { d, ...d.ok(Hash, {}, { data, hashAlg, hierarchy }).returns }
  }

  it.each([
    [ALG.SHA1, 'sha1'],
    [ALG.SHA256, 'sha256'],
    [ALG.SHA384, 'sha384'],
    [ALG.SHA512, 'sha512'],
  ])('%i is %s', (alg, name) => {
    expect(hash(TEXT, RH.OWNER, alg).outHash).toEqual(Uint8Array.from(createHash(name).update(TEXT).digest()))
  })

  it('gives a ticket: an HMAC of tag and digest with the proof of the hierarchy', () => {
    const { d, outHash, validation } = hash(TEXT)
    const { proof } = d.tpm.hierarchies.owner
    const digest = createHmac('sha512', proof as Uint8Array)
      .update(Uint8Array.of(0x80, 0x24))
      .update(outHash as Uint8Array)
      .digest()
    expect(validation).toEqual({ tag: ST.HASHCHECK, hierarchy: RH.OWNER, digest: Uint8Array.from(digest) })
  })

  it('gives the NULL ticket for what looks as if the TPM had made it, is too short to tell, or of no hierarchy', () => {
    expect(hash(GENERATED).validation).toEqual(NULL_TICKET)
    expect(hash(GENERATED.slice(0, 3)).validation).toEqual(NULL_TICKET)
    expect(hash(NONE).validation).toEqual(NULL_TICKET)
    expect(hash(TEXT, RH.NULL).validation).toEqual(NULL_TICKET)
  })

  it('takes as much as the input buffer holds', () => {
    expect(hash(new Uint8Array(4096)).outHash).toHaveLength(32)
    const d = Driver.started()
    const more = { data: new Uint8Array(4097), hashAlg: ALG.SHA256, hierarchy: RH.NULL }
    expect(d.fails(Hash, {}, more)).toBe('TPM_RC_SIZE, parameter 1')
  })
})

describe('hash sequences', () => {
  const start = (d: Driver, hashAlg: number = ALG.SHA256) =>
    d.ok(HashSequenceStart, {}, { auth: NONE, hashAlg }).handle as number
  const complete = (d: Driver, sequenceHandle: number, buffer: Bytes = NONE) =>
    d.ok(SequenceComplete, { sequenceHandle }, { buffer, hierarchy: RH.OWNER }).returns

  it('hash what came in parts, and are gone then', () => {
    const d = Driver.started()
    const sequenceHandle = start(d)
    const parts = [new Uint8Array(1000).fill(1), NONE, new Uint8Array(4096).fill(2), TEXT]
    for (const buffer of parts.slice(0, 3)) d.ok(SequenceUpdate, { sequenceHandle }, { buffer })
    expect(d.events).toEqual([{ kind: 'sequence-update', handle: sequenceHandle, length: 4096, total: 5096 }])
    const { result, validation } = complete(d, sequenceHandle, TEXT)
    expect(result).toEqual(sha256(concat(...parts)))
    expect(validation.hierarchy).toBe(RH.OWNER)
    expect(d.events.map(e => e.kind)).toEqual(['hash', 'sequence-complete', 'object-flushed'])
    expect(d.fails(SequenceUpdate, { sequenceHandle }, { buffer: NONE })).toBe('TPM_RC_REFERENCE_H0')
  })

  it('may be empty', () => {
    const d = Driver.started()
    const { result, validation } = complete(d, start(d))
    expect(result).toEqual(sha256(NONE))
    expect(validation).toEqual(NULL_TICKET)
  })

  it.each([
    ['a first part that looks as if the TPM had made it', GENERATED, TEXT, false],
    ['a first part that is too short to tell', GENERATED.slice(0, 3), TEXT, false],
    ['an empty first part', NONE, TEXT, false],
    ['the value in a later part', TEXT, GENERATED, true],
  ])('%s', (_, first, last, safe) => {
    const d = Driver.started()
    const sequenceHandle = start(d)
    d.ok(SequenceUpdate, { sequenceHandle }, { buffer: first })
    const { result, validation } = complete(d, sequenceHandle, last)
    expect(result).toEqual(sha256(concat(first, last)))
    expect(validation.hierarchy).toBe(safe ? RH.OWNER : RH.NULL)
  })

  it('two at once, flushed or finished, in the slots that are free', () => {
    const d = Driver.started({ ...PROFILES.crbscope, transientSlots: 3 })
    const [a, b, c] = [start(d), start(d, ALG.SHA384), start(d)]
    expect([a, b, c]).toEqual([0x80000000, 0x80000001, 0x80000002])
    expect(d.fails(HashSequenceStart, {}, { auth: NONE, hashAlg: ALG.SHA256 })).toBe('TPM_RC_OBJECT_MEMORY')
    d.ok(FlushContext, {}, { flushHandle: b })
    expect(start(d)).toBe(0x80000001)
    d.ok(SequenceUpdate, { sequenceHandle: a }, { buffer: TEXT })
    expect(complete(d, c).result).toEqual(sha256(NONE))
    expect(complete(d, a).result).toEqual(sha256(TEXT))
  })

  it('an event sequence takes data but is not ended here', () => {
    const d = Driver.started()
    const sequenceHandle = start(d, ALG.NULL)
    expect(d.events).toEqual([{ kind: 'sequence-start', handle: sequenceHandle, sequence: 'event' }])
    d.ok(SequenceUpdate, { sequenceHandle }, { buffer: TEXT })
    const end = { buffer: NONE, hierarchy: RH.NULL }
    expect(d.fails(SequenceComplete, { sequenceHandle }, end)).toBe('TPM_RC_MODE, handle 1')
    expect(d.tpm.objects[0]?.kind).toBe('event')
  })

  it('grow to a limit, and stay as they were beyond it', () => {
    const d = Driver.started()
    const sequenceHandle = start(d)
    const buffer = new Uint8Array(4096)
    for (let i = 0; i < 256; i++) d.ok(SequenceUpdate, { sequenceHandle }, { buffer })
    const before = d.tpm
    expect(d.fails(SequenceUpdate, { sequenceHandle }, { buffer: Uint8Array.of(1) })).toBe('TPM_RC_MEMORY')
    expect(d.tpm).toBe(before)
    expect(complete(d, sequenceHandle).result).toEqual(sha256(new Uint8Array(1 << 20)))
  })
})

describe('random numbers', () => {
  it('come as asked for, at most as many as the largest digest has', () => {
    const d = Driver.started()
    const get = (bytesRequested: number) => d.ok(GetRandom, {}, { bytesRequested }).returns.randomBytes
    expect([0, 1, 32, 64, 65, 0xffff].map(n => get(n).length)).toEqual([0, 1, 32, 64, 64, 64])
    expect(d.events).toEqual([{ kind: 'random', length: 64 }])
    expect(get(32)).not.toEqual(get(32))
  })

  it('are the same for the same history, and others after stirring', () => {
    const get = (stir?: Bytes) => {
      const d = Driver.started()
      if (stir) d.ok(StirRandom, {}, { inData: stir })
      return d.ok(GetRandom, {}, { bytesRequested: 32 }).returns.randomBytes
    }
    expect(get()).toEqual(get())
    expect(get(TEXT)).not.toEqual(get())
    expect(get(TEXT)).not.toEqual(get(GENERATED))
    expect(get(TEXT)).toEqual(get(TEXT))
  })

  it('are stirred with 128 bytes at most', () => {
    const d = Driver.started()
    d.ok(StirRandom, {}, { inData: new Uint8Array(128) })
    expect(d.fails(StirRandom, {}, { inData: new Uint8Array(129) })).toBe('TPM_RC_SIZE, parameter 1')
  })
})
