// The CRB register map of one locality. TCG PC Client Platform TPM Profile (PTP) 1.07, CRB interface; reset values are
// those of QEMU's tpm-crb with a window of 3,968 bytes.

import { bit, bits, registers } from './registers.ts'

/** First byte of the data window, and of the page after it. */
export const WINDOW_AT = 0x80
export const PAGE_SIZE = 0x1000
/** Physical address of locality 0. */
export const BASE = 0xfed40000

export const CRB = registers({
  LOC_STATE: {
    at: 0x00,
    reset: 0x80,
    doc: 'Who owns the interface',
    fields: {
      tpmEstablished: bit(0, 'ro', 'Reads 1 while no dynamic launch was established: active low'),
      locAssigned: bit(1, 'ro', 'A locality is assigned'),
      activeLocality: bits(2, 3, 'ro', 'Which locality is active'),
      tpmRegValidSts: bit(7, 'ro', 'The other bits of this register are valid'),
    },
  },
  LOC_CTRL: {
    at: 0x08,
    reset: 0,
    doc: 'Ask for the locality, or give it back',
    fields: {
      requestAccess: bit(0, 'req', 'Ask for this locality'),
      relinquish: bit(1, 'req', 'Give this locality back'),
      seize: bit(2, 'req', 'Take the interface from a lower locality'),
      resetEstablishment: bit(3, 'req', 'Reset tpmEstablished: localities 3 and 4 only'),
    },
  },
  LOC_STS: {
    at: 0x0c,
    reset: 0,
    doc: 'State of this locality',
    fields: {
      Granted: bit(0, 'ro', 'This locality has been granted'),
      beenSeized: bit(1, 'ro', 'A higher locality has taken over'),
    },
  },
  DATA_CSUM_ENABLE: { at: 0x10, reset: 0, doc: 'Checksum of the data buffer: enable', fields: {} },
  DATA_CSUM: { at: 0x14, reset: 0, doc: 'Checksum of the data buffer', fields: {} },
  INTF_ID: {
    at: 0x30,
    reset: 0x00025811,
    doc: 'What this interface is and can do',
    fields: {
      InterfaceType: bits(0, 4, 'ro', '1: the CRB interface is active'),
      InterfaceVersion: bits(4, 4, 'ro', 'PTP 1.07 gives 3 to interfaces with chunks; QEMU says 1'),
      CapLocality: bit(8, 'ro', '0: locality 0 only'),
      CapCRBIdleBypass: bit(9, 'ro', 'Completion may be left without going idle'),
      CapCRBChunk: bit(10, 'ro', 'Commands and answers can cross the window in chunks'),
      CapDataXferSizeSupport: bits(11, 2, 'ro', '3: accesses of up to 64 bytes'),
      CapFIFO: bit(13, 'ro', 'The FIFO interface is there too'),
      CapCRB: bit(14, 'ro', 'The CRB interface is there'),
      CapIFRes: bits(15, 2, 'ro', 'Reserved'),
      InterfaceSelector: bits(17, 2, 'ro', '1: CRB is selected'),
      IntfSelLock: bit(19, 'ro', 'The selection can no longer be changed'),
      CapSPICSUM: bits(22, 2, 'ro', '0: no checksum'),
      RID: bits(24, 8, 'ro', 'Revision of the TPM'),
    },
  },
  INTF_ID_HI: {
    at: 0x34,
    reset: 0x1014,
    doc: 'Vendor and device',
    fields: { VID: bits(0, 16, 'ro', 'Vendor identifier'), DID: bits(16, 16, 'ro', 'Device identifier') },
  },
  CTRL_EXT: { at: 0x38, reset: 0, doc: 'Extensions', fields: {} },
  CTRL_REQ: {
    at: 0x40,
    reset: 0,
    doc: 'Ask to become ready, or idle',
    fields: {
      cmdReady: bit(0, 'req', 'Become ready: a command is coming'),
      goIdle: bit(1, 'req', 'Go idle: nothing more is coming'),
    },
  },
  CTRL_STS: {
    at: 0x44,
    reset: 0x02,
    doc: 'State of the interface',
    fields: { tpmSts: bit(0, 'ro', 'A fatal error'), tpmIdle: bit(1, 'ro', 'The interface is idle') },
  },
  CTRL_CANCEL: {
    at: 0x48,
    reset: 0,
    doc: 'Ask to stop the running command',
    fields: { Cancel: bit(0, 'req', 'Stop the running command') },
  },
  CTRL_START: {
    at: 0x4c,
    reset: 0,
    doc: 'Go',
    fields: {
      Start: bit(0, 'req', 'Execute the command; reads 1 until the answer is there'),
      crbRspRetry: bit(1, 'req', 'Put the first chunk of the answer into the window again'),
      nextChunk: bit(2, 'req', 'In a command: a chunk is in the window. In an answer: give the next chunk'),
    },
  },
  INT_ENABLE: { at: 0x50, reset: 0, doc: 'Interrupts: enable', fields: {} },
  INT_STS: { at: 0x54, reset: 0, doc: 'Interrupts: status', fields: {} },
  CTRL_CMD_SIZE: { at: 0x58, reset: 0xf80, doc: 'Size of the command buffer in bytes', fields: {} },
  CTRL_CMD_LADDR: { at: 0x5c, reset: 0xfed40080, doc: 'Address of the command buffer, low half', fields: {} },
  CTRL_CMD_HADDR: { at: 0x60, reset: 0, doc: 'Address of the command buffer, high half', fields: {} },
  CTRL_RSP_SIZE: { at: 0x64, reset: 0xf80, doc: 'Size of the response buffer in bytes', fields: {} },
  CTRL_RSP_ADDR: { at: 0x68, reset: 0xfed40080, doc: 'Address of the response buffer', fields: {} },
})

export type CrbRegister = keyof typeof CRB
