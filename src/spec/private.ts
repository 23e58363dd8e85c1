// What leaves the TPM encrypted: private parts, credentials, contexts; and the template that TPM2_CreateLoaded takes as
// plain octets. Part 2, 12.2.6, 12.3.5 to 12.4.3 and 14.

import type { Of } from '../codec/codec.ts'
import { flags, sized, struct, u64 } from '../codec/combinators.ts'
import { bit, masks } from './attributes.ts'
import { TPM2B_DIGEST, TPM2B_NAME } from './base.ts'
import { TPMI_RH_HIERARCHY } from './handles.ts'
import { TPMI_DH_SAVED } from './handle-types.ts'
import { TPM2B_SENSITIVE, TPMT_PUBLIC } from './keys.ts'

/** Two integrity values and the largest sensitive area, with room for a vendor's padding. */
export const TPM2B_PRIVATE = sized('TPM2B_PRIVATE', 1024, { source: 'Part 2, 12.3.7, Table 243' })
export const TPM2B_ID_OBJECT = sized('TPM2B_ID_OBJECT', 132, { source: 'Part 2, 12.4.3, Table 245' })
export const TPM2B_TEMPLATE = sized('TPM2B_TEMPLATE', 2720, { source: 'Part 2, 12.2.6, Table 237' })

/** An HMAC before what it protects: the content of private parts and credentials, once decrypted. */
export const INTEGRITY = TPM2B_DIGEST

/** As large as a sequence may grow: its message is part of the context. */
export const TPM2B_CONTEXT_DATA = sized('TPM2B_CONTEXT_DATA', 0xffff, { source: 'Part 2, 14.4, Table 259' })
export const TPMS_CONTEXT = struct(
  'TPMS_CONTEXT',
  {
    sequence: u64,
    savedHandle: TPMI_DH_SAVED,
    hierarchy: TPMI_RH_HIERARCHY,
    contextBlob: TPM2B_CONTEXT_DATA,
  },
  'Part 2, 14.5, Table 260',
)
export type SavedContext = Of<typeof TPMS_CONTEXT>

const SAVED_OBJECT_FLAGS = { external: bit(0), primary: bit(1) } as const
/** Loaded by TPM2_LoadExternal; made by TPM2_CreatePrimary. */
export const SAVED_AS = masks(SAVED_OBJECT_FLAGS)

/** An object inside the blob of its context: what stands there is the vendor's to choose. Part 2, 14.3. */
export const SAVED_OBJECT = struct('saved object', {
  flags: flags('flags', 1, SAVED_OBJECT_FLAGS),
  hierarchy: TPMI_RH_HIERARCHY,
  publicArea: TPMT_PUBLIC,
  sensitive: TPM2B_SENSITIVE,
  name: TPM2B_NAME,
  qualifiedName: TPM2B_NAME,
})
