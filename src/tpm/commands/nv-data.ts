// NV Indexes: their data. Part 3, 31.7 to 31.10, 31.13 and 31.16; policies that look at it: 23.9 and 23.22.

import { hash } from '../../crypto/hash.ts'
import { be64, type Bytes, concat, EMPTY, equal, readBe16 } from '../../lib/bytes.ts'
import { ALG, DIGEST_SIZE } from '../../spec/algorithms.ts'
import { CC, ST } from '../../spec/codes.ts'
import { NV_Certify, NV_Extend, NV_Increment, NV_Read, NV_SetBits, NV_Write } from '../../spec/commands/nv.ts'
import { PolicyAuthorizeNV, PolicyNV } from '../../spec/commands/policy-sign.ts'
import { RH } from '../../spec/handles.ts'
import { NT, NV, nvType } from '../../spec/nv.ts'
import { RC } from '../../spec/return-codes.ts'
import { attest, signerOf } from '../attest.ts'
import { type Context, implement } from '../command.ts'
import { compare } from '../compare.ts'
import { badHandle, badParameter, fail } from '../errors.ts'
import { checkRead, checkWrite, writeNv } from '../nv-access.ts'
import { hasNv, isWritten, type NvIndex, nvName, number64 } from '../nv-memory.ts'
import { assertPolicy, extended, setPolicy, zeroDigest } from '../policy.ts'
import type { Policy } from '../sessions.ts'
import { the } from './nv.ts'
import { comparison } from './policy-bind.ts'

const typeOf = (index: NvIndex): number => nvType(index.publicArea.attributes)
/** Types that are written as a whole by commands of their own. */
const SPECIAL: readonly number[] = [NT.COUNTER, NT.BITS, NT.EXTEND]

/** @throws TPM_RC_ATTRIBUTES when the Index is of another type */
function needType(index: NvIndex, type: number): void {
  if (typeOf(index) !== type) throw badHandle(2, RC.ATTRIBUTES)
}

/** Not permitted in read-only mode unless nothing durable changes. Part 3, 24.9, Table 207. */
function checkReadOnly(c: Context, index: NvIndex): void {
  const volatile = hasNv(index, NV.ORDERLY) && hasNv(index, NV.CLEAR_STCLEAR)
  if (c.tpm.readOnly && !volatile) throw fail(RC.READ_ONLY)
}

/** A piece of the data. @param n numbers of the parameters with size and offset */
function piece(c: Context, index: NvIndex, size: number, offset: number, n: { size: number; offset: number }): Bytes {
  const { dataSize } = index.publicArea
  if (size > c.tpm.profile.nvBufferMax) throw badParameter(n.size, RC.VALUE)
  if (offset > dataSize || size > dataSize - offset) throw fail(RC.NV_RANGE)
  return index.data.slice(offset, offset + size)
}

export const nvData = [
  implement(NV_Write, (c, { authHandle, nvIndex }, { data, offset }) => {
    const index = the(c, nvIndex)
    if (data.length > c.tpm.profile.nvBufferMax) throw badParameter(1, RC.SIZE)
    checkWrite(authHandle, nvIndex, index)
    if (SPECIAL.includes(typeOf(index))) throw fail(RC.ATTRIBUTES)
    checkReadOnly(c, index)
    const { dataSize } = index.publicArea
    if (offset > dataSize || data.length > dataSize - offset) throw fail(RC.NV_RANGE)
    if (hasNv(index, NV.WRITEALL) && data.length < dataSize) throw fail(RC.NV_RANGE)

    writeNv(c, nvIndex, index, concat(index.data.slice(0, offset), data, index.data.slice(offset + data.length)))
  }),

  implement(NV_Increment, (c, { authHandle, nvIndex }) => {
    const index = the(c, nvIndex)
    checkWrite(authHandle, nvIndex, index)
    needType(index, NT.COUNTER)

    const old = isWritten(index) ? number64(index.data) : c.tpm.nv.maxCounter
    writeNv(c, nvIndex, index, be64(BigInt.asUintN(64, old + 1n)))
  }),

  implement(NV_Extend, (c, { authHandle, nvIndex }, { data }) => {
    const index = the(c, nvIndex)
    checkWrite(authHandle, nvIndex, index)
    needType(index, NT.EXTEND)
    checkReadOnly(c, index)

    const old = isWritten(index) ? index.data : new Uint8Array(index.data.length)
    writeNv(c, nvIndex, index, hash(index.publicArea.nameAlg, old, data))
  }),

  implement(NV_SetBits, (c, { authHandle, nvIndex }, { bits }) => {
    const index = the(c, nvIndex)
    checkWrite(authHandle, nvIndex, index)
    needType(index, NT.BITS)
    checkReadOnly(c, index)

    writeNv(c, nvIndex, index, be64((isWritten(index) ? number64(index.data) : 0n) | bits))
  }),

  implement(NV_Read, (c, { authHandle, nvIndex }, { size, offset }) => {
    const index = the(c, nvIndex)
    checkRead(authHandle, nvIndex, index)

    return { data: piece(c, index, size, offset, { size: 1, offset: 2 }) }
  }),

  implement(NV_Certify, (c, { signHandle, authHandle, nvIndex }, { qualifyingData, inScheme, size, offset }) => {
    const index = the(c, nvIndex)
    const signer = signerOf(c, signHandle, 1, inScheme, 2)
    checkRead(authHandle, nvIndex, index)
    const indexName = nvName(index)

    // Version 1.59: no size and no offset ask for a digest of the whole.
    const whole = size === 0 && offset === 0
    if (whole) {
      const open = signer.scheme.hash === ALG.NULL
      // Version 1.84 on: without a key the caller names the hash. A key whose scheme has none leaves it open to us.
      if (open && signHandle === RH.NULL && c.tpm.profile.version >= 184) throw badParameter(2, RC.SCHEME)
      const alg = open ? index.publicArea.nameAlg : signer.scheme.hash
      const attested = { indexName, nvDigest: hash(alg, index.data) }
      const said = attest(c, signer, qualifyingData, { type: ST.ATTEST_NV_DIGEST, attested }, 2)
      return { certifyInfo: said.attest, signature: said.signature }
    }
    const nvContents = piece(c, index, size, offset, { size: 3, offset: 4 })
    const said = attest(
      c,
      signer,
      qualifyingData,
      { type: ST.ATTEST_NV, attested: { indexName, offset, nvContents } },
      2,
    )
    return { certifyInfo: said.attest, signature: said.signature }
  }),

  implement(PolicyNV, (c, { authHandle, nvIndex, policySession }, { operandB, offset, operation }) => {
    const s = c.session(policySession)
    const index = the(c, nvIndex)
    const args = comparison(s, operandB, offset, operation)
    if (s.kind !== 'trial') {
      checkRead(authHandle, nvIndex, index)
      const { dataSize } = index.publicArea
      if (offset > dataSize || operandB.length > dataSize - offset) throw fail(RC.NV_RANGE)
      const a = index.data.slice(offset, offset + operandB.length)
      if (!compare(c.tpm.profile, operation, a, operandB)) throw fail(RC.POLICY)
    }

    assertPolicy(c, s, CC.PolicyNV, [args, nvName(index)])
  }),

  implement(PolicyAuthorizeNV, (c, { authHandle, nvIndex, policySession }) => {
    const s = c.session(policySession)
    const index = the(c, nvIndex)
    const policy = s.policy as Policy
    if (s.kind !== 'trial') {
      checkRead(authHandle, nvIndex, index)
      if (index.data.length < 2) throw fail(RC.INSUFFICIENT)
      const alg = readBe16(index.data, 0)
      const size = DIGEST_SIZE[alg]
      if (size === undefined || alg !== s.hash) throw badHandle(2, RC.HASH)
      if (index.data.length < 2 + size) throw fail(RC.INSUFFICIENT)
      if (!equal(policy.digest, index.data.slice(2, 2 + size))) throw badHandle(2, RC.VALUE)
    }

    const digest = extended(s, zeroDigest(s), CC.PolicyAuthorizeNV, nvName(index), EMPTY)
    setPolicy(c, s, { ...policy, digest })
  }),
]
