// Declarations: policies that someone else approves: signature, secret, ticket, authorized policies. Part 3, 23.

import { doc } from '../../codec/codec.ts'
import { struct, u16 } from '../../codec/combinators.ts'
import { TPM2B_DIGEST, TPM2B_NAME, TPM2B_NONCE, TPMT_TK_VERIFIED } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPMI_DH_ENTITY, TPMI_RH_NV_AUTH, TPMI_RH_NV_INDEX, TPMI_SH_POLICY } from '../handle-types.ts'
import { TPMT_SIGNATURE } from '../keys.ts'
import { INT32, TPM2B_OPERAND, TPM2B_TIMEOUT, TPMT_TK_AUTH, TPM_EO } from '../policy.ts'

export const PolicySigned = declare({
  code: CC.PolicySigned,
  name: 'TPM2_PolicySigned',
  section: 'Part 3, 23.3',
  handles: {
    authObject: { codec: TPMI_DH_OBJECT, doc: 'the key that signs' },
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicySigned', {
    nonceTPM: doc('nonce of the session; empty to leave the session open', TPM2B_NONCE),
    cpHashA: doc('digest of the only command that it approves; empty for any', TPM2B_DIGEST),
    policyRef: doc('what the signer says it is about', TPM2B_NONCE),
    expiration: doc('seconds it stays good; negative asks for a ticket', INT32),
    auth: doc('the signature over what is approved', TPMT_SIGNATURE),
  }),
  returns: struct('TPM2_PolicySigned', {
    timeout: doc('when it ends', TPM2B_TIMEOUT),
    policyTicket: doc('that the TPM checked it', TPMT_TK_AUTH),
  }),
})

export const PolicySecret = declare({
  code: CC.PolicySecret,
  name: 'TPM2_PolicySecret',
  section: 'Part 3, 23.4',
  handles: {
    authHandle: { codec: TPMI_DH_ENTITY, auth: 'user', doc: 'the entity whose secret is proved' },
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicySecret', {
    nonceTPM: doc('nonce of the session; empty to leave the session open', TPM2B_NONCE),
    cpHashA: doc('digest of the only command that it approves; empty for any', TPM2B_DIGEST),
    policyRef: doc('what the signer says it is about', TPM2B_NONCE),
    expiration: doc('seconds it stays good; negative asks for a ticket', INT32),
  }),
  returns: struct('TPM2_PolicySecret', {
    timeout: doc('when it ends', TPM2B_TIMEOUT),
    policyTicket: doc('that the TPM checked it', TPMT_TK_AUTH),
  }),
})

export const PolicyTicket = declare({
  code: CC.PolicyTicket,
  name: 'TPM2_PolicyTicket',
  section: 'Part 3, 23.5',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyTicket', {
    timeout: doc('when it ends', TPM2B_TIMEOUT),
    cpHashA: doc('digest of the only command that it approves; empty for any', TPM2B_DIGEST),
    policyRef: doc('what the signer says it is about', TPM2B_NONCE),
    authName: doc('Name of the entity that authorized', TPM2B_NAME),
    ticket: doc('from TPM2_PolicySigned or TPM2_PolicySecret', TPMT_TK_AUTH),
  }),
})

export const PolicyAuthorize = declare({
  code: CC.PolicyAuthorize,
  name: 'TPM2_PolicyAuthorize',
  section: 'Part 3, 23.16',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyAuthorize', {
    approvedPolicy: doc('digest of the approved policy', TPM2B_DIGEST),
    policyRef: doc('what the signer says it is about', TPM2B_NONCE),
    keySign: doc('Name of the key that approved it', TPM2B_NAME),
    checkTicket: doc('that this TPM verified the approval', TPMT_TK_VERIFIED),
  }),
})

export const PolicyNV = declare({
  code: CC.PolicyNV,
  name: 'TPM2_PolicyNV',
  section: 'Part 3, 23.9',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'who authorizes it' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the NV Index' },
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyNV', {
    operandB: doc('what to compare with', TPM2B_OPERAND),
    offset: doc('where in the data', u16),
    operation: doc('how to compare', TPM_EO),
  }),
})

export const PolicyAuthorizeNV = declare({
  code: CC.PolicyAuthorizeNV,
  name: 'TPM2_PolicyAuthorizeNV',
  section: 'Part 3, 23.22',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'who authorizes it' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the NV Index' },
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
})
