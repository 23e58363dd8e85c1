// Declarations: policies about the state of the TPM and about the command. Part 3, 23.

import { doc } from '../../codec/codec.ts'
import { struct, u16, u32 } from '../../codec/combinators.ts'
import { TPMA_LOCALITY } from '../attributes.ts'
import { TPM2B_DIGEST, TPM2B_NAME, TPML_DIGEST, TPML_PCR_SELECTION } from '../base.ts'
import { CC, TPMI_YES_NO, TPM_CAP, TPM_CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_SH_POLICY } from '../handle-types.ts'
import { TPM2B_OPERAND, TPM_EO } from '../policy.ts'

export const PolicyOR = declare({
  code: CC.PolicyOR,
  name: 'TPM2_PolicyOR',
  section: 'Part 3, 23.6',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyOR', {
    pHashList: doc('digests of the policies of which one must be met', TPML_DIGEST),
  }),
})

export const PolicyPCR = declare({
  code: CC.PolicyPCR,
  name: 'TPM2_PolicyPCR',
  section: 'Part 3, 23.7',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyPCR', {
    pcrDigest: doc('digest of the selected PCRs; empty for their present values', TPM2B_DIGEST),
    pcrs: doc('the PCRs', TPML_PCR_SELECTION),
  }),
})

export const PolicyLocality = declare({
  code: CC.PolicyLocality,
  name: 'TPM2_PolicyLocality',
  section: 'Part 3, 23.8',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyLocality', {
    locality: doc('localities at which the policy can be met', TPMA_LOCALITY),
  }),
})

export const PolicyCounterTimer = declare({
  code: CC.PolicyCounterTimer,
  name: 'TPM2_PolicyCounterTimer',
  section: 'Part 3, 23.10',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyCounterTimer', {
    operandB: doc('what to compare with', TPM2B_OPERAND),
    offset: doc('where in the data', u16),
    operation: doc('how to compare', TPM_EO),
  }),
})

export const PolicyCommandCode = declare({
  code: CC.PolicyCommandCode,
  name: 'TPM2_PolicyCommandCode',
  section: 'Part 3, 23.11',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyCommandCode', {
    code: doc('the command', TPM_CC),
  }),
})

export const PolicyPhysicalPresence = declare({
  code: CC.PolicyPhysicalPresence,
  name: 'TPM2_PolicyPhysicalPresence',
  section: 'Part 3, 23.12',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
})

export const PolicyCpHash = declare({
  code: CC.PolicyCpHash,
  name: 'TPM2_PolicyCpHash',
  section: 'Part 3, 23.13',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyCpHash', {
    cpHashA: doc('digest of the only command that it approves; empty for any', TPM2B_DIGEST),
  }),
})

export const PolicyNameHash = declare({
  code: CC.PolicyNameHash,
  name: 'TPM2_PolicyNameHash',
  section: 'Part 3, 23.14',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyNameHash', {
    nameHash: doc('digest of the Names of all handles', TPM2B_DIGEST),
  }),
})

export const PolicyDuplicationSelect = declare({
  code: CC.PolicyDuplicationSelect,
  name: 'TPM2_PolicyDuplicationSelect',
  section: 'Part 3, 23.15',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyDuplicationSelect', {
    objectName: doc('Name of the object that may have it', TPM2B_NAME),
    newParentName: doc('Name of the new parent', TPM2B_NAME),
    includeObject: doc('whether the policy names the object too', TPMI_YES_NO),
  }),
})

export const PolicyAuthValue = declare({
  code: CC.PolicyAuthValue,
  name: 'TPM2_PolicyAuthValue',
  section: 'Part 3, 23.17',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
})

export const PolicyPassword = declare({
  code: CC.PolicyPassword,
  name: 'TPM2_PolicyPassword',
  section: 'Part 3, 23.18',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
})

export const PolicyGetDigest = declare({
  code: CC.PolicyGetDigest,
  name: 'TPM2_PolicyGetDigest',
  section: 'Part 3, 23.19',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  returns: struct('TPM2_PolicyGetDigest', {
    policyDigest: doc('the digest so far', TPM2B_DIGEST),
  }),
})

export const PolicyNvWritten = declare({
  code: CC.PolicyNvWritten,
  name: 'TPM2_PolicyNvWritten',
  section: 'Part 3, 23.20',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyNvWritten', {
    writtenSet: doc('whether the NV Index must have been written', TPMI_YES_NO),
  }),
})

export const PolicyTemplate = declare({
  code: CC.PolicyTemplate,
  name: 'TPM2_PolicyTemplate',
  section: 'Part 3, 23.21',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyTemplate', {
    templateHash: doc('digest of the template', TPM2B_DIGEST),
  }),
})

export const PolicyCapability = declare({
  code: CC.PolicyCapability,
  name: 'TPM2_PolicyCapability',
  section: 'Part 3, 23.23',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyCapability', {
    operandB: doc('what to compare with', TPM2B_OPERAND),
    offset: doc('where in the data', u16),
    operation: doc('how to compare', TPM_EO),
    capability: doc('which group', TPM_CAP),
    property: doc('which one of it', u32),
  }),
  since: 183,
})

export const PolicyParameters = declare({
  code: CC.PolicyParameters,
  name: 'TPM2_PolicyParameters',
  section: 'Part 3, 23.24',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyParameters', {
    pHash: doc('digest of the parameters', TPM2B_DIGEST),
  }),
  since: 183,
})

export const PolicyTransportSPDM = declare({
  code: CC.PolicyTransportSPDM,
  name: 'TPM2_PolicyTransportSPDM',
  section: 'Part 3, 23.25',
  handles: {
    policySession: { codec: TPMI_SH_POLICY, doc: 'the policy session' },
  },
  params: struct('TPM2_PolicyTransportSPDM', {
    reqKeyName: doc('Name of the key of the requester; empty for any', TPM2B_NAME),
    tpmKeyName: doc('Name of the key of the TPM; empty for any', TPM2B_NAME),
  }),
  since: 184,
})
