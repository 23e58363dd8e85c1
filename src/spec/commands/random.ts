// Declarations: the random number generator. Part 3, 16.

import { doc } from '../../codec/codec.ts'
import { struct, u16 } from '../../codec/combinators.ts'
import { TPM2B_DIGEST, TPM2B_SENSITIVE_DATA } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'

export const GetRandom = declare({
  code: CC.GetRandom,
  name: 'TPM2_GetRandom',
  section: 'Part 3, 16.1',
  params: struct('TPM2_GetRandom', { bytesRequested: doc('how many octets', u16) }),
  returns: struct('TPM2_GetRandom', { randomBytes: doc('random octets', TPM2B_DIGEST) }),
})

export const StirRandom = declare({
  code: CC.StirRandom,
  name: 'TPM2_StirRandom',
  section: 'Part 3, 16.2',
  params: struct('TPM2_StirRandom', { inData: doc('what to add to the state', TPM2B_SENSITIVE_DATA) }),
  nv: true,
})
