// TPM2_Startup and TPM2_Shutdown: reset, restart and resume. Part 3, 9; Part 1, 9.2.

import { type Bytes, EMPTY } from '../../lib/bytes.ts'
import { SU } from '../../spec/codes.ts'
import { Shutdown, Startup } from '../../spec/commands/startup.ts'
import { RC } from '../../spec/return-codes.ts'
import { actsAtResume, actsAtShutdown } from '../act.ts'
import { implement, type Context } from '../command.ts'
import { cleared } from '../audit.ts'
import { badParameter, fail } from '../errors.ts'
import { lockoutAtStartup } from '../lockout.ts'
import { nvAtStartup } from '../nv-memory.ts'
import { extend } from '../pcr.ts'
import { NO_SESSIONS } from '../sessions.ts'
import { type Hierarchy, initialPcrs, NO_COMMITS, NO_POLICY, type Pcrs, type Tpm } from '../tpm.ts'
import { amend } from '../amend.ts'

const enable = (h: Hierarchy): Hierarchy => ({ ...h, enabled: true })
/** platformAuth and platformPolicy do not survive a Startup(CLEAR). */
const platform = (h: Hierarchy): Hierarchy => ({ ...h, enabled: true, auth: EMPTY, ...NO_POLICY })

/** Where the chain of trust begins: an H-CRTM measurement counts as locality 4. Part 1, 31.3. */
const startedFrom = (c: Context): number => (c.tpm.hcrtm ? 4 : c.locality)

/** Startup(CLEAR) with nothing saved: all that has a default initialization state goes back to it. */
function reset(c: Context): Partial<Tpm> {
  const { clock, hierarchies: h } = c.tpm
  const empty = {
    enabled: true,
    auth: EMPTY,
    ...NO_POLICY,
    seed: c.random(h.null.seed.length),
    proof: c.random(h.null.proof.length),
  }
  return {
    hierarchies: {
      owner: enable(h.owner),
      endorsement: enable(h.endorsement),
      platform: platform(h.platform),
      null: empty,
    },
    phEnableNV: true,
    readOnly: false,
    pcrs: initialPcrs(c.tpm, startedFrom(c), 0),
    commits: NO_COMMITS,
    clock: { ...clock, resetCount: clock.resetCount + 1, restartCount: 0 },
  }
}

type Saved = Extract<Tpm['shutdown'], { type: 'state' }>

/** Startup(CLEAR) after Shutdown(STATE): PCRs and platform controls start afresh, the rest goes on. */
function restart(c: Context, saved: Saved): Partial<Tpm> {
  const { clock } = c.tpm
  const h = saved.hierarchies
  return {
    hierarchies: {
      ...h,
      owner: enable(h.owner),
      endorsement: enable(h.endorsement),
      platform: platform(h.platform),
    },
    phEnableNV: true,
    readOnly: false,
    pcrs: initialPcrs(c.tpm, startedFrom(c), saved.pcrs.updateCounter),
    clock: { ...clock, restartCount: clock.restartCount + 1 },
  }
}

/** Startup(STATE) after Shutdown(STATE): the saved PCRs come back too. */
function resume(c: Context, saved: Saved): Partial<Tpm> {
  const { profile, clock } = c.tpm
  if (startedFrom(c) !== saved.startupLocality) throw fail(RC.LOCALITY)
  const fresh = initialPcrs(c.tpm, startedFrom(c), saved.pcrs.updateCounter)
  const value = (bank: number, n: number): Bytes =>
    (profile.pcrs[n]?.saved ? saved : { pcrs: fresh }).pcrs.banks[bank]?.values[n] as Bytes
  const pcrs: Pcrs = {
    // What was saved is as it was: only the others count as reset.
    updateCounter: saved.pcrs.updateCounter + profile.pcrs.filter(p => !p.saved && !p.noIncrement).length,
    banks: fresh.banks.map((b, i) => ({ ...b, values: b.values.map((_, n) => value(i, n)) })),
  }
  return {
    hierarchies: { ...saved.hierarchies, platform: enable(saved.hierarchies.platform) },
    acts: actsAtResume(saved.acts ?? c.tpm.acts),
    phEnableNV: saved.phEnableNV,
    readOnly: saved.readOnly,
    pcrs,
    clock: { ...clock, restartCount: clock.restartCount + 1 },
  }
}

export const startup = [
  implement(Startup, (c, _, { startupType }) => {
    if (c.tpm.power !== 'init') throw fail(RC.INITIALIZE)
    // The PC Client platform has firmware at locality 0, or at 3 where it is trusted before this command.
    if (c.locality !== 0 && c.locality !== 3) throw fail(RC.LOCALITY)
    const { shutdown } = c.tpm
    const saved = shutdown.type === 'state' ? shutdown : undefined
    if (startupType === SU.STATE && !saved) throw badParameter(1, RC.VALUE)

    const how = !saved ? 'reset' : startupType === SU.STATE ? 'resume' : 'restart'
    const changed = !saved ? reset(c) : how === 'resume' ? resume(c, saved) : restart(c, saved)
    const orderly = shutdown.type !== 'none'
    const { hcrtm } = c.tpm
    c.tpm = amend(c.tpm, {
      ...changed,
      power: 'on',
      objects: c.tpm.objects.map(() => undefined),
      shutdown: { type: 'none' },
      orderly,
      startupLocality: startedFrom(c),
      hashSequence: undefined,
      hcrtm: undefined,
      // Contexts that were saved come back unless this is a TPM Reset; those with stClear after a Resume only.
      ...(how === 'reset' ? { ...NO_SESSIONS, totalResets: c.tpm.totalResets + 1 } : {}),
      clearCount: c.tpm.clearCount + (how === 'resume' ? 0 : 1),
      ...(how === 'resume' ? {} : { pcrAuth: { ...c.tpm.pcrAuth, auth: EMPTY } }),
      nv: nvAtStartup(c.tpm.nv, how, orderly),
      lockout: lockoutAtStartup(c.tpm.lockout, orderly),
    })
    // Part 1, 33.3.1: after a disorderly shutdown a value of Clock may be reported a second time.
    if (!orderly) c.tpm = amend(c.tpm, { clock: { ...c.tpm.clock, safe: false }, audit: cleared(c.tpm.audit) })
    if (hcrtm && how !== 'resume') extend(c, 0, hcrtm)
    c.emit({ kind: 'startup', how })
  }),

  implement(Shutdown, (c, _, { shutdownType }) => {
    // Part 3, 22.5: values of another allocation could not be restored.
    if (shutdownType === SU.STATE && c.tpm.nextAllocation) throw badParameter(1, RC.TYPE)
    const { clock, pcrs, hierarchies, phEnableNV, readOnly, startupLocality, acts } = c.tpm
    c.tpm = amend(c.tpm, {
      // Part 1, 33.3.3: a clock that is not safe is not stored.
      clock: clock.safe ? { ...clock, stored: clock.clock } : clock,
      shutdown:
        shutdownType === SU.STATE
          ? { type: 'state', pcrs, hierarchies, phEnableNV, readOnly, startupLocality, acts: actsAtShutdown(acts) }
          : { type: 'clear' },
    })
    c.emit({ kind: 'shutdown', type: shutdownType === SU.STATE ? 'state' : 'clear' })
  }),
]
