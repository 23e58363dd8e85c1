// Declarations: NV Indexes. Part 3, 31.

import { doc } from '../../codec/codec.ts'
import { struct, u16, u64 } from '../../codec/combinators.ts'
import { TPM2B_AUTH, TPM2B_DATA, TPM2B_NAME } from '../base.ts'
import { TPM2B_ATTEST } from '../attest.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import {
  TPMI_DH_OBJECT_OR_NULL,
  TPMI_RH_NV_AUTH,
  TPMI_RH_NV_INDEX,
  TPMI_RH_PLATFORM,
  TPMI_RH_PROVISION,
} from '../handle-types.ts'
import { TPMI_RH_NV_DEFINED_INDEX } from '../handles.ts'
import { TPMT_SIG_SCHEME, TPMT_SIGNATURE_OR_NULL } from '../keys.ts'
import { TPM2B_MAX_NV_BUFFER, TPM2B_NV_PUBLIC, TPM2B_NV_PUBLIC_2 } from '../nv.ts'

export const NV_DefineSpace = declare({
  code: CC.NV_DefineSpace,
  name: 'TPM2_NV_DefineSpace',
  section: 'Part 3, 31.3',
  handles: {
    authHandle: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' },
  },
  params: struct('TPM2_NV_DefineSpace', {
    auth: doc('the authValue of the Index', TPM2B_AUTH),
    publicInfo: doc('attributes, policy and size', TPM2B_NV_PUBLIC),
  }),
  nv: true,
})

export const NV_UndefineSpace = declare({
  code: CC.NV_UndefineSpace,
  name: 'TPM2_NV_UndefineSpace',
  section: 'Part 3, 31.4',
  handles: {
    authHandle: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' },
    nvIndex: { codec: TPMI_RH_NV_DEFINED_INDEX, doc: 'the Index' },
  },
  nv: true,
})

export const NV_UndefineSpaceSpecial = declare({
  code: CC.NV_UndefineSpaceSpecial,
  name: 'TPM2_NV_UndefineSpaceSpecial',
  section: 'Part 3, 31.5',
  handles: {
    nvIndex: { codec: TPMI_RH_NV_DEFINED_INDEX, auth: 'admin', doc: 'the Index' },
    platform: { codec: TPMI_RH_PLATFORM, auth: 'user', doc: 'the platform' },
  },
  nv: true,
})

export const NV_ReadPublic = declare({
  code: CC.NV_ReadPublic,
  name: 'TPM2_NV_ReadPublic',
  section: 'Part 3, 31.6',
  handles: {
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  returns: struct('TPM2_NV_ReadPublic', {
    nvPublic: doc('the public area', TPM2B_NV_PUBLIC),
    nvName: doc('the Name of the Index', TPM2B_NAME),
  }),
})

export const NV_Write = declare({
  code: CC.NV_Write,
  name: 'TPM2_NV_Write',
  section: 'Part 3, 31.7',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  params: struct('TPM2_NV_Write', {
    data: doc('what to write', TPM2B_MAX_NV_BUFFER),
    offset: doc('where to begin', u16),
  }),
  nv: true,
})

export const NV_Increment = declare({
  code: CC.NV_Increment,
  name: 'TPM2_NV_Increment',
  section: 'Part 3, 31.8',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  nv: true,
})

export const NV_Extend = declare({
  code: CC.NV_Extend,
  name: 'TPM2_NV_Extend',
  section: 'Part 3, 31.9',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  params: struct('TPM2_NV_Extend', {
    data: doc('what to fold in', TPM2B_MAX_NV_BUFFER),
  }),
  nv: true,
})

export const NV_SetBits = declare({
  code: CC.NV_SetBits,
  name: 'TPM2_NV_SetBits',
  section: 'Part 3, 31.10',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  params: struct('TPM2_NV_SetBits', {
    bits: doc('the bits to set', u64),
  }),
  nv: true,
})

export const NV_WriteLock = declare({
  code: CC.NV_WriteLock,
  name: 'TPM2_NV_WriteLock',
  section: 'Part 3, 31.11',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  nv: true,
})

export const NV_GlobalWriteLock = declare({
  code: CC.NV_GlobalWriteLock,
  name: 'TPM2_NV_GlobalWriteLock',
  section: 'Part 3, 31.12',
  handles: {
    authHandle: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' },
  },
  nv: true,
})

export const NV_Read = declare({
  code: CC.NV_Read,
  name: 'TPM2_NV_Read',
  section: 'Part 3, 31.13',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  params: struct('TPM2_NV_Read', {
    size: doc('how many octets', u16),
    offset: doc('where to begin', u16),
  }),
  returns: struct('TPM2_NV_Read', {
    data: doc('what was read', TPM2B_MAX_NV_BUFFER),
  }),
})

export const NV_ReadLock = declare({
  code: CC.NV_ReadLock,
  name: 'TPM2_NV_ReadLock',
  section: 'Part 3, 31.14',
  handles: {
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  nv: true,
})

export const NV_ChangeAuth = declare({
  code: CC.NV_ChangeAuth,
  name: 'TPM2_NV_ChangeAuth',
  section: 'Part 3, 31.15',
  handles: {
    nvIndex: { codec: TPMI_RH_NV_DEFINED_INDEX, auth: 'admin', doc: 'the Index' },
  },
  params: struct('TPM2_NV_ChangeAuth', {
    newAuth: doc('the new authValue', TPM2B_AUTH),
  }),
  nv: true,
})

export const NV_DefineSpace2 = declare({
  code: CC.NV_DefineSpace2,
  name: 'TPM2_NV_DefineSpace2',
  section: 'Part 3, 31.17',
  handles: {
    authHandle: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' },
  },
  params: struct('TPM2_NV_DefineSpace2', {
    auth: doc('the authValue of the Index', TPM2B_AUTH),
    publicInfo: doc('kind, attributes, policy and size', TPM2B_NV_PUBLIC_2),
  }),
  nv: true,
  since: 183,
})

export const NV_ReadPublic2 = declare({
  code: CC.NV_ReadPublic2,
  name: 'TPM2_NV_ReadPublic2',
  section: 'Part 3, 31.18',
  handles: {
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  returns: struct('TPM2_NV_ReadPublic2', {
    nvPublic: doc('the public area', TPM2B_NV_PUBLIC_2),
    nvName: doc('the Name of the Index', TPM2B_NAME),
  }),
  since: 183,
})

export const NV_Certify = declare({
  code: CC.NV_Certify,
  name: 'TPM2_NV_Certify',
  section: 'Part 3, 31.16',
  handles: {
    signHandle: { codec: TPMI_DH_OBJECT_OR_NULL, auth: 'user', doc: 'the signing key; TPM_RH_NULL for no signature' },
    authHandle: { codec: TPMI_RH_NV_AUTH, auth: 'user', doc: 'owner, platform or the Index itself' },
    nvIndex: { codec: TPMI_RH_NV_INDEX, doc: 'the Index' },
  },
  params: struct('TPM2_NV_Certify', {
    qualifyingData: doc('data of the caller that the statement takes along', TPM2B_DATA),
    inScheme: doc('the scheme, where the key leaves it open', TPMT_SIG_SCHEME),
    size: doc('how many octets; 0 with offset 0 for a digest of all', u16),
    offset: doc('where to begin', u16),
  }),
  returns: struct('TPM2_NV_Certify', {
    certifyInfo: doc('the statement', TPM2B_ATTEST),
    signature: doc('the signature over the statement', TPMT_SIGNATURE_OR_NULL),
  }),
})
