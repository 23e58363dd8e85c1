// The TIS (FIFO) register map of one locality: TCG PC Client Platform TPM Profile (PTP) 1.07, FIFO interface, which grew
// out of the TPM Interface Specification (TIS). Names are PTP's without TPM_ and _x; reset values are those of QEMU's
// tpm-tis with a TPM 2.0.

import { bit, bits, registers } from './registers.ts'

/** Localities of the interface, a page each. */
export const LOCALITIES = 5
/** 32-bit words of a page. */
export const TIS_WORDS = 0x400
/** The data port that is 64 bytes wide: any offset in it is the same port. */
export const XFIFO_AT = 0x80
export const XFIFO_END = 0xc0

const SOURCE = 'PTP 1.07, FIFO interface'

export const TIS = registers({
  ACCESS: {
    at: 0x00,
    reset: 0x80,
    full: 'TPM_ACCESS_x',
    doc: 'Who owns the interface; ask for it, give it back',
    source: SOURCE,
    fields: {
      tpmEstablishment: bit(0, 'ro', 'No dynamic launch was established'),
      requestUse: bit(1, 'rw', 'This locality asks for the interface'),
      pendingRequest: bit(2, 'ro', 'Another locality asks for the interface'),
      Seize: bit(3, 'wo-self-clearing', 'Take the interface from a lower locality'),
      beenSeized: bit(4, 'w1c', 'A higher locality has taken over'),
      activeLocality: bit(5, 'w1c', 'This locality owns the interface'),
      tpmRegValidSts: bit(7, 'ro', 'The other bits of this register are valid'),
    },
  },
  INT_ENABLE: {
    at: 0x08,
    reset: 0x08,
    full: 'TPM_INT_ENABLE_x',
    doc: 'Interrupts: which are wanted',
    source: SOURCE,
    fields: {
      dataAvailIntEnable: bit(0, 'rw', 'When an answer is there'),
      stsValidIntEnable: bit(1, 'rw', 'When stsValid was set'),
      localityChangeIntEnable: bit(2, 'rw', 'When the active locality changed'),
      typePolarity: bits(3, 2, 'rw', 'Level or edge, high or low'),
      commandReadyEnable: bit(7, 'rw', 'When a command can be sent'),
      globalIntEnable: bit(31, 'rw', 'Any of them at all'),
    },
  },
  INT_VECTOR: {
    at: 0x0c,
    reset: 0x05,
    full: 'TPM_INT_VECTOR_x',
    doc: 'Which interrupt line',
    source: SOURCE,
    fields: { sirqVec: bits(0, 4, 'rw', 'Number of the line') },
  },
  INT_STATUS: {
    at: 0x10,
    reset: 0,
    full: 'TPM_INT_STATUS_x',
    doc: 'Interrupts: which occurred',
    source: SOURCE,
    fields: {
      dataAvailIntOccurred: bit(0, 'w1c', 'An answer is there'),
      stsValidIntOccurred: bit(1, 'w1c', 'stsValid was set'),
      localityChangeIntOccurred: bit(2, 'w1c', 'The active locality changed'),
      commandReadyIntOccurred: bit(7, 'w1c', 'A command can be sent'),
    },
  },
  INTF_CAPABILITY: {
    at: 0x14,
    reset: 0x3000_0697,
    full: 'TPM_INTF_CAPABILITY_x',
    doc: 'What this interface can do',
    source: SOURCE,
    fields: {
      dataAvailIntSupport: bit(0, 'ro', 'Interrupt when an answer is there'),
      stsValidIntSupport: bit(1, 'ro', 'Interrupt when stsValid was set'),
      localityChangeIntSupport: bit(2, 'ro', 'Interrupt when the active locality changed'),
      InterruptLevelHigh: bit(3, 'ro', 'High level'),
      InterruptLevelLow: bit(4, 'ro', 'Low level'),
      InterruptEdgeRising: bit(5, 'ro', 'Rising edge'),
      InterruptEdgeFalling: bit(6, 'ro', 'Falling edge'),
      commandReadyIntSupport: bit(7, 'ro', 'Interrupt when a command can be sent'),
      BurstCountStatic: bit(8, 'ro', 'burstCount never changes'),
      DataTransferSizeSupport: bits(9, 2, 'ro', 'Largest single access to the data port'),
      InterfaceVersion: bits(28, 3, 'ro', 'Version of the interface'),
    },
  },
  STS: {
    at: 0x18,
    reset: 0x0400_0000,
    full: 'TPM_STS_x',
    doc: 'State of the transfer; begin, execute, read again',
    source: SOURCE,
    fields: {
      responseRetry: bit(1, 'wo-self-clearing', 'Read the answer again from its first byte'),
      selfTestDone: bit(2, 'ro', 'The self-test is finished'),
      Expect: bit(3, 'ro', 'The TPM waits for more bytes of the command'),
      dataAvail: bit(4, 'ro', 'Bytes of the answer are there'),
      tpmGo: bit(5, 'wo-self-clearing', 'Execute the command'),
      commandReady: bit(6, 'rw', 'Begin a command, or abort one'),
      stsValid: bit(7, 'ro', 'Expect and dataAvail are valid'),
      burstCount: bits(8, 16, 'ro', 'Bytes that can be moved without looking here again'),
      commandCancel: bit(24, 'wo-self-clearing', 'Stop the running command'),
      resetEstablishmentBit: bit(25, 'wo-self-clearing', 'Reset tpmEstablishment'),
      tpmFamily: bits(26, 2, 'ro', 'TPM 1.2 or TPM 2.0'),
    },
  },
  DATA_FIFO: {
    at: 0x24,
    reset: 0xffff_ffff,
    full: 'TPM_DATA_FIFO_x',
    doc: 'The data port: commands in, answers out',
    source: SOURCE,
    fields: { Data: bits(0, 32, 'rw', 'One to four bytes of the command or the answer') },
  },
  INTERFACE_ID: {
    at: 0x30,
    reset: 0x2100,
    full: 'TPM_INTERFACE_ID_x',
    doc: 'What this interface is, and what else there is',
    source: SOURCE,
    fields: {
      InterfaceType: bits(0, 4, 'ro', 'Which interface is active'),
      InterfaceVersion: bits(4, 4, 'ro', 'Version of the interface'),
      CapLocality: bit(8, 'ro', 'Which localities there are'),
      CapDataXferSizeSupport: bits(11, 2, 'ro', 'Largest single access to the data port'),
      CapFIFO: bit(13, 'ro', 'The FIFO interface is there'),
      CapCRB: bit(14, 'ro', 'The CRB interface is there too'),
      CapIFRes: bits(15, 2, 'ro', 'Reserved for further interfaces'),
      InterfaceSelector: bits(17, 2, 'rw', 'Which interface is selected'),
      IntfSelLock: bit(19, 'rw', 'The selection can no longer be changed'),
    },
  },
  XDATA_FIFO: {
    at: XFIFO_AT,
    reset: 0xffff_ffff,
    full: 'TPM_XDATA_FIFO_x',
    doc: 'The same data port, 64 bytes wide: 080 to 0BF',
    source: SOURCE,
    fields: { Data: bits(0, 32, 'rw', 'One to four bytes of the command or the answer') },
  },
  DID_VID: {
    at: 0xf00,
    reset: 0x0001_1014,
    full: 'TPM_DID_VID_x',
    doc: 'Who made it',
    source: SOURCE,
    fields: {
      VID: bits(0, 16, 'ro', 'Vendor'),
      DID: bits(16, 16, 'ro', 'Device, by its vendor'),
    },
  },
  RID: {
    at: 0xf04,
    reset: 0x01,
    full: 'TPM_RID_x',
    doc: 'Revision of the device',
    source: SOURCE,
    fields: { RID: bits(0, 8, 'ro', 'Revision, by its vendor') },
  },
})

export type TisRegister = keyof typeof TIS
