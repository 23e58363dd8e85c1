// Declarations: hierarchies. Part 3, 24.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_DATA, TPM2B_DIGEST, TPM2B_NAME, TPML_PCR_SELECTION, TPMT_TK_CREATION } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPM_HANDLE, TPMI_RH_HIERARCHY } from '../handles.ts'
import { TPM2B_CREATION_DATA, TPM2B_PUBLIC, TPM2B_SENSITIVE_CREATE } from '../keys.ts'

export const CreatePrimary = declare({
  code: CC.CreatePrimary,
  name: 'TPM2_CreatePrimary',
  section: 'Part 3, 24.1',
  handles: { primaryHandle: { codec: TPMI_RH_HIERARCHY, auth: 'user', doc: 'the hierarchy' } },
  params: struct('TPM2_CreatePrimary', {
    inSensitive: doc('authValue and given secret data of the new object', TPM2B_SENSITIVE_CREATE),
    inPublic: doc('the template', TPM2B_PUBLIC),
    outsideInfo: doc('whatever the caller wants in the creation data', TPM2B_DATA),
    creationPCR: doc('PCRs whose values go into the creation data', TPML_PCR_SELECTION),
  }),
  responseHandle: { name: 'objectHandle', codec: TPM_HANDLE, doc: 'the primary object' },
  returns: struct('TPM2_CreatePrimary', {
    outPublic: doc('the public area with the public key', TPM2B_PUBLIC),
    creationData: doc('under which circumstances the object was made', TPM2B_CREATION_DATA),
    creationHash: doc('digest of the creation data', TPM2B_DIGEST),
    creationTicket: doc('that this TPM made the object so', TPMT_TK_CREATION),
    name: doc('the Name: nameAlg and the digest of the public area', TPM2B_NAME),
  }),
})
