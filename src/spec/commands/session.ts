// Declarations: sessions. Part 3, 11.

import { doc } from '../../codec/codec.ts'
import { struct } from '../../codec/combinators.ts'
import { TPMI_ALG_HASH } from '../algorithms.ts'
import { TPM2B_NONCE } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_SH_AUTH_SESSION } from '../handles.ts'
import { TPMI_DH_ENTITY_OR_NULL, TPMI_DH_OBJECT_OR_NULL, TPMI_SH_POLICY } from '../handle-types.ts'
import { TPMT_SYM_DEF_OR_NULL } from '../keys.ts'
import { TPM2B_ENCRYPTED_SECRET, TPM_SE } from '../policy.ts'

export const StartAuthSession = declare({
  code: CC.StartAuthSession,
  name: 'TPM2_StartAuthSession',
  section: 'Part 3, 11.1',
  handles: {
    tpmKey: {
      codec: TPMI_DH_OBJECT_OR_NULL,
      doc: 'key that the salt is encrypted to; TPM_RH_NULL for an unsalted session',
    },
    bind: {
      codec: TPMI_DH_ENTITY_OR_NULL,
      doc: 'entity whose authValue goes into the session key; TPM_RH_NULL for none',
    },
  },
  params: struct('TPM2_StartAuthSession', {
    nonceCaller: doc('fresh octets of the caller; their number is that of every nonceTPM', TPM2B_NONCE),
    encryptedSalt: doc('the salt, encrypted to tpmKey', TPM2B_ENCRYPTED_SECRET),
    sessionType: doc('HMAC, policy or trial', TPM_SE),
    symmetric: doc('how parameters are encrypted; TPM_ALG_NULL for not at all', TPMT_SYM_DEF_OR_NULL),
    authHash: doc('hash of session key, HMACs and policy', TPMI_ALG_HASH),
  }),
  responseHandle: { name: 'sessionHandle', codec: TPMI_SH_AUTH_SESSION, doc: 'the session' },
  returns: struct('TPM2_StartAuthSession', {
    nonceTPM: doc('nonce of the session; empty to leave the session open', TPM2B_NONCE),
  }),
})

export const PolicyRestart = declare({
  code: CC.PolicyRestart,
  name: 'TPM2_PolicyRestart',
  section: 'Part 3, 11.2',
  handles: {
    sessionHandle: { codec: TPMI_SH_POLICY, doc: 'the session' },
  },
})
