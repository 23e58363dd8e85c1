// The commands that libtpms 0.9 has, of all those of 1.85.

import { CC } from '../../spec/codes.ts'
import { ALL_COMMANDS } from './commands.ts'

/** Obsolete, of platforms that are none of a PC, or later than the 1.59 text that libtpms 0.9 follows. */
const NOT_IN_LIBTPMS: ReadonlySet<number> = new Set([
  ...[CC.FieldUpgradeStart, CC.FieldUpgradeData, CC.FirmwareRead],
  ...[CC.AC_GetCapability, CC.AC_Send, CC.Policy_AC_SendSelect, CC.ACT_SetTimeout],
  ...[CC.ECC_Encrypt, CC.ECC_Decrypt, CC.PolicyCapability, CC.PolicyParameters],
  ...[CC.NV_DefineSpace2, CC.NV_ReadPublic2, CC.SetCapability, CC.ReadOnlyControl, CC.PolicyTransportSPDM],
  ...[CC.VerifySequenceComplete, CC.SignSequenceComplete, CC.VerifyDigestSignature, CC.SignDigest],
  ...[CC.Encapsulate, CC.Decapsulate, CC.VerifySequenceStart, CC.SignSequenceStart],
])

/** The 110 commands that libtpms 0.9.2 lists. */
export const LIBTPMS_COMMANDS: readonly number[] = ALL_COMMANDS.filter(c => !NOT_IN_LIBTPMS.has(c))
