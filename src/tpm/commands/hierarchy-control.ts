// What platform, owner and lockout authority set: hierarchies, seeds, policies, TPM2_Clear, lockout, physical presence.
// Part 3, 24.2 to 24.9, 25 and 26.2.

import { EMPTY } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { CC, NO, YES } from '../../spec/codes.ts'
import {
  ChangeEPS,
  ChangePPS,
  Clear,
  ClearControl,
  DictionaryAttackLockReset,
  DictionaryAttackParameters,
  HierarchyChangeAuth,
  HierarchyControl,
  PP_Commands,
  ReadOnlyControl,
  SetAlgorithmSet,
  SetPrimaryPolicy,
} from '../../spec/commands/hierarchy-control.ts'
import { commandByCode } from '../../spec/commands/index.ts'
import { RH } from '../../spec/handles.ts'
import { NV } from '../../spec/nv.ts'
import { RC } from '../../spec/return-codes.ts'
import { trimmed } from '../authorize.ts'
import { type Act, actNumber } from '../act.ts'
import { implement } from '../command.ts'
import { badParameter, fail } from '../errors.ts'
import { baseHierarchy, flushHierarchies, mayDisable, setHierarchy } from '../hierarchies.ts'
import { hasNv, highest } from '../nv-memory.ts'
import { NO_POLICY } from '../tpm.ts'
import { amend } from '../amend.ts'

/** Handle types of commands that physical presence may gate. Part 3, 26.2. */
const GATED = ['TPMI_RH_PLATFORM', 'TPMI_RH_PROVISION', 'TPMI_RH_CLEAR', 'TPMI_RH_HIERARCHY']
const isGated = (code: number): boolean => {
  const row = commandByCode(code)
  return row !== undefined && Object.values(row.handles).some(h => h.auth && GATED.includes(h.codec.name))
}

/** A policy digest and its hash: both, or neither. Part 3, 24.3. */
export function checkAuthPolicy(policy: { length: number }, alg: number): void {
  if (policy.length !== (alg === ALG.NULL ? 0 : digestSize(alg))) throw badParameter(1, RC.SIZE)
}

/** @param implemented whether the TPM has a command of this code */
export const hierarchyControl = (implemented: (code: number) => boolean) => [
  implement(HierarchyControl, (c, { authHandle }, { enable, state }) => {
    const nv = enable === RH.PLATFORM_NV
    if (
      nv ? authHandle !== RH.PLATFORM : state === YES ? authHandle !== RH.PLATFORM : !mayDisable(authHandle, enable)
    ) {
      throw fail(RC.AUTH_TYPE)
    }
    const name = baseHierarchy(enable)
    // phEnable is set by TPM2_Startup only; whoever can ask for it here has it set already.

    if (nv) c.tpm = amend(c.tpm, { phEnableNV: state === YES })
    else if (c.tpm.hierarchies[name].enabled !== (state === YES)) {
      setHierarchy(c, name, { enabled: state === YES })
      if (state === NO) flushHierarchies(c, [name], false)
    }
    c.emit({ kind: 'hierarchy', what: state === YES ? 'enabled' : 'disabled', handle: enable })
  }),

  implement(SetPrimaryPolicy, (c, { authHandle }, { authPolicy, hashAlg }) => {
    checkAuthPolicy(authPolicy, hashAlg)
    const change = { policyAlg: hashAlg, policy: authPolicy }
    const n = actNumber(authHandle)
    const { acts } = c.tpm

    if (n !== undefined) c.tpm = amend(c.tpm, { acts: acts.with(n, { ...(acts[n] as Act), ...change }) })
    else if (authHandle === RH.LOCKOUT) c.tpm = amend(c.tpm, { lockout: { ...c.tpm.lockout, ...change } })
    else setHierarchy(c, baseHierarchy(authHandle), change)
  }),

  implement(ChangePPS, c => {
    const { seed, proof } = c.tpm.hierarchies.platform
    const change = { seed: c.random(seed.length), proof: c.random(proof.length), ...NO_POLICY }

    setHierarchy(c, 'platform', change)
    flushHierarchies(c, ['platform'], true)
    c.emit({ kind: 'hierarchy', what: 'seed', handle: RH.PLATFORM })
  }),

  implement(ChangeEPS, c => {
    const { seed, proof } = c.tpm.hierarchies.endorsement
    const change = { seed: c.random(seed.length), proof: c.random(proof.length), auth: EMPTY, ...NO_POLICY }

    setHierarchy(c, 'endorsement', { ...change, enabled: true })
    flushHierarchies(c, ['endorsement'], true)
    c.emit({ kind: 'hierarchy', what: 'seed', handle: RH.ENDORSEMENT })
  }),

  implement(Clear, c => {
    if (c.tpm.disableClear) throw fail(RC.DISABLED)
    const { owner, endorsement } = c.tpm.hierarchies
    const cleared = { enabled: true, auth: EMPTY, ...NO_POLICY }
    const seed = c.random(owner.seed.length)
    const ownerProof = c.random(owner.proof.length)
    const endorsementProof = c.random(endorsement.proof.length)

    flushHierarchies(c, ['owner', 'endorsement'], true)
    const indexes = c.tpm.nv.indexes.filter(i => hasNv(i, NV.PLATFORMCREATE))
    c.tpm = amend(c.tpm, { nv: { indexes, maxCounter: highest(c.tpm.nv.maxCounter, c.tpm.nv.indexes) } })
    setHierarchy(c, 'owner', { ...cleared, seed, proof: ownerProof })
    setHierarchy(c, 'endorsement', { ...cleared, proof: endorsementProof })
    const { clock, lockout, pcrs, pcrAuth, audit } = c.tpm
    c.tpm = amend(c.tpm, {
      clock: { ...clock, clock: 0, stored: 0, offset: 0n, safe: true, resetCount: 0, restartCount: 0 },
      lockout: { ...lockout, auth: EMPTY, ...NO_POLICY, failedTries: 0, authEnabled: true },
      pcrs: { ...pcrs, updateCounter: pcrs.updateCounter + 1 },
      // Part 3, 22.7 has the authValue of PCRs go, and keeps their policy; Part 1, 32 the count of audit logs.
      pcrAuth: { ...pcrAuth, auth: EMPTY },
      audit: { ...audit, counter: 0 },
    })
    c.emit({ kind: 'hierarchy', what: 'cleared', handle: RH.OWNER })
  }),

  implement(ClearControl, (c, { auth }, { disable }) => {
    if (auth === RH.LOCKOUT && disable === NO) throw fail(RC.AUTH_FAIL)

    c.tpm = amend(c.tpm, { disableClear: disable === YES })
  }),

  implement(HierarchyChangeAuth, (c, { authHandle }, { newAuth }) => {
    const auth = trimmed(newAuth)
    if (auth.length > digestSize(c.tpm.profile.contextHash)) throw badParameter(1, RC.SIZE)

    if (authHandle === RH.LOCKOUT) c.tpm = amend(c.tpm, { lockout: { ...c.tpm.lockout, auth } })
    else setHierarchy(c, baseHierarchy(authHandle), { auth })
  }),

  implement(ReadOnlyControl, (c, _, { state }) => {
    c.tpm = amend(c.tpm, { readOnly: state === YES })
  }),

  implement(DictionaryAttackLockReset, c => {
    c.tpm = amend(c.tpm, { lockout: { ...c.tpm.lockout, failedTries: 0, authEnabled: true } })
  }),

  implement(DictionaryAttackParameters, (c, _, { newMaxTries, newRecoveryTime, lockoutRecovery }) => {
    const { lockout } = c.tpm
    // Fewer tries than were made already: those count no more. The reference code does so, the text is silent.
    const failedTries = Math.min(lockout.failedTries, newMaxTries)
    c.tpm = amend(c.tpm, {
      lockout: { ...lockout, maxTries: newMaxTries, recoveryTime: newRecoveryTime, lockoutRecovery, failedTries },
    })
  }),

  implement(SetAlgorithmSet, (_, __, { algorithmSet }) => {
    // There is one set: that of the profile.
    if (algorithmSet !== 0) throw badParameter(1, RC.VALUE)
  }),

  implement(PP_Commands, (c, _, { setList, clearList }) => {
    const gated = (list: readonly number[]): number[] => list.filter(code => implemented(code) && isGated(code))
    const next = new Set([...c.tpm.ppCommands, ...gated(setList)])
    for (const code of gated(clearList)) if (code !== CC.PP_Commands) next.delete(code)

    c.tpm = amend(c.tpm, { ppCommands: [...next].sort((a, b) => a - b) })
  }),
]
