// Declarations: making and loading objects, credentials, sealed data. Part 3, 12.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import {
  TPM2B_AUTH,
  TPM2B_DATA,
  TPM2B_DIGEST,
  TPM2B_NAME,
  TPM2B_SENSITIVE_DATA,
  TPML_PCR_SELECTION,
  TPMT_TK_CREATION,
} from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT, TPM_HANDLE } from '../handles.ts'
import { TPMI_DH_PARENT } from '../handle-types.ts'
import { TPM2B_CREATION_DATA, TPM2B_PUBLIC, TPM2B_SENSITIVE_CREATE } from '../keys.ts'
import { TPM2B_ENCRYPTED_SECRET } from '../policy.ts'
import { TPM2B_ID_OBJECT, TPM2B_PRIVATE, TPM2B_TEMPLATE } from '../private.ts'

export const Create = declare({
  code: CC.Create,
  name: 'TPM2_Create',
  section: 'Part 3, 12.1',
  handles: {
    parentHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the parent' },
  },
  params: struct('TPM2_Create', {
    inSensitive: doc('authValue and given secret data of the new object', TPM2B_SENSITIVE_CREATE),
    inPublic: doc('the template', TPM2B_PUBLIC),
    outsideInfo: doc('whatever the caller wants in the creation data', TPM2B_DATA),
    creationPCR: doc('PCRs whose values go into the creation data', TPML_PCR_SELECTION),
  }),
  returns: struct('TPM2_Create', {
    outPrivate: doc('the private part, encrypted by the parent', TPM2B_PRIVATE),
    outPublic: doc('the public area', TPM2B_PUBLIC),
    creationData: doc('under which circumstances the object was made', TPM2B_CREATION_DATA),
    creationHash: doc('digest of the creation data', TPM2B_DIGEST),
    creationTicket: doc('that this TPM made the object so', TPMT_TK_CREATION),
  }),
})

export const Load = declare({
  code: CC.Load,
  name: 'TPM2_Load',
  section: 'Part 3, 12.2',
  handles: {
    parentHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the parent' },
  },
  params: struct('TPM2_Load', {
    inPrivate: doc('the private part, encrypted by the parent', TPM2B_PRIVATE),
    inPublic: doc('the public part', TPM2B_PUBLIC),
  }),
  responseHandle: { name: 'objectHandle', codec: TPM_HANDLE, doc: 'the object' },
  returns: struct('TPM2_Load', {
    name: doc('the Name: nameAlg and the digest of the public area', TPM2B_NAME),
  }),
})

export const ActivateCredential = declare({
  code: CC.ActivateCredential,
  name: 'TPM2_ActivateCredential',
  section: 'Part 3, 12.5',
  handles: {
    activateHandle: { codec: TPMI_DH_OBJECT, auth: 'admin', doc: 'the object that the credential is for' },
    keyHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the key that the credential was encrypted to' },
  },
  params: struct('TPM2_ActivateCredential', {
    credentialBlob: doc('the encrypted credential with its HMAC', TPM2B_ID_OBJECT),
    secret: doc("the seed of the credential's keys, encrypted to the key", TPM2B_ENCRYPTED_SECRET),
  }),
  returns: struct('TPM2_ActivateCredential', {
    certInfo: doc('the credential', TPM2B_DIGEST),
  }),
})

export const MakeCredential = declare({
  code: CC.MakeCredential,
  name: 'TPM2_MakeCredential',
  section: 'Part 3, 12.6',
  handles: {
    handle: { codec: TPMI_DH_OBJECT, doc: 'the public key' },
  },
  params: struct('TPM2_MakeCredential', {
    credential: doc('the secret to protect', TPM2B_DIGEST),
    objectName: doc('Name of the object that may have it', TPM2B_NAME),
  }),
  returns: struct('TPM2_MakeCredential', {
    credentialBlob: doc('the encrypted credential with its HMAC', TPM2B_ID_OBJECT),
    secret: doc("the seed of the credential's keys, encrypted to the key", TPM2B_ENCRYPTED_SECRET),
  }),
})

export const Unseal = declare({
  code: CC.Unseal,
  name: 'TPM2_Unseal',
  section: 'Part 3, 12.7',
  handles: {
    itemHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the sealed data object' },
  },
  returns: struct('TPM2_Unseal', {
    outData: doc('the sealed data', TPM2B_SENSITIVE_DATA),
  }),
})

export const ObjectChangeAuth = declare({
  code: CC.ObjectChangeAuth,
  name: 'TPM2_ObjectChangeAuth',
  section: 'Part 3, 12.8',
  handles: {
    objectHandle: { codec: TPMI_DH_OBJECT, auth: 'admin', doc: 'the object' },
    parentHandle: { codec: TPMI_DH_OBJECT, doc: 'the parent' },
  },
  params: struct('TPM2_ObjectChangeAuth', {
    newAuth: doc('the new authValue', TPM2B_AUTH),
  }),
  returns: struct('TPM2_ObjectChangeAuth', {
    outPrivate: doc('the private part, encrypted by the parent', TPM2B_PRIVATE),
  }),
})

export const CreateLoaded = declare({
  code: CC.CreateLoaded,
  name: 'TPM2_CreateLoaded',
  section: 'Part 3, 12.9',
  handles: {
    parentHandle: { codec: TPMI_DH_PARENT, auth: 'user', doc: 'the parent' },
  },
  params: struct('TPM2_CreateLoaded', {
    inSensitive: doc('authValue and given secret data of the new object', TPM2B_SENSITIVE_CREATE),
    inPublic: doc('the template', TPM2B_TEMPLATE),
  }),
  responseHandle: { name: 'objectHandle', codec: TPM_HANDLE, doc: 'the object' },
  returns: struct('TPM2_CreateLoaded', {
    outPrivate: doc('the private part, encrypted by the parent', TPM2B_PRIVATE),
    outPublic: doc('the public area', TPM2B_PUBLIC),
    name: doc('the Name: nameAlg and the digest of the public area', TPM2B_NAME),
  }),
})
