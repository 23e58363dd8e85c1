// Declarations: contexts. Part 3, 28.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPMI_DH_CONTEXT, TPMI_DH_PERSISTENT, TPMI_RH_PROVISION } from '../handle-types.ts'
import { TPMS_CONTEXT } from '../private.ts'

export const FlushContext = declare({
  code: CC.FlushContext,
  name: 'TPM2_FlushContext',
  section: 'Part 3, 28.4',
  params: struct('TPM2_FlushContext', { flushHandle: doc('what to remove', TPMI_DH_CONTEXT) }),
  noSessions: true,
})

export const ContextSave = declare({
  code: CC.ContextSave,
  name: 'TPM2_ContextSave',
  section: 'Part 3, 28.2',
  handles: {
    saveHandle: { codec: TPMI_DH_CONTEXT, doc: 'what to save' },
  },
  returns: struct('TPM2_ContextSave', {
    context: doc('the saved context, encrypted and bound to this TPM', TPMS_CONTEXT),
  }),
  noSessions: true,
})

export const ContextLoad = declare({
  code: CC.ContextLoad,
  name: 'TPM2_ContextLoad',
  section: 'Part 3, 28.3',
  params: struct('TPM2_ContextLoad', {
    context: doc('the saved context', TPMS_CONTEXT),
  }),
  responseHandle: { name: 'loadedHandle', codec: TPMI_DH_CONTEXT, doc: 'what was loaded' },
  noSessions: true,
})

export const EvictControl = declare({
  code: CC.EvictControl,
  name: 'TPM2_EvictControl',
  section: 'Part 3, 28.5',
  handles: {
    auth: { codec: TPMI_RH_PROVISION, auth: 'user', doc: 'owner or platform' },
    objectHandle: { codec: TPMI_DH_OBJECT, doc: 'the object' },
  },
  params: struct('TPM2_EvictControl', {
    persistentHandle: doc('where the object persists', TPMI_DH_PERSISTENT),
  }),
  nv: true,
})
