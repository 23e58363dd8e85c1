// TPM2_Clear, line by line. Part 3, 24.6.1 and 22.7.1; Part 1, 10.8.2, 16.8 and 32.

import { expect, it } from 'vitest'
import { bytes, EMPTY, toHex } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { CC, NO } from '../../src/spec/codes.ts'
import { SetCommandCodeAuditStatus } from '../../src/spec/commands/audit.ts'
import { ClockSet } from '../../src/spec/commands/clock.ts'
import { EvictControl } from '../../src/spec/commands/context.ts'
import {
  HierarchyChangeAuth,
  HierarchyControl,
  Clear,
  SetPrimaryPolicy,
} from '../../src/spec/commands/hierarchy-control.ts'
import { NV_DefineSpace } from '../../src/spec/commands/nv.ts'
import { PCR_SetAuthPolicy, PCR_SetAuthValue } from '../../src/spec/commands/pcr-admin.ts'
import { GetRandom } from '../../src/spec/commands/random.ts'
import { password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { NV } from '../../src/spec/nv.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { Driver } from '../support/driver.ts'
import { create, templates } from '../support/keys.ts'

const AUTHS = [RH.OWNER, RH.ENDORSEMENT, RH.LOCKOUT]
const secret = [password(bytes(1))]

/** A TPM on which everything that TPM2_Clear resets is set. */
function lived(): Driver {
  const d = Driver.started(PROFILES['libtpms-0.9'])
  d.powerCycle()
  d.rc('80010000000c000001440000')
  const audit = { auditAlg: ALG.SHA256, setList: [CC.GetRandom], clearList: [] }
  d.ok(SetCommandCodeAuditStatus, { auth: RH.PLATFORM }, audit)
  d.ok(GetRandom, {}, { bytesRequested: 1 })
  for (const hierarchy of [RH.OWNER, RH.ENDORSEMENT, RH.PLATFORM]) {
    const { handle } = create(d, templates.hmacKey(), { hierarchy })
    const platform = hierarchy === RH.PLATFORM
    const auth = platform ? RH.PLATFORM : RH.OWNER
    const persistentHandle = (platform ? 0x81800000 : 0x81000000) + (hierarchy & 0xff)
    d.ok(EvictControl, { auth, objectHandle: handle }, { persistentHandle })
  }
  for (const authHandle of [RH.OWNER, RH.PLATFORM]) {
    const platform = authHandle === RH.PLATFORM
    const attributes = platform ? NV.PPREAD | NV.PPWRITE | NV.PLATFORMCREATE : NV.OWNERREAD | NV.OWNERWRITE
    const nvIndex = 0x01000000 + (authHandle & 0xff)
    const publicInfo = { nvIndex, nameAlg: ALG.SHA256, attributes, authPolicy: EMPTY, dataSize: 8 }
    d.ok(NV_DefineSpace, { authHandle }, { auth: EMPTY, publicInfo })
  }
  d.ok(ClockSet, { auth: RH.OWNER }, { newTime: 1_000_000n })
  d.ok(PCR_SetAuthValue, { pcrHandle: 20 }, { auth: bytes(5) })
  const policy = { authPolicy: new Uint8Array(32), hashAlg: ALG.SHA256 }
  d.ok(PCR_SetAuthPolicy, { authHandle: RH.PLATFORM }, { ...policy, pcrNum: 20 })
  for (const authHandle of AUTHS) {
    d.ok(SetPrimaryPolicy, { authHandle }, policy)
    d.ok(HierarchyChangeAuth, { authHandle }, { newAuth: bytes(1) })
  }
  d.ok(HierarchyControl, { authHandle: RH.ENDORSEMENT }, { enable: RH.ENDORSEMENT, state: NO }, secret)
  return d
}

it('TPM2_Clear resets what its list says, and leaves what is of the platform', () => {
  const d = lived()
  const before = d.tpm
  expect(before.audit.counter).toBe(1)
  d.ok(Clear, { authHandle: RH.LOCKOUT }, {}, secret)
  const { hierarchies: h, lockout, clock, pcrs, pcrAuth, audit, nv, persistent, objects } = d.tpm
  for (const entity of [h.owner, h.endorsement, lockout]) {
    expect([entity.auth.length, entity.policy.length, entity.policyAlg]).toEqual([0, 0, ALG.NULL])
  }
  expect([h.owner.enabled, h.endorsement.enabled, lockout.failedTries]).toEqual([true, true, 0])
  expect(toHex(h.owner.seed)).not.toBe(toHex(before.hierarchies.owner.seed))
  expect(toHex(h.owner.proof)).not.toBe(toHex(before.hierarchies.owner.proof))
  expect(toHex(h.endorsement.proof)).not.toBe(toHex(before.hierarchies.endorsement.proof))
  expect(h.endorsement.seed).toBe(before.hierarchies.endorsement.seed)
  expect(h.platform).toBe(before.hierarchies.platform)
  expect(persistent.map(p => p.handle)).toEqual([0x8180000c])
  expect(objects.map(o => o?.kind === 'object' && o.hierarchy)).toEqual([false, false, RH.PLATFORM])
  expect(nv.indexes.map(i => i.publicArea.nvIndex)).toEqual([0x0100000c])
  expect(clock).toMatchObject({ clock: 0, offset: 0n, resetCount: 0, restartCount: 0, safe: true })
  expect(pcrs.updateCounter).toBe(before.pcrs.updateCounter + 1)
  // Part 3, 22.7: the value goes, the policy is the platform's. Part 1, 32: logs are counted from zero.
  expect([pcrAuth.auth.length, pcrAuth.policyAlg]).toEqual([0, ALG.SHA256])
  expect(audit).toEqual({ ...before.audit, counter: 0 })
  expect([d.tpm.commits, d.tpm.sessions]).toEqual([before.commits, before.sessions])
})
