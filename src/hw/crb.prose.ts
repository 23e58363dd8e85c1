// What the fields of the CRB registers are for, and where QEMU's device leaves the specification. Apart from the map, so
// that a page that does not explain anything yet need not load it. Keyed by the names of the map.

import type { CRB, CrbRegister } from './crb.map.ts'
import type { Prose } from './registers.ts'

const NO_INTERRUPTS = 'Has no interrupts: reads 0, writes are lost.'
const NEVER_READS_1 = 'Acted on inside the write and never read back as 1.'

export interface RegisterProse {
  readonly qemu?: string
  readonly fields?: { readonly [field: string]: Prose }
}

type FieldsOf<R extends CrbRegister> = { readonly [F in keyof (typeof CRB)[R]['fields']]?: Prose }
type AllProse = { readonly [R in CrbRegister]?: { readonly qemu?: string; readonly fields?: FieldsOf<R> } }

export const CRB_PROSE: AllProse = {
  LOC_STATE: {
    fields: {
      tpmEstablished: {
        purpose: 'Active low: 0 once a dynamic launch has measured code, until localities 3 or 4 reset it.',
        qemu: 'Computed from the backend, and only for reads that begin exactly at offset 00.',
        values: { 0: 'a dynamic launch took place', 1: 'no dynamic launch' },
      },
      locAssigned: {
        purpose: 'Software polls it after requestAccess; without a locality, Start is not obeyed.',
        qemu: 'Start is ignored without a trace while this is 0; nothing else looks at it.',
        values: { 0: 'nobody owns the interface', 1: 'a locality owns the interface' },
      },
      activeLocality: {
        purpose: 'Tells localities apart; valid while locAssigned is 1.',
        qemu: 'Always 0: there is no other locality.',
      },
      tpmRegValidSts: {
        purpose: 'Drivers wait for it together with locAssigned.',
        qemu: 'Always 1.',
        values: { 0: 'not valid yet', 1: 'valid' },
      },
    },
  },
  LOC_CTRL: {
    qemu: 'The whole value is compared: 3 is neither 1 nor 2, and does nothing.',
    fields: {
      requestAccess: {
        purpose: 'Starts arbitration; the answer is read from LOC_STATE and LOC_STS.',
        qemu: 'Granted at once, always.',
      },
      relinquish: {
        purpose: 'The owner is done; another locality may have the TPM.',
        qemu: 'Works while a command runs, and drops nothing that is half sent or half read.',
      },
      seize: {
        purpose: 'A higher locality need not wait for a lower one.',
        qemu: 'Ignored.',
      },
      resetEstablishmentBit: {
        purpose: 'For localities 3 and 4 only.',
        qemu: 'Accepted and without effect: locality 0 may not.',
      },
    },
  },
  LOC_STS: {
    fields: {
      Granted: {
        purpose: 'Tells this locality whether the TPM is its own.',
        values: { 0: 'not granted', 1: 'granted' },
      },
      beenSeized: {
        purpose: 'The work in hand is lost and must begin again.',
        qemu: 'Never becomes 1.',
      },
    },
  },
  DATA_CSUM_ENABLE: {
    qemu: 'Not there: reads 0, writes are lost.',
  },
  DATA_CSUM: {
    qemu: 'Not there: reads 0, where PTP wants FFFF.',
    fields: {
      dataChecksum: {
        purpose: 'Finds bytes damaged on the way, on slow buses such as SPI.',
      },
    },
  },
  INTF_ID: {
    qemu: 'Constant. Saved with the registers, so a guest may read CapCRBChunk 1 on a device that was loaded without chunking.',
    fields: {
      InterfaceType: {
        purpose: 'The first thing a driver reads; fields that contradict each other make some give up.',
        values: { 0: 'FIFO', 1: 'CRB', 2: 'RAM CRB', 15: 'FIFO of TIS 1.3' },
      },
      InterfaceVersion: {
        purpose: 'What the interface was specified to do.',
        qemu: 'Says 1 although it offers chunks, which PTP gives to version 3.',
        values: { 0: 'before PTP', 1: 'first of PTP', 2: 'larger data buffer', 3: 'with chunks' },
      },
      CapLocality: {
        values: { 0: 'locality 0 only', 1: 'localities 0 to 4' },
      },
      CapCRBIdleBypass: {
        purpose: 'Where it is 0, software has to pass through Idle between two commands.',
        qemu: 'Says 0, and yet starts the next command from Completion.',
        values: { 0: 'Completion ends by going idle', 1: 'idle may be left out' },
      },
      CapCRBChunk: {
        purpose: 'Messages larger than the window need it: post-quantum keys and signatures.',
        qemu: 'Follows the device property cap-chunk.',
        values: { 0: 'no chunks: a message must fit the window', 1: 'chunks: nextChunk and crbRspRetry work' },
      },
      CapDataXferSizeSupport: {
        purpose: 'Each size includes the smaller ones.',
        values: { 0: '4 bytes', 1: '8 bytes', 2: '32 bytes', 3: '64 bytes' },
      },
      InterfaceSelector: {
        purpose: 'Firmware may choose one of several before it sets IntfSelLock.',
        qemu: 'Constant: writes are lost.',
        values: { 0: 'FIFO', 1: 'CRB' },
      },
      IntfSelLock: { qemu: 'Constant 0: writes are lost.' },
      CapSPICSUM: { values: { 0: 'none' } },
    },
  },
  INTF_ID_HI: {
    fields: {
      VID: { values: { 0x1014: 'IBM' } },
    },
  },
  CTRL_EXT: {
    qemu: 'Not there: reads 0, writes are lost.',
  },
  CTRL_EXT_HI: {
    qemu: 'Not there: reads 0, writes are lost.',
  },
  CTRL_REQ: {
    qemu: 'The whole value is compared: 3 does nothing. A half-sent command stays in place.',
    fields: {
      cmdReady: {
        purpose: 'Wakes the TPM. Cleared by it within TIMEOUT_C; the outcome is read from tpmIdle.',
        qemu: NEVER_READS_1,
      },
      goIdle: {
        purpose: 'Lets the TPM save power. Cleared by it within TIMEOUT_C.',
        qemu: NEVER_READS_1,
      },
    },
  },
  CTRL_STS: {
    fields: {
      tpmSts: {
        purpose: 'Set when the TPM cannot go on. Linux returns -EIO for every response while it is 1.',
        qemu: 'Set by a command header below 10 bytes or a failing backend; stays until reset, and commands still run.',
        values: { 0: 'no fatal error', 1: 'fatal error' },
      },
      tpmIdle: {
        purpose: 'In Idle, registers and window need not be kept.',
        qemu: 'Nothing looks at it: commands run while it is 1.',
        values: { 0: 'ready or busy', 1: 'idle' },
      },
      cSUMAvailable: { qemu: 'Never becomes 1.' },
    },
  },
  CTRL_CANCEL: {
    fields: {
      Cancel: {
        purpose: 'The TPM answers soon after, TPM_RC_CANCELED or, if that came too late, the result.',
        qemu: 'Always reads 0, so software cannot see here whether a cancel is under way.',
        values: { 0: 'nothing asked', 1: 'cancel' },
      },
    },
  },
  CTRL_START: {
    qemu: 'One bit acts: Start before nextChunk before crbRspRetry. All are ignored while a command runs.',
    fields: {
      Start: {
        purpose: 'Set when the last bytes of the command are in the window; the TPM clears it with the response there.',
        qemu: 'The only bit of this register that can read 1.',
        values: { 0: 'no command runs', 1: 'a command runs' },
      },
      crbRspRetry: {
        purpose: 'A reader that lost its place begins again from byte 0. Linux defines it and never uses it.',
        qemu: NEVER_READS_1,
      },
      nextChunk: {
        purpose: 'While sending: take this chunk. While receiving: show the next. The state of the interface decides.',
        qemu: `${NEVER_READS_1} The direction is guessed: a response with unread bytes means receiving.`,
      },
    },
  },
  INT_ENABLE: {
    qemu: NO_INTERRUPTS,
  },
  INT_STS: {
    qemu: NO_INTERRUPTS,
  },
  CTRL_CMD_SIZE: {
    fields: {
      Size: {
        purpose: 'The most that fits one chunk: 3968 bytes, up to the next page.',
      },
    },
  },
  CTRL_RSP_SIZE: {
    fields: {
      Size: { purpose: 'The same buffer as for commands, so the same size.' },
    },
  },
}

export const proseOf = (register: string): RegisterProse | undefined =>
  (CRB_PROSE as { readonly [name: string]: RegisterProse })[register]
