// Declarations: TPM2_Hash. Part 3, 15.

import { doc } from '../../codec/codec.ts'
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
  params: struct('TPM2_Hash', {
    data: doc('what is hashed', TPM2B_MAX_BUFFER),
    hashAlg: doc('with which hash', TPMI_ALG_HASH),
    hierarchy: doc('whose proof makes the ticket', TPMI_RH_HIERARCHY),
  }),
  returns: struct('TPM2_Hash', {
    outHash: doc('the digest', TPM2B_DIGEST),
    validation: doc('that the data did not look like a structure of the TPM', TPMT_TK_HASHCHECK),
  }),
})
