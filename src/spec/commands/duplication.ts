// Declarations: duplication. Part 3, 13.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_DATA, TPM2B_NAME } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPMI_DH_OBJECT_OR_NULL } from '../handle-types.ts'
import { TPM2B_PUBLIC, TPMT_SYM_DEF_OBJECT_OR_NULL } from '../keys.ts'
import { TPM2B_ENCRYPTED_SECRET } from '../policy.ts'
import { TPM2B_PRIVATE } from '../private.ts'

export const Duplicate = declare({
  code: CC.Duplicate,
  name: 'TPM2_Duplicate',
  section: 'Part 3, 13.1',
  handles: {
    objectHandle: { codec: TPMI_DH_OBJECT, auth: 'dup', doc: 'the object' },
    newParentHandle: { codec: TPMI_DH_OBJECT_OR_NULL, doc: 'the new parent; TPM_RH_NULL for none' },
  },
  params: struct('TPM2_Duplicate', {
    encryptionKeyIn: doc('key of the inner wrapping; empty to let the TPM make one', TPM2B_DATA),
    symmetricAlg: doc('algorithm of the inner wrapping; TPM_ALG_NULL for none', TPMT_SYM_DEF_OBJECT_OR_NULL),
  }),
  returns: struct('TPM2_Duplicate', {
    encryptionKeyOut: doc('the key that the TPM made for the inner wrapping', TPM2B_DATA),
    duplicate: doc('the private part, wrapped for the new parent', TPM2B_PRIVATE),
    outSymSeed: doc('the seed of the outer wrapping, encrypted to the new parent', TPM2B_ENCRYPTED_SECRET),
  }),
})

export const Rewrap = declare({
  code: CC.Rewrap,
  name: 'TPM2_Rewrap',
  section: 'Part 3, 13.2',
  handles: {
    oldParent: { codec: TPMI_DH_OBJECT_OR_NULL, auth: 'user', doc: 'the parent that the duplicate is wrapped for' },
    newParent: { codec: TPMI_DH_OBJECT_OR_NULL, doc: 'the parent to wrap it for' },
  },
  params: struct('TPM2_Rewrap', {
    inDuplicate: doc('the wrapped private part', TPM2B_PRIVATE),
    name: doc('the Name: nameAlg and the digest of the public area', TPM2B_NAME),
    inSymSeed: doc('the seed of the outer wrapping', TPM2B_ENCRYPTED_SECRET),
  }),
  returns: struct('TPM2_Rewrap', {
    outDuplicate: doc('the private part, wrapped anew', TPM2B_PRIVATE),
    outSymSeed: doc('the seed of the outer wrapping, encrypted to the new parent', TPM2B_ENCRYPTED_SECRET),
  }),
})

export const Import = declare({
  code: CC.Import,
  name: 'TPM2_Import',
  section: 'Part 3, 13.3',
  handles: {
    parentHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the parent' },
  },
  params: struct('TPM2_Import', {
    encryptionKey: doc('key of the inner wrapping', TPM2B_DATA),
    objectPublic: doc('the public area of the object', TPM2B_PUBLIC),
    duplicate: doc('the private part, wrapped for the new parent', TPM2B_PRIVATE),
    inSymSeed: doc('the seed of the outer wrapping', TPM2B_ENCRYPTED_SECRET),
    symmetricAlg: doc('algorithm of the inner wrapping; TPM_ALG_NULL for none', TPMT_SYM_DEF_OBJECT_OR_NULL),
  }),
  returns: struct('TPM2_Import', {
    outPrivate: doc('the private part, encrypted by the parent', TPM2B_PRIVATE),
  }),
})
