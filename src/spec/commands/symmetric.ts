// Declarations: TPM2_Hash. Part 3, 15.

import { struct } from '../../codec/combinators.ts'
import { TPMI_ALG_HASH } from '../algorithms.ts'
import { TPM2B_DIGEST, TPM2B_MAX_BUFFER, TPMT_TK_HASHCHECK } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_RH_HIERARCHY } from '../handles.ts'

export const Hash = declare({
  code: CC.Hash,
  name: 'TPM2_Hash',
  section: 'Part 3, 15.4',
  doc: 'The digest of data in one go, with a ticket that lets a restricted key sign it.',
  params: struct('TPM2_Hash', { data: TPM2B_MAX_BUFFER, hashAlg: TPMI_ALG_HASH, hierarchy: TPMI_RH_HIERARCHY }),
  returns: struct('TPM2_Hash', { outHash: TPM2B_DIGEST, validation: TPMT_TK_HASHCHECK }),
})
