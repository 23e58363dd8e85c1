// What the screen has to know of an interface besides its model: its registers and which of them matter, its waits, its
// words. The CRB's is here; that of the TIS comes late (tis-face.ts), before a machine that has one is shown.

import { CRB } from '../hw/crb.map.ts'
import type { Effect } from '../hw/device.ts'
import type { RegisterMap } from '../hw/registers.ts'
import { type InterfaceChoice, modelOf } from '../machine/device.ts'
import type { Event } from '../machine/events.ts'
import type { Machine, Moment } from '../machine/machine.ts'
import { hex } from './format.ts'

type On = (field: string) => boolean

export interface Face {
  /** "CRB device", "QEMU tpm-crb". */
  readonly title: string
  readonly model: string
  /** What messages cross: "Window", and where it lies. */
  readonly port: string
  readonly place: (size: number) => string
  readonly map: RegisterMap
  /** Registers that are always on stage; those that the wide map draws; the one that stands as a pair at first. */
  readonly hot: readonly string[]
  readonly drawn: readonly string[]
  readonly paired: string
  /** Bits by which something is asked are cleared within the write: they are never seen set. */
  readonly clearsAtOnce: boolean
  /** What a status register says, in a few words, from the values of its fields. */
  readonly says: { readonly [name: string]: (on: On) => string }
  readonly waits: { readonly [timer: string]: { readonly what: string; readonly met: string } }
  /** Waits that on QEMU end at the first read, whatever happened: the bit is never seen set. */
  readonly provesNothing: ReadonlySet<string>
  /** Words of its own for what is copied and taken; undefined where the common ones do. */
  readonly copies?: (e: Extract<Event, { t: 'window' }>, past: boolean) => string
  readonly took?: (e: Extract<Effect, { kind: 'taken' }>) => string
  /** Page of the locality whose registers are shown. */
  readonly base: (m: Moment) => number
  /** "locality 0", "no locality". */
  readonly owner: (m: Machine) => string
  readonly levels: (m: Machine) => { readonly start: number; readonly idle: number }
}

const read = (m: Machine, at: number): number => modelOf(m.config).read(m.device, at, 4)

const CRB_FACE: Face = {
  title: 'CRB device',
  model: 'QEMU tpm-crb',
  port: 'Window',
  place: size => `080–${hex(0x7f + size, 3)}`,
  map: CRB,
  hot: ['CTRL_REQ', 'CTRL_STS', 'CTRL_START'],
  drawn: ['LOC_STATE', 'LOC_CTRL', 'LOC_STS', 'INTF_ID', 'CTRL_REQ', 'CTRL_STS', 'CTRL_CANCEL', 'CTRL_START'],
  paired: 'CTRL_START',
  clearsAtOnce: true,
  says: {
    LOC_STATE: on => (on('locAssigned') ? 'locality 0 assigned' : 'no locality assigned'),
    LOC_STS: on => (on('Granted') ? 'granted' : 'not granted'),
    INTF_ID: on => (on('CapCRBChunk') ? 'CRB, with chunks' : 'CRB, no chunks'),
    CTRL_STS: on => `${on('tpmIdle') ? 'idle' : 'ready'}, ${on('tpmSts') ? 'fatal error' : 'no error'}`,
  },
  waits: {
    locality: { what: 'until the locality is assigned', met: 'The locality is ours' },
    cmdReady: { what: 'until cmdReady reads 0', met: 'cmdReady reads 0' },
    goIdle: { what: 'until goIdle reads 0', met: 'goIdle reads 0' },
    relinquish: { what: 'until the locality is free', met: 'The locality is free' },
    nextChunk: { what: 'until nextChunk reads 0', met: 'nextChunk reads 0' },
    command: { what: 'until Start reads 0', met: 'Start reads 0' },
  },
  provesNothing: new Set(['cmdReady', 'goIdle', 'nextChunk']),
  base: () => 0,
  owner: m => (read(m, CRB.LOC_STATE.at) & 2 ? 'locality 0' : 'no locality'),
  levels: m => ({ start: read(m, CRB.CTRL_START.at) & 1, idle: (read(m, CRB.CTRL_STS.at) >> 1) & 1 }),
}

let late = CRB_FACE

/** The face of a TIS. */
export const addFace = (face: Face): void => {
  late = face
}

export const faceOf = (config: InterfaceChoice | undefined): Face => (config?.interface === undefined ? CRB_FACE : late)
