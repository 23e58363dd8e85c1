// What the fields of the TIS registers are for, and where QEMU's device leaves the specification or decides what it leaves
// open. Apart from the map, like crb.prose.ts. Keyed by the names of the map.

import type { RegisterProse } from './crb.prose.ts'
import type { Prose } from './registers.ts'
import type { TIS, TisRegister } from './tis.map.ts'

type FieldsOf<R extends TisRegister> = { readonly [F in keyof (typeof TIS)[R]['fields']]?: Prose }
type AllProse = { readonly [R in TisRegister]?: { readonly qemu?: string; readonly fields?: FieldsOf<R> } }

const XFER = { 0: '1 byte or as before', 1: '8 bytes', 2: '32 bytes', 3: '64 bytes' }
const PORT =
  'An access ends with its word: of eight bytes at 024 four are data. Without the locality it reads FF; after the answer too.'

export const TIS_PROSE: AllProse = {
  ACCESS: {
    qemu: 'One byte. Locality 4 can only read it. The bits of one write act in the order release, acknowledge, seize, request.',
    fields: {
      tpmEstablishment: {
        purpose: 'Active low: 0 once a dynamic launch has measured code, until localities 3 or 4 reset it.',
        values: { 0: 'a dynamic launch took place', 1: 'no dynamic launch' },
      },
      requestUse: {
        purpose: 'With nobody active the locality becomes active at once; else the bit stays until it does.',
        values: { 0: 'does not ask', 1: 'asks, and waits' },
      },
      pendingRequest: {
        purpose: 'Tells the active locality to hurry: somebody waits.',
        qemu: 'Computed when read, from all other localities.',
        values: { 0: 'nobody else waits', 1: 'another locality waits' },
      },
      Seize: {
        purpose: 'A higher locality need not wait for a lower one.',
        qemu: 'Other bits of the same write are dropped. While a command executes the change waits for its end, and a cancel goes to the backend.',
      },
      beenSeized: {
        purpose: 'The work in hand is lost and must begin again. Writing 1 clears it.',
        values: { 0: 'not seized', 1: 'seized by a higher locality' },
      },
      activeLocality: {
        purpose: 'Polled after requestUse. Writing 1 gives the locality back, or takes a waiting request back.',
        qemu: 'Of several that wait the highest is next. With nobody waiting, state and status stay: an answer can still be read after asking again.',
        values: { 0: 'not active', 1: 'active' },
      },
      tpmRegValidSts: {
        purpose: 'Drivers wait for it together with activeLocality.',
        qemu: 'Always 1.',
        values: { 0: 'not valid yet', 1: 'valid' },
      },
    },
  },
  INT_ENABLE: {
    qemu: 'Only the active locality can write it.',
    fields: {
      typePolarity: {
        values: { 0: 'high level', 1: 'low level', 2: 'rising edge', 3: 'falling edge' },
      },
      globalIntEnable: {
        purpose: 'Without it no interrupt occurs, whatever the others say. Drivers that find none poll instead.',
        values: { 0: 'no interrupts', 1: 'interrupts' },
      },
    },
  },
  INT_VECTOR: {
    qemu: 'Wired to 5: writes are lost. The ACPI table names no interrupt by default, so that drivers poll.',
  },
  INT_STATUS: {
    qemu: 'The line falls when every bit is clear. Only the active locality can write it.',
  },
  INTF_CAPABILITY: {
    qemu: 'Constant; 20000697 with a TPM 1.2, 0 when the version of the TPM is not known.',
    fields: {
      BurstCountStatic: { values: { 0: 'burstCount changes', 1: 'burstCount is constant' } },
      DataTransferSizeSupport: { values: XFER },
      InterfaceVersion: { values: { 0: 'TIS 1.21 or before', 2: 'TIS 1.3', 3: 'PTP, for TPM 2.0' } },
    },
  },
  STS: {
    qemu: 'A locality that is not active reads FFFFFFFF: every bit set, which no status can be. Its writes are lost.',
    fields: {
      responseRetry: {
        purpose: 'A reader that lost bytes on the way begins the answer again.',
        qemu: 'Acts only after completion, and only when neither commandReady nor tpmGo is written with it.',
      },
      selfTestDone: {
        purpose: 'All tests have passed, or failed and been reported.',
        qemu: 'Set when the backend says so, after a whole self-test; kept until reset.',
      },
      Expect: {
        purpose: 'Drivers check it after the last byte: still 1 means that bytes were lost, 0 too early as well.',
        qemu: 'Off when the announced size, of which 16 bits count, has arrived, or the buffer is full.',
        values: { 0: 'the command is complete', 1: 'more bytes are expected' },
      },
      dataAvail: {
        purpose: 'Set with the answer, cleared with its last byte: still 1 after reading means that bytes were left.',
        values: { 0: 'nothing to read', 1: 'bytes of the answer wait' },
      },
      tpmGo: {
        purpose: 'Everything is there: execute.',
        qemu: 'Without effect while Expect is 1.',
      },
      commandReady: {
        purpose: 'Reads 1 when a command can be sent. Writing 1 begins one, ends reading an answer, or aborts.',
        qemu: 'While a command executes it waits for the end: the backend is asked to cancel, the answer is dropped.',
        values: { 0: 'not ready for a command', 1: 'ready for a command' },
      },
      stsValid: {
        purpose: 'Expect and dataAvail may only be looked at while this is 1.',
        values: { 0: 'Expect and dataAvail are not valid', 1: 'Expect and dataAvail are valid' },
      },
      burstCount: {
        purpose: 'Flow control: that many bytes can be moved before the driver must look again. 0 means wait.',
        qemu: 'Bytes of the answer left, else free room in the buffer. A one-byte read caps free room at FF, but not what is left of an answer: with exactly 256 left it shows 00.',
      },
      commandCancel: {
        purpose: 'TPM 2.0 only.',
        qemu: 'Acts only while a command executes.',
      },
      resetEstablishmentBit: {
        purpose: 'For localities 3 and 4 only. TPM 2.0 only.',
        qemu: 'Locality 4 cannot write, so locality 3 alone can.',
      },
      tpmFamily: { values: { 0: 'TPM 1.2', 1: 'TPM 2.0' } },
    },
  },
  DATA_FIFO: { qemu: PORT },
  INTERFACE_ID: {
    qemu: 'FFFFFFFF with a TPM 1.2. Setting IntfSelLock reaches all localities; the rest cannot be written.',
    fields: {
      InterfaceType: {
        purpose: 'A driver reads it before it decides for FIFO or CRB.',
        values: { 0: 'FIFO', 1: 'CRB', 15: 'FIFO of TIS 1.3' },
      },
      InterfaceVersion: { values: { 0: 'FIFO of PTP' } },
      CapLocality: { values: { 0: 'locality 0 only', 1: 'localities 0 to 4' } },
      CapDataXferSizeSupport: { values: XFER },
      InterfaceSelector: { values: { 0: 'FIFO', 1: 'CRB' } },
      IntfSelLock: { values: { 0: 'can be changed', 1: 'locked' } },
    },
  },
  XDATA_FIFO: { qemu: PORT },
  DID_VID: { fields: { VID: { values: { 0x1014: 'IBM' } } } },
}

export const tisProseOf = (register: string): RegisterProse | undefined =>
  (TIS_PROSE as { readonly [name: string]: RegisterProse })[register]
