// Declarations: objects loaded from outside and their public parts. Part 3, 12.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPM2B_NAME } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPM_HANDLE, TPMI_DH_OBJECT, TPMI_RH_HIERARCHY } from '../handles.ts'
import { TPM2B_PUBLIC_OR_NULL, TPM2B_SENSITIVE } from '../keys.ts'

export const LoadExternal = declare({
  code: CC.LoadExternal,
  name: 'TPM2_LoadExternal',
  section: 'Part 3, 12.3',
  params: struct('TPM2_LoadExternal', {
    inPrivate: doc('the private part in the clear; empty for a public key', TPM2B_SENSITIVE),
    inPublic: doc('the public part', TPM2B_PUBLIC_OR_NULL),
    hierarchy: doc('where the object belongs; TPM_RH_NULL with a private part', TPMI_RH_HIERARCHY),
  }),
  responseHandle: { name: 'objectHandle', codec: TPM_HANDLE, doc: 'the loaded object' },
  returns: struct('TPM2_LoadExternal', {
    name: doc('the Name: nameAlg and the digest of the public area', TPM2B_NAME),
  }),
})

export const ReadPublic = declare({
  code: CC.ReadPublic,
  name: 'TPM2_ReadPublic',
  section: 'Part 3, 12.4',
  handles: { objectHandle: { codec: TPMI_DH_OBJECT, doc: 'the object' } },
  returns: struct('TPM2_ReadPublic', {
    outPublic: doc('the public area', TPM2B_PUBLIC_OR_NULL),
    name: doc('the Name: nameAlg and the digest of the public area', TPM2B_NAME),
    qualifiedName: doc('the Name together with those of all its ancestors', TPM2B_NAME),
  }),
})
