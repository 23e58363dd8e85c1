// The values of TPM_PT_ properties, computed from profile and state. Part 2, 6.13, Table 28.

import { ALG, DIGEST_SIZE } from '../spec/algorithms.ts'
import { masks } from '../spec/attributes.ts'
import { ML_PARAMETER_SET_BITS, PERMANENT_BITS, STARTUP_CLEAR_BITS } from '../spec/property-bits.ts'
import { PT } from '../spec/properties.ts'
import { MLDSA, MLKEM } from '../spec/pqc.ts'
import { SPLIT_MAX } from './commit.ts'
import { NT, nvType } from '../spec/nv.ts'
import { isLockedOut } from './lockout.ts'
import { nvUsed } from './nv.ts'
import { loadedSessions, savedSessions } from './sessions.ts'
import type { Profile } from './profile.ts'
import type { Tpm } from './tpm.ts'

const PERMANENT = masks(PERMANENT_BITS)
const CLEAR = masks(STARTUP_CLEAR_BITS)
const ML = masks(ML_PARAMETER_SET_BITS)

/** Four characters as a number, padded with zeros. */
const letters = (text: string, from = 0): number => {
  let v = 0
  for (let i = from; i < from + 4; i++) v = v * 256 + (i < text.length ? text.charCodeAt(i) : 0)
  return v
}
const when = (condition: boolean, bit: number): number => (condition ? bit : 0)

/** The PC Client platform. Part 2, 6.15, Table 30. */
const PS_PC = 1

const free = (tpm: Tpm): number => tpm.objects.filter(o => !o).length

function parameterSets({ mlkem, mldsa, externalMu }: Profile): number {
  return (
    when(mlkem.includes(MLKEM[512]), ML.mlKem_512) |
    when(mlkem.includes(MLKEM[768]), ML.mlKem_768) |
    when(mlkem.includes(MLKEM[1024]), ML.mlKem_1024) |
    when(mldsa.includes(MLDSA[44]), ML.mlDsa_44) |
    when(mldsa.includes(MLDSA[65]), ML.mlDsa_65) |
    when(mldsa.includes(MLDSA[87]), ML.mlDsa_87) |
    when(externalMu, ML.extMu)
  )
}

const permanent = ({ lockout, hierarchies: h, disableClear }: Tpm): number =>
  when(h.owner.auth.length > 0, PERMANENT.ownerAuthSet) |
  when(h.endorsement.auth.length > 0, PERMANENT.endorsementAuthSet) |
  when(lockout.auth.length > 0, PERMANENT.lockoutAuthSet) |
  when(disableClear, PERMANENT.disableClear) |
  when(isLockedOut(lockout), PERMANENT.inLockout) |
  PERMANENT.tpmGeneratedEPS

const startupClear = ({ hierarchies: h, phEnableNV, readOnly, orderly }: Tpm): number =>
  (when(h.platform.enabled, CLEAR.phEnable) |
    when(h.owner.enabled, CLEAR.shEnable) |
    when(h.endorsement.enabled, CLEAR.ehEnable) |
    when(phEnableNV, CLEAR.phEnableNV) |
    when(readOnly, CLEAR.readOnly) |
    when(orderly, CLEAR.orderly)) >>>
  0

/** Octets that one more counter takes. */
const COUNTER_SIZE = 136

interface Property {
  readonly property: number
  readonly value: number
}

/** Keys of an object that are whole numbers come in rising order. */
const listed = (values: { readonly [property: number]: number }): readonly Property[] =>
  Object.entries(values).map(([k, value]) => ({ property: Number(k), value }))

/** PT_FIXED: what the profile alone says; `commands` is how many the TPM has. */
const fixed = (p: Profile, commands: number): readonly Property[] =>
  listed({
    [PT.FAMILY_INDICATOR]: letters('2.0'),
    [PT.LEVEL]: 0,
    [PT.REVISION]: p.version,
    [PT.ERRATA]: 0,
    [PT.YEAR]: 0,
    [PT.MANUFACTURER]: letters(p.manufacturer),
    [PT.VENDOR_STRING_1]: letters(p.vendor, 0),
    [PT.VENDOR_STRING_2]: letters(p.vendor, 4),
    [PT.VENDOR_STRING_3]: letters(p.vendor, 8),
    [PT.VENDOR_STRING_4]: letters(p.vendor, 12),
    [PT.VENDOR_TPM_TYPE]: 1,
    [PT.FIRMWARE_VERSION_1]: p.firmware[0],
    [PT.FIRMWARE_VERSION_2]: p.firmware[1],
    [PT.INPUT_BUFFER]: p.inputBuffer,
    [PT.HR_TRANSIENT_MIN]: p.transientSlots,
    [PT.HR_PERSISTENT_MIN]: p.persistentSlots,
    [PT.HR_LOADED_MIN]: p.sessions,
    [PT.ACTIVE_SESSIONS_MAX]: p.activeSessions,
    [PT.PCR_COUNT]: p.pcrs.length,
    [PT.PCR_SELECT_MIN]: Math.ceil(p.pcrs.length / 8),
    [PT.CONTEXT_GAP_MAX]: 0xffff,
    [PT.NV_COUNTERS_MAX]: 0,
    [PT.NV_INDEX_MAX]: p.nvIndexMax,
    [PT.MEMORY]: 0,
    [PT.CLOCK_UPDATE]: p.clockUpdate,
    [PT.CONTEXT_HASH]: p.contextHash,
    [PT.CONTEXT_SYM]: ALG.AES,
    [PT.CONTEXT_SYM_SIZE]: p.contextSymBits,
    [PT.ORDERLY_COUNT]: 255,
    [PT.MAX_COMMAND_SIZE]: p.maxCommand,
    [PT.MAX_RESPONSE_SIZE]: p.maxResponse,
    [PT.MAX_DIGEST]: Math.max(...p.algorithms.map(a => DIGEST_SIZE[a] ?? 0)),
    [PT.MAX_OBJECT_CONTEXT]: 0,
    [PT.MAX_SESSION_CONTEXT]: 0,
    [PT.PS_FAMILY_INDICATOR]: PS_PC,
    [PT.PS_LEVEL]: 0,
    [PT.PS_REVISION]: 0,
    [PT.PS_DAY_OF_YEAR]: 0,
    [PT.PS_YEAR]: 0,
    [PT.SPLIT_MAX]: SPLIT_MAX,
    [PT.TOTAL_COMMANDS]: commands,
    [PT.LIBRARY_COMMANDS]: commands,
    [PT.VENDOR_COMMANDS]: 0,
    [PT.NV_BUFFER_MAX]: p.nvBufferMax,
    [PT.MODES]: 0,
    [PT.MAX_CAP_BUFFER]: p.maxCapBuffer,
    ...(p.version >= 183 ? { [PT.FIRMWARE_SVN]: 0, [PT.FIRMWARE_MAX_SVN]: 0 } : {}),
    ...(p.version >= 185 ? { [PT.ML_PARAMETER_SETS]: parameterSets(p) } : {}),
    ...p.properties,
  })

/** PT_VAR: what changes while the TPM works. */
function variable(tpm: Tpm): readonly Property[] {
  const { profile: p, lockout } = tpm
  const loaded = loadedSessions(tpm).length
  const active = loaded + savedSessions(tpm).length
  return listed({
    [PT.PERMANENT]: permanent(tpm),
    [PT.STARTUP_CLEAR]: startupClear(tpm),
    [PT.HR_NV_INDEX]: tpm.nv.indexes.length,
    [PT.HR_LOADED]: loaded,
    [PT.HR_LOADED_AVAIL]: p.sessions - loaded,
    [PT.HR_ACTIVE]: active,
    [PT.HR_ACTIVE_AVAIL]: p.activeSessions - active,
    [PT.HR_TRANSIENT_AVAIL]: free(tpm),
    [PT.HR_PERSISTENT]: tpm.persistent.length,
    [PT.HR_PERSISTENT_AVAIL]: p.persistentSlots - tpm.persistent.length,
    [PT.NV_COUNTERS]: tpm.nv.indexes.filter(i => nvType(i.publicArea.attributes) === NT.COUNTER).length,
    [PT.NV_COUNTERS_AVAIL]: Math.floor((p.nvMemory - nvUsed(tpm)) / COUNTER_SIZE),
    [PT.ALGORITHM_SET]: 0,
    [PT.LOADED_CURVES]: p.curves.length + p.listedOnly.curves.length,
    [PT.LOCKOUT_COUNTER]: lockout.failedTries,
    [PT.MAX_AUTH_FAIL]: lockout.maxTries,
    [PT.LOCKOUT_INTERVAL]: lockout.recoveryTime,
    [PT.LOCKOUT_RECOVERY]: lockout.lockoutRecovery,
    [PT.NV_WRITE_RECOVERY]: 0,
    [PT.AUDIT_COUNTER_0]: Math.floor(tpm.audit.counter / 2 ** 32),
    [PT.AUDIT_COUNTER_1]: tpm.audit.counter % 2 ** 32,
  })
}

const FIXED = new WeakMap<Profile, readonly Property[]>()

/**
 * The properties of a group, 1 for PT_FIXED and 2 for PT_VAR, in rising order; there are no others.
 * @param commands how many the TPM has: always the same for a profile
 */
export function properties(tpm: Tpm, group: number, commands: number): readonly Property[] {
  if (group === 2) return variable(tpm)
  if (group !== 1) return []
  let list = FIXED.get(tpm.profile)
  if (!list) {
    list = fixed(tpm.profile, commands)
    FIXED.set(tpm.profile, list)
  }
  return list
}
