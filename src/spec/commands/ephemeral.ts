// Declarations: ephemeral keys of operations in two commands. Part 3, 19.

import { doc } from '../../codec/codec.ts'
import { struct, u16 } from '../../codec/combinators.ts'
import { TPMI_ECC_CURVE } from '../algorithms.ts'
import { TPM2B_SENSITIVE_DATA } from '../base.ts'
import { CC } from '../codes.ts'
import { declare } from '../command.ts'
import { TPMI_DH_OBJECT } from '../handles.ts'
import { TPM2B_ECC_PARAMETER, TPM2B_ECC_POINT } from '../keys.ts'

const counter = doc('names the ephemeral key to the second command', u16)

export const Commit = declare({
  code: CC.Commit,
  name: 'TPM2_Commit',
  section: 'Part 3, 19.2',
  handles: { signHandle: { codec: TPMI_DH_OBJECT, auth: 'user', doc: 'the key of an anonymous scheme' } },
  params: struct('TPM2_Commit', {
    P1: doc('a point of the curve, or an empty one', TPM2B_ECC_POINT),
    s2: doc('from which the x coordinate of a base point is hashed; may be empty', TPM2B_SENSITIVE_DATA),
    y2: doc('the y coordinate of that point', TPM2B_ECC_PARAMETER),
  }),
  returns: struct('TPM2_Commit', {
    K: doc('the private key times the base point', TPM2B_ECC_POINT),
    L: doc('the ephemeral key times the base point', TPM2B_ECC_POINT),
    E: doc('the ephemeral key times P1, or times the generator', TPM2B_ECC_POINT),
    counter,
  }),
})

export const EC_Ephemeral = declare({
  code: CC.EC_Ephemeral,
  name: 'TPM2_EC_Ephemeral',
  section: 'Part 3, 19.3',
  params: struct('TPM2_EC_Ephemeral', { curveID: doc('the curve', TPMI_ECC_CURVE) }),
  returns: struct('TPM2_EC_Ephemeral', { Q: doc('the ephemeral public key', TPM2B_ECC_POINT), counter }),
})
