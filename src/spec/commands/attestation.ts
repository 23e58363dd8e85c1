// Declarations: statements of the TPM about itself and what it holds, signed by one of its keys. Part 3, 18.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_ATTEST } from '../attest.ts'
import { TPM2B_DATA, TPM2B_DIGEST, TPM2B_MAX_BUFFER, TPML_PCR_SELECTION, TPMT_TK_CREATION } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPMI_DH_OBJECT_OR_NULL, TPMI_RH_ENDORSEMENT, TPMI_SH_HMAC } from '../handle-types.ts'
import { TPMT_SIG_SCHEME, TPMT_SIGNATURE, TPMT_SIGNATURE_OR_NULL } from '../keys.ts'

const signHandle = {
  codec: TPMI_DH_OBJECT_OR_NULL,
  auth: 'user',
  doc: 'the key that signs; TPM_RH_NULL for a statement without signature',
} as const
const privacyAdmin = { codec: TPMI_RH_ENDORSEMENT, auth: 'user', doc: 'the administrator of privacy' } as const
const qualifyingData = doc('data of the caller that the statement repeats, for freshness', TPM2B_DATA)
const inScheme = doc('the scheme, where the key leaves it open', TPMT_SIG_SCHEME)
const statement = doc('the statement that was signed', TPM2B_ATTEST)
const signature = doc('the signature over the statement', TPMT_SIGNATURE_OR_NULL)

export const Certify = declare({
  code: CC.Certify,
  name: 'TPM2_Certify',
  section: 'Part 3, 18.2',
  handles: {
    objectHandle: { codec: TPMI_DH_OBJECT, auth: 'admin', doc: 'the object to certify' },
    signHandle,
  },
  params: struct('TPM2_Certify', { qualifyingData, inScheme }),
  returns: struct('TPM2_Certify', { certifyInfo: statement, signature }),
})

export const CertifyCreation = declare({
  code: CC.CertifyCreation,
  name: 'TPM2_CertifyCreation',
  section: 'Part 3, 18.3',
  handles: { signHandle, objectHandle: { codec: TPMI_DH_OBJECT, doc: 'the object of the creation data' } },
  params: struct('TPM2_CertifyCreation', {
    qualifyingData,
    creationHash: doc('the digest of the creation data', TPM2B_DIGEST),
    inScheme,
    creationTicket: doc('ticket: this TPM made the object so', TPMT_TK_CREATION),
  }),
  returns: struct('TPM2_CertifyCreation', { certifyInfo: statement, signature }),
})

export const Quote = declare({
  code: CC.Quote,
  name: 'TPM2_Quote',
  section: 'Part 3, 18.4',
  handles: { signHandle },
  params: struct('TPM2_Quote', { qualifyingData, inScheme, PCRselect: doc('the PCRs to quote', TPML_PCR_SELECTION) }),
  returns: struct('TPM2_Quote', { quoted: statement, signature }),
})

export const GetSessionAuditDigest = declare({
  code: CC.GetSessionAuditDigest,
  name: 'TPM2_GetSessionAuditDigest',
  section: 'Part 3, 18.5',
  handles: {
    privacyAdminHandle: privacyAdmin,
    signHandle,
    sessionHandle: { codec: TPMI_SH_HMAC, doc: 'the audit session' },
  },
  params: struct('TPM2_GetSessionAuditDigest', { qualifyingData, inScheme }),
  returns: struct('TPM2_GetSessionAuditDigest', { auditInfo: statement, signature }),
})

export const GetCommandAuditDigest = declare({
  code: CC.GetCommandAuditDigest,
  name: 'TPM2_GetCommandAuditDigest',
  section: 'Part 3, 18.6',
  handles: { privacyHandle: privacyAdmin, signHandle },
  params: struct('TPM2_GetCommandAuditDigest', { qualifyingData, inScheme }),
  returns: struct('TPM2_GetCommandAuditDigest', { auditInfo: statement, signature }),
  nv: true,
})

export const GetTime = declare({
  code: CC.GetTime,
  name: 'TPM2_GetTime',
  section: 'Part 3, 18.7',
  handles: { privacyAdminHandle: privacyAdmin, signHandle },
  params: struct('TPM2_GetTime', { qualifyingData, inScheme }),
  returns: struct('TPM2_GetTime', { timeInfo: statement, signature }),
})

export const CertifyX509 = declare({
  code: CC.CertifyX509,
  name: 'TPM2_CertifyX509',
  section: 'Part 3, 18.8',
  handles: {
    objectHandle: { codec: TPMI_DH_OBJECT, auth: 'admin', doc: 'the object to certify' },
    signHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the key that signs' },
  },
  params: struct('TPM2_CertifyX509', {
    reserved: doc('empty', TPM2B_DATA),
    inScheme,
    partialCertificate: doc('issuer, validity, subject and extensions in DER', TPM2B_MAX_BUFFER),
  }),
  returns: struct('TPM2_CertifyX509', {
    addedToCertificate: doc('what the TPM added, in DER', TPM2B_MAX_BUFFER),
    tbsDigest: doc('the digest that was signed', TPM2B_DIGEST),
    signature: doc('the signature over the certificate', TPMT_SIGNATURE),
  }),
})
