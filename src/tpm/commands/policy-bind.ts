// Policies about the state of the TPM and about the command: 23.6 to 23.15, 23.17 to 23.21 and 23.23 to 23.25 of Part 3.

import { hash } from '../../crypto/hash.ts'
import { encode } from '../../codec/codec.ts'
import { be16, be32, bytes, type Bytes, concat, EMPTY, equal, readBe16 } from '../../lib/bytes.ts'
import { ALG, digestSize, HASHES } from '../../spec/algorithms.ts'
import { TPML_PCR_SELECTION, TPMS_TIME_INFO } from '../../spec/base.ts'
import { CC, YES } from '../../spec/codes.ts'
import {
  PolicyAuthValue,
  PolicyCapability,
  PolicyCommandCode,
  PolicyCounterTimer,
  PolicyCpHash,
  PolicyDuplicationSelect,
  PolicyGetDigest,
  PolicyLocality,
  PolicyNameHash,
  PolicyNvWritten,
  PolicyOR,
  PolicyParameters,
  PolicyPassword,
  PolicyPCR,
  PolicyPhysicalPresence,
  PolicyTemplate,
  PolicyTransportSPDM,
} from '../../spec/commands/policy-bind.ts'
import { EO } from '../../spec/policy.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Command, type Context, implement } from '../command.ts'
import { compare } from '../compare.ts'
import { pcrDigest } from '../creation.ts'
import { badHandle, badParameter, fail } from '../errors.ts'
import { assertPolicy, demand, extended, setPolicy, zeroDigest } from '../policy.ts'
import type { Policy, Session } from '../sessions.ts'
import { hasCommand } from '../profile.ts'
import { capabilityItem } from './capability.ts'
import { timeInfo } from '../time.ts'

const policyOf = (s: Session): Policy => s.policy as Policy
const isTrial = (s: Session): boolean => s.kind === 'trial'

/** The arguments of a comparison, as they go into the digest. */
export const comparison = (s: Session, operandB: Bytes, offset: number, operation: number): Bytes =>
  hash(s.hash, operandB, be16(offset), be16(operation))

/** Offset of Time in TPMS_TIME_INFO: below a number it means an end of the session. Part 3, 23.10. */
const TIME = 0

/** A Name that is there has a digest of its hash. @param n number of the parameter */
function checkKeyName(c: Context, name: Bytes, n: number): void {
  if (name.length === 0) return
  const alg = name.length < 2 ? ALG.NULL : readBe16(name, 0)
  if (!HASHES.includes(alg) || !c.tpm.profile.algorithms.includes(alg)) throw badParameter(n, RC.HASH)
  if (name.length !== 2 + digestSize(alg)) throw badParameter(n, RC.SIZE)
}

/** @param all every command of the engine */
export const policyBind = (all: () => readonly Command[]) => [
  implement(PolicyOR, (c, { policySession }, { pHashList }) => {
    const s = c.session(policySession)
    const old = policyOf(s)
    if (pHashList.length < 2) throw badParameter(1, RC.SIZE)
    if (!isTrial(s) && !pHashList.some(d => equal(d, old.digest))) throw badParameter(1, RC.VALUE)

    setPolicy(c, s, { ...old, digest: extended(s, zeroDigest(s), CC.PolicyOR, ...pHashList) })
  }),

  implement(PolicyPCR, (c, { policySession }, p) => {
    const s = c.session(policySession)
    const counter = c.tpm.pcrs.updateCounter
    const now = pcrDigest(c.tpm, s.hash, p.pcrs)
    const old = policyOf(s)
    if (!isTrial(s)) {
      if (old.pcrCounter !== undefined && old.pcrCounter !== counter) throw fail(RC.PCR_CHANGED)
      if (p.pcrDigest.length > 0 && !equal(p.pcrDigest, now.pcrDigest)) throw badParameter(1, RC.VALUE)
    }
    const digest = isTrial(s) && p.pcrDigest.length > 0 ? p.pcrDigest : now.pcrDigest
    const pcrs = encode(TPML_PCR_SELECTION, isTrial(s) ? p.pcrs : now.pcrSelect)

    assertPolicy(c, s, CC.PolicyPCR, [pcrs, digest], isTrial(s) ? {} : { pcrCounter: counter })
  }),

  implement(PolicyLocality, (c, { policySession }, { locality }) => {
    const s = c.session(policySession)
    const { locality: old } = policyOf(s)
    let next = locality
    if (locality === 0) throw badParameter(1, RC.RANGE)
    if (old !== undefined) {
      if (locality > 31 || old > 31) {
        if (locality !== old) throw badParameter(1, RC.RANGE)
      } else {
        next = locality & old
        if (next === 0) throw badParameter(1, RC.RANGE)
      }
    }

    assertPolicy(c, s, CC.PolicyLocality, [bytes(locality)], { locality: next })
  }),

  implement(PolicyCounterTimer, (c, { policySession }, { operandB, offset, operation }) => {
    const s = c.session(policySession)
    const args = comparison(s, operandB, offset, operation)
    if (isTrial(s)) return assertPolicy(c, s, CC.PolicyCounterTimer, [args])
    const info = encode(TPMS_TIME_INFO, timeInfo(c.tpm))
    if (offset > info.length) throw badParameter(2, RC.VALUE)
    if (offset + operandB.length > info.length) throw fail(RC.RANGE)
    // Version 1.83: a bound of Time is an end of the session, counted from its nonce.
    if (operation === EO.UNSIGNED_LT && offset === TIME && operandB.length === 8 && c.tpm.profile.version >= 183) {
      const limit = Number(operandB.reduce((v, b) => v * 256n + BigInt(b), 0n)) + s.startTime
      if (limit < Math.floor(c.tpm.clock.time / 1000)) throw fail(RC.POLICY)
      const { timeout } = policyOf(s)
      const end = timeout === undefined || limit < timeout ? limit : timeout
      return assertPolicy(c, s, CC.PolicyCounterTimer, [args], { timeout: end })
    }
    if (!compare(c.tpm.profile, operation, info.slice(offset, offset + operandB.length), operandB))
      throw fail(RC.POLICY)

    return assertPolicy(c, s, CC.PolicyCounterTimer, [args])
  }),

  implement(PolicyCommandCode, (c, { policySession }, { code }) => {
    const s = c.session(policySession)
    const { commandCode } = policyOf(s)
    if (commandCode !== undefined && commandCode !== code) throw badParameter(1, RC.VALUE)
    if (!all().some(({ row }) => row.code === code && hasCommand(c.tpm.profile, row)))
      throw badParameter(1, RC.POLICY_CC)

    assertPolicy(c, s, CC.PolicyCommandCode, [be32(code)], { commandCode: code })
  }),

  implement(PolicyPhysicalPresence, (c, { policySession }) =>
    assertPolicy(c, c.session(policySession), CC.PolicyPhysicalPresence, [], { physicalPresence: true }),
  ),

  implement(PolicyCpHash, (c, { policySession }, { cpHashA }) => {
    const s = c.session(policySession)
    assertPolicy(c, s, CC.PolicyCpHash, [cpHashA], { demand: demand(s, 'cpHash', cpHashA, 1, true) })
  }),

  implement(PolicyNameHash, (c, { policySession }, { nameHash }) => {
    const s = c.session(policySession)
    assertPolicy(c, s, CC.PolicyNameHash, [nameHash], { demand: demand(s, 'nameHash', nameHash, 1, false) })
  }),

  implement(PolicyDuplicationSelect, (c, { policySession }, { objectName, newParentName, includeObject }) => {
    const s = c.session(policySession)
    const { commandCode } = policyOf(s)
    const nameHash = hash(s.hash, objectName, newParentName)
    const next = demand(s, 'nameHash', nameHash, 1, false)
    if (commandCode !== undefined && commandCode !== CC.Duplicate) throw fail(RC.COMMAND_CODE)
    const args = [includeObject === YES ? objectName : EMPTY, newParentName, bytes(includeObject)]

    assertPolicy(c, s, CC.PolicyDuplicationSelect, [concat(...args)], { demand: next, commandCode: CC.Duplicate })
  }),

  implement(PolicyAuthValue, (c, { policySession }) =>
    assertPolicy(c, c.session(policySession), CC.PolicyAuthValue, [], { authValue: 'hmac' }),
  ),

  // The code in the digest is that of PolicyAuthValue, so that either may be used. Part 3, 23.18.
  implement(PolicyPassword, (c, { policySession }) =>
    assertPolicy(c, c.session(policySession), CC.PolicyAuthValue, [], { authValue: 'password' }),
  ),

  implement(PolicyGetDigest, (c, { policySession }) => ({ policyDigest: policyOf(c.session(policySession)).digest })),

  implement(PolicyNvWritten, (c, { policySession }, { writtenSet }) => {
    const s = c.session(policySession)
    const { nvWritten } = policyOf(s)
    const wanted = writtenSet === YES
    if (nvWritten !== undefined && nvWritten !== wanted) throw badParameter(1, RC.VALUE)

    assertPolicy(c, s, CC.PolicyNvWritten, [bytes(writtenSet)], { nvWritten: wanted })
  }),

  implement(PolicyTemplate, (c, { policySession }, { templateHash }) => {
    const s = c.session(policySession)
    const old = policyOf(s).demand
    if (old?.of === 'template' && !equal(old.digest, templateHash)) throw badParameter(1, RC.VALUE)
    const next = demand(s, 'template', templateHash, 1, true)

    assertPolicy(c, s, CC.PolicyTemplate, [templateHash], { demand: next })
  }),

  implement(PolicyCapability, (c, { policySession }, p) => {
    const s = c.session(policySession)
    const { operandB, offset, operation } = p
    if (!isTrial(s)) {
      const operandA = capabilityItem(c.tpm, all(), p.capability, p.property)
      if (operandA && offset + operandB.length > operandA.length) throw badParameter(2, RC.RANGE)
      const holds = operandA
        ? compare(c.tpm.profile, operation, operandA.slice(offset, offset + operandB.length), operandB)
        : operation === EO.NEQ
      if (!holds) throw fail(RC.POLICY)
    }
    const args = hash(s.hash, operandB, be16(offset), be16(operation), be32(p.capability), be32(p.property))

    assertPolicy(c, s, CC.PolicyCapability, [args])
  }),

  implement(PolicyParameters, (c, { policySession }, { pHash }) => {
    const s = c.session(policySession)
    assertPolicy(c, s, CC.PolicyParameters, [pHash], { demand: demand(s, 'parameters', pHash, 1, false) })
  }),

  implement(PolicyTransportSPDM, (c, { policySession }, { reqKeyName, tpmKeyName }) => {
    const s = c.session(policySession)
    if (policyOf(s).channel !== undefined) throw badHandle(1, RC.VALUE)
    checkKeyName(c, reqKeyName, 1)
    checkKeyName(c, tpmKeyName, 2)
    const named = reqKeyName.length + tpmKeyName.length > 0
    const sized = [reqKeyName, tpmKeyName].flatMap(name => [be16(name.length), name])
    const keys = named ? hash(s.hash, ...sized) : EMPTY

    assertPolicy(c, s, CC.PolicyTransportSPDM, [keys], { channel: keys })
  }),
]
