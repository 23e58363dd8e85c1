// What a power event may or may not leave behind, read from a machine in words: before it, and at any moment after it.

import { CRB, PAGE_SIZE } from '../hw/crb.map.ts'
import { type Crb, qemuCrb } from '../hw/crb.ts'
import { PPI } from '../hw/ppi.map.ts'
import { LOCALITIES, TIS } from '../hw/tis.map.ts'
import { count } from '../lib/count.ts'
import { type Bytes, toHex } from '../lib/bytes.ts'
import { crbOf, modelOf, tisOf } from './device.ts'
import type { Machine } from './machine.ts'
import type { Facts } from './platform.ts'

const ACTIVE = 2 ** TIS.ACCESS.fields.activeLocality.low

const ms = (us: number): string => `${count(Math.floor(us / 1000))} ms`
const zeros = (b: Bytes): boolean => {
  for (let i = 0; i < b.length; i++) if (b[i] !== 0) return false
  return true
}
const some = (n: number, what: string): string => (n === 0 ? 'none' : `${count(n)} ${what}${n === 1 ? '' : 's'}`)

function windowText(d: Crb): string {
  const { windowSize } = d.config
  const bytes = qemuCrb.readWindow(d, qemuCrb.memoryAt, windowSize)
  if (zeros(bytes)) return 'zeros'
  let last = windowSize
  while (bytes[last - 1] === 0) last--
  return `${count(last)} bytes, ${toHex(bytes.slice(0, 10))}…`
}

/** PCRs `from` to `to` of the first bank, as far as they tell one value from another. */
function pcrText(m: Machine, from: number, to: number): string {
  const values = (m.backend.tpm.pcrs.banks[0]?.values ?? []).slice(from, to + 1)
  if (values.every(v => v.every(b => b === 0))) return 'zeros'
  if (values.every(v => v.every(b => b === 0xff))) return 'all ones'
  return values.map(v => toHex(v.slice(-2))).join(' ')
}

function interfaceFacts(m: Machine): Facts {
  const tis = tisOf(m)
  if (tis) {
    const { read, inside } = modelOf(m.config)
    const localities = Array.from({ length: LOCALITIES }, (_, l) => l)
    const active = localities.find(l => Math.floor(read(tis, l * PAGE_SIZE + TIS.ACCESS.at, 1) / ACTIVE) % 2 === 1)
    return {
      Registers: `locality ${active === undefined ? 'free' : `${active} active`}`,
      'Half a command': some(inside(tis).command.length, 'byte'),
    }
  }
  const crb = crbOf(m)
  const status = qemuCrb.read(crb, CRB.CTRL_STS.at, 4)
  const assigned = Math.floor(qemuCrb.read(crb, CRB.LOC_STATE.at, 4) / 2) % 2 === 1
  return {
    Registers: `CTRL_STS ${status}, locality ${assigned ? 'assigned' : 'free'}`,
    'Data window': windowText(crb),
    'Half a command': some(qemuCrb.inside(crb).command.length, 'byte'),
  }
}

/** In the order in which they are shown. */
export function factsOf(m: Machine): Facts {
  const request = m.platform?.shared[PPI.pprq.at] ?? 0
  return {
    ...interfaceFacts(m),
    Driver: m.guest.globals.probed === 1 ? 'knows the TPM' : 'has not probed',
    'Request for the firmware': request === 0 ? 'none' : String(request),
    ...tpmFacts(m),
  }
}

/** PCRs of a TPM 1.2, as far as they tell one value from another. */
const pcrText12 = (values: readonly Bytes[]): string =>
  values.every(zeros) ? 'zeros' : values.map(v => toHex(v.slice(-2))).join(' ')

function tpmFacts(m: Machine): Facts {
  const { tpm, clock, behind } = m.backend
  // The state of a TPM outside cannot be seen from here.
  if (behind?.host?.real) return { TPM: 'outside' }
  if (behind?.tpm12) {
    const { postInitialise, pcrs, sessions, permanent } = behind.tpm12
    return {
      TPM: postInitialise ? 'waits for TPM_Startup' : 'started',
      'PCR 0–7': pcrText12(pcrs.slice(0, 8)),
      Sessions: some(sessions.length, 'session'),
      Owner: permanent.owner ? 'there' : 'none',
    }
  }
  const { sessions } = tpm
  // The TPM's clock is brought up to date when it executes; the time since then counts too.
  const since = clock === undefined || tpm.power !== 'on' ? 0 : Math.max(0, m.time - clock)
  return {
    TPM: tpm.power === 'on' ? 'started' : tpm.power === 'init' ? 'waits for TPM2_Startup' : 'failure mode',
    resetCount: String(tpm.clock.resetCount),
    restartCount: String(tpm.clock.restartCount),
    Clock: ms(tpm.clock.clock + since),
    'Time since power-on': ms(tpm.clock.time + since),
    'PCR 0–7': pcrText(m, 0, 7),
    'PCR 16, 23': `${pcrText(m, 16, 16)}, ${pcrText(m, 23, 23)}`,
    'PCR 17–22': pcrText(m, 17, 22),
    'Loaded objects': some(tpm.objects.filter(o => o !== undefined).length, 'object'),
    'Loaded sessions': some(sessions.filter(s => s?.loaded).length, 'session'),
    'Saved sessions': some(sessions.filter(s => s && !s.loaded).length, 'session'),
    'Saved state':
      tpm.shutdown.type === 'state' ? 'Shutdown(STATE)' : tpm.shutdown.type === 'clear' ? 'Shutdown(CLEAR)' : 'none',
    'Persistent objects': some(tpm.persistent.length, 'object'),
    'NV Indexes': some(tpm.nv.indexes.length, 'Index'),
  }
}
