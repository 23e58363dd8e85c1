// TPM2_GetCapability: every group computed from profile, state and the command table. Part 3, 30.2; Part 2, 6.12 and 10.9.

import { encode, type Of } from '../../codec/codec.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { ALG, ALG_ATTRIBUTES, digestSize } from '../../spec/algorithms.ts'
import { ACT } from '../../spec/attributes.ts'
import { selectOf } from '../../spec/base.ts'
import { MAX_CAP, TPMS_CAPABILITY_DATA } from '../../spec/capability.ts'
import { CAP, NO, YES } from '../../spec/codes.ts'
import { commandAttributes } from '../../spec/command.ts'
import { GetCapability } from '../../spec/commands/capability.ts'
import { HT, handleType, RH, TRANSIENT_FIRST } from '../../spec/handles.ts'
import { PT, PT_PCR } from '../../spec/properties.ts'
import { RC } from '../../spec/return-codes.ts'
import { secondsLeft } from '../act.ts'
import { type Command, implement } from '../command.ts'
import { badParameter } from '../errors.ts'
import { pcrsIn } from '../pcr.ts'
import { hasCommand, hashesOf, type PcrAttributes, type Profile } from '../profile.ts'
import { properties } from '../properties.ts'
import { loadedSessions, savedSessions } from '../sessions.ts'
import { hierarchyName, type Tpm } from '../tpm.ts'

type Data = Of<typeof TPMS_CAPABILITY_DATA>
interface Answer {
  readonly more: boolean
  readonly data: Data
}

/** The items from `from` on, at most `count` and at most `most` of them; the items come in rising order of their keys. */
function page<T>(
  items: readonly T[],
  key: (item: T) => number,
  from: number,
  count: number,
  most: number,
): { readonly list: readonly T[]; readonly more: boolean } {
  const rest = items.filter(i => key(i) >= from)
  const n = Math.min(count, most)
  return { list: rest.slice(0, n), more: rest.length > n }
}

const self = (n: number): number => n
const rising = (a: number, b: number): number => a - b

const PERMANENT: readonly number[] = [
  ...[RH.OWNER, RH.NULL, RH.PW, RH.LOCKOUT, RH.ENDORSEMENT, RH.PLATFORM, RH.PLATFORM_NV],
]

const actHandles = ({ acts }: Tpm): readonly number[] => acts.map((_, n) => RH.ACT_0 + n)

/** Handles that exist, of the type of `property`. @throws TPM_RC_HANDLE for a type that has none by definition */
function handles(tpm: Tpm, property: number): readonly number[] {
  switch (handleType(property)) {
    case HT.PCR:
      return tpm.profile.pcrs.map((_, n) => n)
    case HT.PERMANENT:
      return [...PERMANENT, ...actHandles(tpm)]
    case HT.TRANSIENT:
      return tpm.objects.flatMap((o, n) => (o ? [TRANSIENT_FIRST + n] : []))
    // Part 3, 30.2.1: loaded sessions of either kind in the one range, saved ones in the other.
    case HT.HMAC_SESSION:
      return loadedSessions(tpm).map(s => (s.handle & 0xffffff) | (HT.HMAC_SESSION << 24))
    case HT.POLICY_SESSION:
      return savedSessions(tpm).map(s => (s.handle & 0xffffff) | (HT.POLICY_SESSION << 24))
    case HT.PERSISTENT:
      return tpm.persistent.map(p => p.handle)
    case HT.NV_INDEX:
      return tpm.nv.indexes.map(i => i.publicArea.nvIndex)
    default:
      throw badParameter(2, RC.HANDLE)
  }
}

const local = (name: 'extend' | 'reset', locality: number) => (p: PcrAttributes) => (p[name] >>> locality) & 1
/** Part 2, 6.14, Table 29. */
const PCR_PROPERTIES: readonly (readonly [tag: number, has: (p: PcrAttributes) => boolean | number])[] = [
  [PT_PCR.SAVE, p => p.saved],
  [PT_PCR.EXTEND_L0, local('extend', 0)],
  [PT_PCR.RESET_L0, local('reset', 0)],
  [PT_PCR.EXTEND_L1, local('extend', 1)],
  [PT_PCR.RESET_L1, local('reset', 1)],
  [PT_PCR.EXTEND_L2, local('extend', 2)],
  [PT_PCR.RESET_L2, local('reset', 2)],
  [PT_PCR.EXTEND_L3, local('extend', 3)],
  [PT_PCR.RESET_L3, local('reset', 3)],
  [PT_PCR.EXTEND_L4, local('extend', 4)],
  [PT_PCR.RESET_L4, local('reset', 4)],
  [PT_PCR.NO_INCREMENT, p => p.noIncrement],
  [PT_PCR.DRTM_RESET, p => p.drtm],
  [PT_PCR.POLICY, p => p.authGroup],
  [PT_PCR.AUTH, p => p.authGroup],
]

/** The permanent handles that have a policy, and which: the NULL hierarchy's is always empty. */
function policies(tpm: Tpm): readonly { handle: number; policyAlg: number; policy: Tpm['lockout']['policy'] }[] {
  const authorities = [RH.OWNER, RH.LOCKOUT, RH.ENDORSEMENT, RH.PLATFORM].map(handle => {
    const name = hierarchyName(handle)
    const { policyAlg, policy } = name ? tpm.hierarchies[name] : tpm.lockout
    return { handle, policyAlg, policy }
  })
  return [...authorities, ...tpm.acts.map((act, n) => ({ handle: RH.ACT_0 + n, ...act }))]
}

type PolicyHash = Extract<Data, { capability: 9 }>['authPolicies'][number]['policyHash']

/** In failure mode only what tells who made the TPM. Part 3, 30.2.1. */
const inFailureMode = (property: number): boolean => property >= PT.MANUFACTURER && property <= PT.FIRMWARE_VERSION_2

const permanentOnly = (property: number): void => {
  if (handleType(property) !== HT.PERMANENT) throw badParameter(2, RC.VALUE)
}

function answer(tpm: Tpm, commands: readonly Command[], capability: number, property: number, count: number): Answer {
  const { profile } = tpm
  const pageOf = (items: readonly number[], most: number) => page(items, self, property, count, most)
  switch (capability) {
    case CAP.ALGS: {
      const { list, more } = pageOf(
        [...profile.algorithms, ...profile.listedOnly.algorithms].sort(rising),
        MAX_CAP.ALGS,
      )
      const algorithms = list.map(alg => ({
        alg,
        algProperties: profile.algProperties[alg] ?? ALG_ATTRIBUTES[alg] ?? 0,
      }))
      return { more, data: { capability, algorithms } }
    }
    case CAP.HANDLES: {
      const { list, more } = pageOf(handles(tpm, property), MAX_CAP.HANDLES)
      return { more, data: { capability, handles: list } }
    }
    case CAP.COMMANDS: {
      const { list, more } = page(commands, c => c.row.code, property, count, MAX_CAP.CC)
      return { more, data: { capability, command: list.map(c => commandAttributes(c.row)) } }
    }
    case CAP.PP_COMMANDS: {
      const { list, more } = pageOf(tpm.ppCommands, MAX_CAP.CC)
      return { more, data: { capability, ppCommands: list } }
    }
    case CAP.AUDIT_COMMANDS: {
      const { list, more } = pageOf(tpm.audit.codes, MAX_CAP.CC)
      return { more, data: { capability, auditCommands: list } }
    }
    case CAP.PCRS: {
      if (property !== 0) throw badParameter(2, RC.VALUE)
      const size = Math.ceil(profile.pcrs.length / 8)
      // Banks without PCRs too: a client learns from them what it may allocate.
      const assignedPCR = hashesOf(profile).map(hash => ({
        hash,
        pcrSelect: selectOf(pcrsIn(tpm.allocation, hash), size),
      }))
      return { more: false, data: { capability, assignedPCR } }
    }
    case CAP.TPM_PROPERTIES: {
      const known = properties(tpm, property >>> 8, commands.length)
      const all = tpm.power === 'failure' ? known.filter(p => inFailureMode(p.property)) : known
      const { list, more } = page(all, p => p.property, property, count, MAX_CAP.PROPERTIES)
      return { more, data: { capability, tpmProperties: list } }
    }
    case CAP.PCR_PROPERTIES: {
      // A TPM without a group of PCRs that can have an authorization does not have the properties of one.
      const grouped = profile.pcrs.some(p => p.authGroup)
      const known = PCR_PROPERTIES.filter(p => grouped || p[0] < PT_PCR.POLICY)
      const { list, more } = page(known, p => p[0], property, count, MAX_CAP.PCR)
      const size = Math.ceil(profile.pcrs.length / 8)
      const select = (has: (p: PcrAttributes) => boolean | number) =>
        selectOf(
          profile.pcrs.flatMap((p, n) => (has(p) ? [n] : [])),
          size,
        )
      return {
        more,
        data: { capability, pcrProperties: list.map(([tag, has]) => ({ tag, pcrSelect: select(has) })) },
      }
    }
    case CAP.ECC_CURVES: {
      const { list, more } = pageOf([...profile.curves, ...profile.listedOnly.curves].sort(rising), MAX_CAP.CURVES)
      return { more, data: { capability, eccCurves: list } }
    }
    case CAP.AUTH_POLICIES: {
      permanentOnly(property)
      const { list, more } = page(policies(tpm), p => p.handle, property, count, MAX_CAP.POLICIES)
      const authPolicies = list.map(({ handle, policyAlg, policy }) => ({
        handle,
        policyHash: (policyAlg === ALG.NULL
          ? { hashAlg: ALG.NULL }
          : { hashAlg: policyAlg, digest: policy.slice(0, digestSize(policyAlg)) }) as PolicyHash,
      }))
      return { more, data: { capability, authPolicies } }
    }
    case CAP.ACT: {
      permanentOnly(property)
      const all = tpm.acts.map((act, n) => ({
        handle: RH.ACT_0 + n,
        timeout: secondsLeft(act),
        attributes: (act.signaled ? ACT.signaled : 0) | (act.preserved ? ACT.preserveSignaled : 0),
      }))
      const { list, more } = page(all, a => a.handle, property, count, MAX_CAP.ACT)
      return { more, data: { capability, actData: list } }
    }
    // Part 2, 6.16: TPM_RC_VALUE for a public key that the TPM does not have.
    case CAP.PUB_KEYS:
      throw badParameter(profile.version >= 184 ? 2 : 1, RC.VALUE)
    case CAP.SPDM_SESSION_INFO:
      if (profile.version < 184) throw badParameter(1, RC.VALUE)
      return { more: false, data: { capability, spdmSessionInfo: [] } }
    default:
      throw badParameter(1, RC.VALUE)
  }
}

const COMMANDS = new WeakMap<Profile, readonly Command[]>()

/** Those that a TPM of the profile has. @param all the commands of the engine, in rising order of their codes */
function commandsOf(profile: Profile, all: readonly Command[]): readonly Command[] {
  let commands = COMMANDS.get(profile)
  if (!commands) {
    commands = all.filter(({ row }) => hasCommand(profile, row))
    COMMANDS.set(profile, commands)
  }
  return commands
}

/**
 * The one item of a property, as octets: what TPM2_PolicyCapability compares with. Undefined when there is none.
 * @throws TPM_RC_VALUE for a group without such items. Part 3, 23.23, Table 184
 */
export function capabilityItem(tpm: Tpm, all: readonly Command[], group: number, property: number): Bytes | undefined {
  if (group === CAP.PCRS || group === CAP.SPDM_SESSION_INFO) throw badParameter(4, RC.VALUE)
  const { data } = answer(tpm, commandsOf(tpm.profile, all), group, property, 1)
  const arm = Object.entries(ARMS[group] ?? {})[0]
  if (!arm || arm[1].shape.kind !== 'list') return undefined
  const item = ((data as unknown as { readonly [name: string]: readonly unknown[] })[arm[0]] ?? [])[0]
  if (item === undefined) return undefined
  const key = typeof item === 'object' ? (Object.values(item as object)[0] as number) : (item as number)
  const found = group === CAP.COMMANDS ? key & CODE : key
  return found === property ? encode(arm[1].shape.item, item) : undefined
}
const CODE = 0x2000ffff
const ARMS = TPMS_CAPABILITY_DATA.shape.kind === 'variant' ? TPMS_CAPABILITY_DATA.shape.arms : {}

export const capability = (all: () => readonly Command[]): readonly Command[] => [
  implement(GetCapability, (c, _, p) => {
    const commands = commandsOf(c.tpm.profile, all())
    // Part 3, 30.2.1: in failure mode nothing but some properties.
    const silent = c.tpm.power === 'failure' && p.capability !== CAP.TPM_PROPERTIES
    const { more, data } = answer(c.tpm, commands, p.capability, p.property, silent ? 0 : p.propertyCount)
    return { moreData: more && !silent ? YES : NO, capabilityData: data }
  }),
]
