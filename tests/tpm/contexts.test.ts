// Contexts of objects and sequences: what is saved comes back whole, and nothing that was changed does. Part 3, 28; Part 1, 27.

import { describe, expect, it } from 'vitest'
import { EMPTY, raw } from '../../src/lib/bytes.ts'
import { ALG, CURVE } from '../../src/spec/algorithms.ts'
import { ContextLoad, ContextSave, FlushContext } from '../../src/spec/commands/context.ts'
import { ReadPublic } from '../../src/spec/commands/object.ts'
import { HashSequenceStart, SequenceUpdate } from '../../src/spec/commands/sequence.ts'
import { RH } from '../../src/spec/handles.ts'
import { Driver } from '../support/driver.ts'
import { create, load, templates, without } from '../support/keys.ts'
import { OBJECT } from '../../src/spec/attributes.ts'

const external = (d: Driver): number => {
  const { handle, outPublic } = create(d, templates.ecc(ALG.ECDSA))
  const loaded = load(d, without(outPublic, OBJECT.fixedTPM | OBJECT.fixedParent))
  d.ok(FlushContext, {}, { flushHandle: handle })
  return loaded
}
const sequence = (d: Driver): number => {
  const sequenceHandle = d.ok(HashSequenceStart, {}, { auth: EMPTY, hashAlg: ALG.SHA256 }).handle as number
  d.ok(SequenceUpdate, { sequenceHandle }, { buffer: new Uint8Array(70) })
  return sequenceHandle
}

/** How each is made. @returns its handle */
const SLOTS: readonly (readonly [string, (d: Driver) => number])[] = [
  ['an ECC key', d => create(d, templates.ecc(ALG.ECDSA)).handle],
  [
    'one of P-384 in the NULL hierarchy',
    d => create(d, templates.ecc(ALG.ECDSA, CURVE.NIST_P384), { hierarchy: RH.NULL }).handle,
  ],
  ['an ML-DSA key', d => create(d, templates.mldsa(3)).handle],
  ['a HashML-DSA key', d => create(d, templates.hashMldsa(1)).handle],
  ['an ML-KEM key', d => create(d, templates.mlkem(2)).handle],
  ['an HMAC key', d => create(d, templates.hmacKey()).handle],
  ['a public key from outside', external],
  ['a sequence', sequence],
]

describe.each(SLOTS)('the context of %s', (_, make) => {
  it('comes back as what it was, as often as it is loaded', () => {
    const d = Driver.started()
    const saveHandle = make(d)
    const before = d.tpm.objects[saveHandle & 0xff]
    expect(before).toBeDefined()
    const { context } = d.ok(ContextSave, { saveHandle }, {}).returns
    d.ok(FlushContext, {}, { flushHandle: saveHandle })
    for (let n = 0; n < 2; n++) {
      const handle = d.ok(ContextLoad, {}, { context }).handle as number
      expect(d.tpm.objects[handle & 0xff]).toEqual(before)
    }
  })

  it('is refused when any of its octets is another, and before its count was given out', () => {
    const d = Driver.started()
    const saveHandle = make(d)
    const { context } = d.ok(ContextSave, { saveHandle }, {}).returns
    const { length } = context.contextBlob
    for (const at of [2, 40, 66, 80, length >> 1, length - 1]) {
      const contextBlob = raw(context.contextBlob).slice()
      contextBlob[at] = (contextBlob[at] as number) ^ 1
      expect(d.fails(ContextLoad, {}, { context: { ...context, contextBlob } })).toBe('TPM_RC_INTEGRITY, parameter 1')
    }
    d.reset()
    d.rc('8001 0000000c 00000144 0000')
    // The same proof: it is as it was when it left the factory.
    expect(d.fails(ContextLoad, {}, { context })).toBe('TPM_RC_VALUE, parameter 1')
  })
})

it('an object that came back is used as before', () => {
  const d = Driver.started()
  const { handle: objectHandle } = create(d, templates.ecc(ALG.ECDSA))
  const first = d.ok(ReadPublic, { objectHandle }, {}, []).returns
  const { context } = d.ok(ContextSave, { saveHandle: objectHandle }, {}).returns
  d.ok(FlushContext, {}, { flushHandle: objectHandle })
  const again = d.ok(ContextLoad, {}, { context }).handle as number
  expect(d.ok(ReadPublic, { objectHandle: again }, {}, []).returns).toEqual(first)
})
