// What turns a TPM on and off: physical presence, enable and disable, activate and deactivate, and whether an owner may be
// made. TPM Main Specification 1.2, Part 3, 5 and 6.4 to 6.6.

import { PRESENCE } from '../../spec12/codes.ts'
import {
  DisableForceClear,
  DisableOwnerClear,
  OwnerSetDisable,
  PhysicalDisable,
  PhysicalEnable,
  PhysicalPresence,
  PhysicalSetDeactivated,
  SetOwnerInstall,
  SetTempDeactivated,
} from '../../spec12/commands.ts'
import type { AuthRequest } from '../../spec12/structures.ts'
import { authorize, inDigest } from '../authorize.ts'
import { ACTIVE, type Command12, command12, NONE, OWNED } from '../command.ts'
import { type Context12, stop } from '../context.ts'

const { LOCK, PRESENT, NOTPRESENT, CMD_ENABLE, CMD_DISABLE, HW_ENABLE, HW_DISABLE, LIFETIME_LOCK } = PRESENCE
const FOR_LIFE = CMD_ENABLE | CMD_DISABLE | HW_ENABLE | HW_DISABLE | LIFETIME_LOCK
const FOR_NOW = LOCK | PRESENT | NOTPRESENT

function forLife(c: Context12, bits: number): void {
  const has = (bit: number): boolean => (bits & bit) !== 0
  if (c.tpm.permanent.flags.physicalPresenceLifetimeLock || has(FOR_NOW)) stop('BAD_PARAMETER')
  if ((has(HW_ENABLE) && has(HW_DISABLE)) || (has(CMD_ENABLE) && has(CMD_DISABLE))) stop('BAD_PARAMETER')
  if (has(HW_ENABLE) || has(HW_DISABLE)) c.flag('physicalPresenceHWEnable', has(HW_ENABLE))
  if (has(CMD_ENABLE) || has(CMD_DISABLE)) c.flag('physicalPresenceCMDEnable', has(CMD_ENABLE))
  if (has(LIFETIME_LOCK)) c.flag('physicalPresenceLifetimeLock', true)
}

function forNow(c: Context12, bits: number): void {
  const has = (bit: number): boolean => (bits & bit) !== 0
  if (!c.tpm.permanent.flags.physicalPresenceCMDEnable) stop('BAD_PARAMETER')
  if (has(PRESENT) && (has(LOCK) || has(NOTPRESENT))) stop('BAD_PARAMETER')
  if (c.tpm.stclear.physicalPresenceLock) stop('BAD_PARAMETER')
  c.stclear('physicalPresence', has(PRESENT))
  if (has(LOCK)) c.stclear('physicalPresenceLock', true)
}

export const SWITCHES: readonly Command12[] = [
  command12(PhysicalPresence, {}, (c, { params: { physicalPresence: bits } }) => {
    if ((bits & (FOR_LIFE | FOR_NOW)) === 0) stop('BAD_PARAMETER')
    if ((bits & FOR_LIFE) !== 0) forLife(c, bits)
    else forNow(c, bits)
    return NONE
  }),
  command12(PhysicalEnable, {}, c => {
    c.present()
    c.flag('disable', false)
    return NONE
  }),
  command12(PhysicalDisable, { enabled: true }, c => {
    c.present()
    c.flag('disable', true)
    return NONE
  }),
  command12(PhysicalSetDeactivated, { enabled: true }, (c, { params }) => {
    c.present()
    // Takes effect with the next Startup(CLEAR): that is why a platform is started anew after it.
    c.flag('deactivated', params.state !== 0)
    return NONE
  }),
  command12(SetTempDeactivated, { activated: true }, (c, { auth }) => {
    // No operator is ever made here.
    if (auth) stop('NOOPERATOR')
    c.present()
    c.stclear('deactivated', true)
    return NONE
  }),
  command12(SetOwnerInstall, ACTIVE, (c, { params }) => {
    if (c.tpm.permanent.owner) return NONE
    c.present()
    c.flag('ownership', params.state !== 0)
    return NONE
  }),
  command12(OwnerSetDisable, { owner: true }, (c, { params, raw, auth }) => {
    const proven = authorize(c, auth as AuthRequest, inDigest(OwnerSetDisable.ordinal, raw), 'owner')
    c.flag('disable', params.disableState !== 0)
    return { returns: {}, proven }
  }),
  command12(DisableOwnerClear, OWNED, (c, { raw, auth }) => {
    const proven = authorize(c, auth as AuthRequest, inDigest(DisableOwnerClear.ordinal, raw), 'owner')
    c.flag('disableOwnerClear', true)
    return { returns: {}, proven }
  }),
  command12(DisableForceClear, ACTIVE, c => {
    c.stclear('disableForceClear', true)
    return NONE
  }),
]
