// Declarations: hierarchies. Part 3, 24.

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
  doc: 'Makes a key from the seed of a hierarchy and a template: the same template gives the same key.',
  handles: { primaryHandle: { codec: TPMI_RH_HIERARCHY, auth: 'user', doc: 'the hierarchy' } },
  params: struct('TPM2_CreatePrimary', {
    inSensitive: TPM2B_SENSITIVE_CREATE,
    inPublic: TPM2B_PUBLIC,
    outsideInfo: TPM2B_DATA,
    creationPCR: TPML_PCR_SELECTION,
  }),
  responseHandle: { name: 'objectHandle', codec: TPM_HANDLE, doc: 'the primary object' },
  returns: struct('TPM2_CreatePrimary', {
    outPublic: TPM2B_PUBLIC,
    creationData: TPM2B_CREATION_DATA,
    creationHash: TPM2B_DIGEST,
    creationTicket: TPMT_TK_CREATION,
    name: TPM2B_NAME,
  }),
})
