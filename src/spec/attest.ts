// What a TPM attests: one structure around what each attestation command has to say. Part 2, 10.11.

import type { Of } from '../codec/codec.ts'
import { choice, sized, sizedOf, struct, u16, u64, variant } from '../codec/combinators.ts'
import { TPM_ALG_ID } from './algorithms.ts'
import { TPM2B_DATA, TPM2B_DIGEST, TPM2B_NAME, TPML_PCR_SELECTION, TPMS_CLOCK_INFO, TPMS_TIME_INFO } from './base.ts'
import { GENERATED_VALUE, ST, tag, TPMI_YES_NO } from './codes.ts'

export const TPMS_TIME_ATTEST_INFO = struct(
  'TPMS_TIME_ATTEST_INFO',
  { time: TPMS_TIME_INFO, firmwareVersion: u64 },
  'Part 2, 10.11.2, Table 144',
)
export const TPMS_CERTIFY_INFO = struct(
  'TPMS_CERTIFY_INFO',
  { name: TPM2B_NAME, qualifiedName: TPM2B_NAME },
  'Part 2, 10.11.3, Table 145',
)
export const TPMS_QUOTE_INFO = struct(
  'TPMS_QUOTE_INFO',
  { pcrSelect: TPML_PCR_SELECTION, pcrDigest: TPM2B_DIGEST },
  'Part 2, 10.11.4, Table 146',
)
export const TPMS_COMMAND_AUDIT_INFO = struct(
  'TPMS_COMMAND_AUDIT_INFO',
  { auditCounter: u64, digestAlg: TPM_ALG_ID, auditDigest: TPM2B_DIGEST, commandDigest: TPM2B_DIGEST },
  'Part 2, 10.11.5, Table 147',
)
export const TPMS_SESSION_AUDIT_INFO = struct(
  'TPMS_SESSION_AUDIT_INFO',
  { exclusiveSession: TPMI_YES_NO, sessionDigest: TPM2B_DIGEST },
  'Part 2, 10.11.6, Table 148',
)
export const TPMS_CREATION_INFO = struct(
  'TPMS_CREATION_INFO',
  { objectName: TPM2B_NAME, creationHash: TPM2B_DIGEST },
  'Part 2, 10.11.7, Table 149',
)
/** The largest piece of an NV Index that any profile reads at once. */
const LARGEST_NV_BUFFER = 2048
export const TPMS_NV_CERTIFY_INFO = struct(
  'TPMS_NV_CERTIFY_INFO',
  {
    indexName: TPM2B_NAME,
    offset: u16,
    nvContents: sized('TPM2B_MAX_NV_BUFFER', LARGEST_NV_BUFFER, { source: 'Part 2, 10.3.9, Table 97' }),
  },
  'Part 2, 10.11.8, Table 150',
)
export const TPMS_NV_DIGEST_CERTIFY_INFO = struct(
  'TPMS_NV_DIGEST_CERTIFY_INFO',
  { indexName: TPM2B_NAME, nvDigest: TPM2B_DIGEST },
  'Part 2, 10.11.9, Table 151',
)

const ARMS = {
  [ST.ATTEST_CERTIFY]: { attested: TPMS_CERTIFY_INFO },
  [ST.ATTEST_CREATION]: { attested: TPMS_CREATION_INFO },
  [ST.ATTEST_QUOTE]: { attested: TPMS_QUOTE_INFO },
  [ST.ATTEST_COMMAND_AUDIT]: { attested: TPMS_COMMAND_AUDIT_INFO },
  [ST.ATTEST_SESSION_AUDIT]: { attested: TPMS_SESSION_AUDIT_INFO },
  [ST.ATTEST_TIME]: { attested: TPMS_TIME_ATTEST_INFO },
  [ST.ATTEST_NV]: { attested: TPMS_NV_CERTIFY_INFO },
  [ST.ATTEST_NV_DIGEST]: { attested: TPMS_NV_DIGEST_CERTIFY_INFO },
}
const source = 'Part 2, 10.11.12, Table 154'
/** The selector stands after the magic number, so that what it selects is a structure inside. */
const TYPED = variant(
  'TPMS_ATTEST from type on',
  'type',
  tag(...Object.keys(ARMS).map(Number)),
  {
    qualifiedSigner: TPM2B_NAME,
    extraData: TPM2B_DATA,
    clockInfo: TPMS_CLOCK_INFO,
    firmwareVersion: u64,
  },
  ARMS,
  { reason: 'tag', source },
)
const TPM_GENERATED = choice(
  'TPM_CONSTANTS32',
  4,
  { [GENERATED_VALUE]: 'TPM_GENERATED_VALUE' },
  'value',
  'Part 2, 6.2, Table 7',
)
export const TPMS_ATTEST = struct('TPMS_ATTEST', { magic: TPM_GENERATED, statement: TYPED }, source)
export type Attest = Of<typeof TPMS_ATTEST>
/** What an attestation says: its type and what that selects. */
export type Statement = Attest['statement'] extends infer S
  ? S extends { readonly type: infer T; readonly attested: infer A }
    ? { readonly type: T; readonly attested: A }
    : never
  : never
export const TPM2B_ATTEST = sizedOf('TPM2B_ATTEST', TPMS_ATTEST, 'Part 2, 10.11.13, Table 155')
