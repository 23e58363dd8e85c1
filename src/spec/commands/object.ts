// Declarations: objects loaded from outside and their public parts. Part 3, 12.

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
  doc: 'Loads a key that is not protected by this TPM: a public key, or a whole key that is in the clear.',
  params: struct('TPM2_LoadExternal', {
    inPrivate: TPM2B_SENSITIVE,
    inPublic: TPM2B_PUBLIC_OR_NULL,
    hierarchy: TPMI_RH_HIERARCHY,
  }),
  responseHandle: { name: 'objectHandle', codec: TPM_HANDLE, doc: 'the loaded object' },
  returns: struct('TPM2_LoadExternal', { name: TPM2B_NAME }),
})

export const ReadPublic = declare({
  code: CC.ReadPublic,
  name: 'TPM2_ReadPublic',
  section: 'Part 3, 12.4',
  doc: 'The public area of a loaded object, its Name and its Qualified Name.',
  handles: { objectHandle: { codec: TPMI_DH_OBJECT, doc: 'the object' } },
  returns: struct('TPM2_ReadPublic', { outPublic: TPM2B_PUBLIC_OR_NULL, name: TPM2B_NAME, qualifiedName: TPM2B_NAME }),
})
