// Declarations: what platform, owner and lockout authority set. Part 3, 24 to 26.

import { doc } from '../../codec/codec.ts'
import { struct, u32 } from '../../codec/combinators.ts'
import { TPMI_ALG_HASH_OR_NULL } from '../algorithms.ts'
import { TPM2B_AUTH, TPM2B_DIGEST } from '../base.ts'
import { CC, TPMI_YES_NO } from '../codes.ts'
import { declare } from '../command.ts'
import {
  TPMI_RH_BASE_HIERARCHY,
  TPMI_RH_CLEAR,
  TPMI_RH_ENABLES,
  TPMI_RH_HIERARCHY_AUTH,
  TPMI_RH_HIERARCHY_POLICY,
  TPMI_RH_LOCKOUT,
  TPMI_RH_PLATFORM,
} from '../handle-types.ts'
import { TPML_CC } from '../capability.ts'

export const HierarchyControl = declare({
  code: CC.HierarchyControl,
  name: 'TPM2_HierarchyControl',
  section: 'Part 3, 24.2',
  handles: {
    authHandle: { codec: TPMI_RH_BASE_HIERARCHY, auth: 'user', doc: 'who authorizes it' },
  },
  params: struct('TPM2_HierarchyControl', {
    enable: doc('the hierarchy to enable or disable', TPMI_RH_ENABLES),
    state: doc('enabled or not', TPMI_YES_NO),
  }),
  nv: true,
  extensive: true,
})

export const SetPrimaryPolicy = declare({
  code: CC.SetPrimaryPolicy,
  name: 'TPM2_SetPrimaryPolicy',
  section: 'Part 3, 24.3',
  handles: {
    authHandle: { codec: TPMI_RH_HIERARCHY_POLICY, auth: 'user', doc: 'the hierarchy, or lockout' },
  },
  params: struct('TPM2_SetPrimaryPolicy', {
    authPolicy: doc('the policy; empty for none', TPM2B_DIGEST),
    hashAlg: doc('hash of the policy', TPMI_ALG_HASH_OR_NULL),
  }),
  nv: true,
})

export const ChangePPS = declare({
  code: CC.ChangePPS,
  name: 'TPM2_ChangePPS',
  section: 'Part 3, 24.4',
  handles: {
    authHandle: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'who authorizes it' },
  },
  nv: true,
  extensive: true,
})

export const ChangeEPS = declare({
  code: CC.ChangeEPS,
  name: 'TPM2_ChangeEPS',
  section: 'Part 3, 24.5',
  handles: {
    authHandle: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'who authorizes it' },
  },
  nv: true,
  extensive: true,
})

export const Clear = declare({
  code: CC.Clear,
  name: 'TPM2_Clear',
  section: 'Part 3, 24.6',
  handles: {
    authHandle: { codec: TPMI_RH_CLEAR, auth: 'user', doc: 'lockout or platform authority' },
  },
  nv: true,
  extensive: true,
})

export const ClearControl = declare({
  code: CC.ClearControl,
  name: 'TPM2_ClearControl',
  section: 'Part 3, 24.7',
  handles: {
    auth: { codec: TPMI_RH_CLEAR, auth: 'user', doc: 'lockout or platform authority' },
  },
  params: struct('TPM2_ClearControl', {
    disable: doc('YES disables TPM2_Clear by lockout authority', TPMI_YES_NO),
  }),
  nv: true,
})

export const HierarchyChangeAuth = declare({
  code: CC.HierarchyChangeAuth,
  name: 'TPM2_HierarchyChangeAuth',
  section: 'Part 3, 24.8',
  handles: {
    authHandle: { codec: TPMI_RH_HIERARCHY_AUTH, auth: 'user', doc: 'the hierarchy, or lockout' },
  },
  params: struct('TPM2_HierarchyChangeAuth', {
    newAuth: doc('the new authValue', TPM2B_AUTH),
  }),
  nv: true,
})

export const ReadOnlyControl = declare({
  code: CC.ReadOnlyControl,
  name: 'TPM2_ReadOnlyControl',
  section: 'Part 3, 24.9',
  handles: {
    authHandle: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'who authorizes it' },
  },
  params: struct('TPM2_ReadOnlyControl', {
    state: doc('YES for read-only', TPMI_YES_NO),
  }),
  since: 184,
})

export const DictionaryAttackLockReset = declare({
  code: CC.DictionaryAttackLockReset,
  name: 'TPM2_DictionaryAttackLockReset',
  section: 'Part 3, 25.2',
  handles: {
    lockHandle: { codec: TPMI_RH_LOCKOUT, auth: 'user', doc: 'the lockout authority' },
  },
  nv: true,
})

export const DictionaryAttackParameters = declare({
  code: CC.DictionaryAttackParameters,
  name: 'TPM2_DictionaryAttackParameters',
  section: 'Part 3, 25.3',
  handles: {
    lockHandle: { codec: TPMI_RH_LOCKOUT, auth: 'user', doc: 'the lockout authority' },
  },
  params: struct('TPM2_DictionaryAttackParameters', {
    newMaxTries: doc('failures before lockout', u32),
    newRecoveryTime: doc('seconds for a failure to be forgotten', u32),
    lockoutRecovery: doc('seconds after a wrong lockoutAuth', u32),
  }),
  nv: true,
})

export const SetAlgorithmSet = declare({
  code: CC.SetAlgorithmSet,
  name: 'TPM2_SetAlgorithmSet',
  section: 'Part 3, 26.3',
  handles: {
    authHandle: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'the platform' },
  },
  params: struct('TPM2_SetAlgorithmSet', { algorithmSet: doc('number of the set', u32) }),
  nv: true,
})

export const PP_Commands = declare({
  code: CC.PP_Commands,
  name: 'TPM2_PP_Commands',
  section: 'Part 3, 26.2',
  handles: {
    auth: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'the platform, physically present' },
  },
  params: struct('TPM2_PP_Commands', {
    setList: doc('commands that shall need physical presence', TPML_CC),
    clearList: doc('commands that no longer need it', TPML_CC),
  }),
  nv: true,
})
