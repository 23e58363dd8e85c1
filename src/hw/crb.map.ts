// The CRB register map of one locality: TCG PC Client Platform TPM Profile (PTP) 1.07, CRB interface. Names are PTP's
// without TPM_ and TPM_CRB_; reset values are those of QEMU's tpm-crb with chunking and the full window. Table numbers are
// as open register maps cite them.

import { bit, bits, registers } from './registers.ts'

/** First byte of the data window, and of the page after it. */
export const WINDOW_AT = 0x80
export const PAGE_SIZE = 0x1000
/** 32-bit words below the window. */
export const WORDS = WINDOW_AT / 4
/** Physical address of locality 0. */
export const BASE = 0xfed40000

export const CRB = registers({
  LOC_STATE: {
    at: 0x00,
    reset: 0x80,
    full: 'TPM_LOC_STATE',
    doc: 'Who owns the interface',
    source: 'PTP 1.07, Table 37',
    fields: {
      tpmEstablished: bit(0, 'ro', 'No dynamic launch was established'),
      locAssigned: bit(1, 'ro', 'A locality is assigned'),
      activeLocality: bits(2, 3, 'ro', 'Which locality is active'),
      tpmRegValidSts: bit(7, 'ro', 'The other bits of this register are valid'),
    },
  },
  LOC_CTRL: {
    at: 0x08,
    reset: 0,
    full: 'TPM_LOC_CTRL_x',
    doc: 'Ask for the locality, or give it back',
    source: 'PTP 1.07, Table 38',
    fields: {
      requestAccess: bit(0, 'wo-self-clearing', 'Ask for this locality'),
      relinquish: bit(1, 'wo-self-clearing', 'Give this locality back'),
      seize: bit(2, 'wo-self-clearing', 'Take the interface from a lower locality'),
      resetEstablishmentBit: bit(3, 'wo-self-clearing', 'Reset tpmEstablished'),
    },
  },
  LOC_STS: {
    at: 0x0c,
    reset: 0,
    full: 'TPM_LOC_STS_x',
    doc: 'State of this locality',
    source: 'PTP 1.07, Table 40',
    fields: {
      Granted: bit(0, 'ro', 'This locality has been granted'),
      beenSeized: bit(1, 'ro', 'A higher locality has taken over'),
    },
  },
  DATA_CSUM_ENABLE: {
    at: 0x10,
    reset: 0,
    full: 'TPM_DATA_CSUM_ENABLE_x',
    doc: 'Checksum of the data: switch on, ask',
    source: 'PTP 1.07, Table 28',
    fields: {
      dataCSumEnable: bit(0, 'rw', 'Checksums are on'),
      dataCSumRequest: bit(1, 'rw-self-clearing', 'Compute the checksum of the command'),
    },
  },
  DATA_CSUM: {
    at: 0x14,
    reset: 0,
    full: 'TPM_DATA_CSUM_x',
    doc: 'Checksum of the data',
    source: 'PTP 1.07, Table 29',
    fields: {
      dataChecksum: bits(0, 16, 'ro', 'Checksum of the whole command, or of the whole response'),
    },
  },
  INTF_ID: {
    at: 0x30,
    reset: 0x00025c11,
    full: 'TPM_CRB_INTF_ID_x',
    doc: 'What this interface is and can do',
    source: 'PTP 1.07, Table 24',
    fields: {
      InterfaceType: bits(0, 4, 'ro', 'Which interface is active'),
      InterfaceVersion: bits(4, 4, 'ro', 'Version of the interface'),
      CapLocality: bit(8, 'ro', 'Which localities there are'),
      CapCRBIdleBypass: bit(9, 'ro', 'From Completion straight to the next command'),
      CapCRBChunk: bit(10, 'ro', 'Commands and responses can cross the window in chunks'),
      CapDataXferSizeSupport: bits(11, 2, 'ro', 'Largest single access to the data window'),
      CapFIFO: bit(13, 'ro', 'The FIFO interface is there too'),
      CapCRB: bit(14, 'ro', 'The CRB interface is there'),
      CapIFRes: bits(15, 2, 'ro', 'Reserved for further interfaces'),
      InterfaceSelector: bits(17, 2, 'rw', 'Which interface is selected'),
      IntfSelLock: bit(19, 'rw', 'The selection can no longer be changed'),
      CapSPICSUM: bits(22, 2, 'ro', 'Which checksum the data registers offer'),
      RID: bits(24, 8, 'ro', 'Revision of the TPM'),
    },
  },
  INTF_ID_HI: {
    at: 0x34,
    reset: 0x1014,
    full: 'TPM_CRB_INTF_ID_x, bits 63:32',
    doc: 'Who made it',
    source: 'PTP 1.07, Table 24',
    fields: {
      VID: bits(0, 16, 'ro', 'Vendor'),
      DID: bits(16, 16, 'ro', 'Device, by its vendor'),
    },
  },
  CTRL_EXT: {
    at: 0x38,
    reset: 0,
    full: 'TPM_CRB_CTRL_EXT_x',
    doc: 'Control area extension',
    source: 'PTP 1.07, control area',
    fields: { Clear: bits(0, 32, 'rw', 'Part of the extension; no use here') },
  },
  CTRL_EXT_HI: {
    at: 0x3c,
    reset: 0,
    full: 'TPM_CRB_CTRL_EXT_x, bits 63:32',
    doc: 'Control area extension, upper half',
    source: 'PTP 1.07, control area',
    fields: { RemainingBytes: bits(0, 32, 'ro', 'Part of the extension; no use here') },
  },
  CTRL_REQ: {
    at: 0x40,
    reset: 0,
    full: 'TPM_CRB_CTRL_REQ_x',
    doc: 'Ask to become ready, or idle',
    source: 'PTP 1.07, Table 41',
    fields: {
      cmdReady: bit(0, 'rw-self-clearing', 'Become ready: a command is coming'),
      goIdle: bit(1, 'rw-self-clearing', 'Go idle: the response has been read'),
    },
  },
  CTRL_STS: {
    at: 0x44,
    reset: 0x02,
    full: 'TPM_CRB_CTRL_STS_x',
    doc: 'State of the interface',
    source: 'PTP 1.07, Table 42',
    fields: {
      tpmSts: bit(0, 'ro', 'A fatal error'),
      tpmIdle: bit(1, 'ro', 'The interface is idle'),
      cSUMAvailable: bit(2, 'ro', 'The checksum of the command can be read'),
    },
  },
  CTRL_CANCEL: {
    at: 0x48,
    reset: 0,
    full: 'TPM_CRB_CTRL_CANCEL_x',
    doc: 'Ask to stop the running command',
    source: 'PTP 1.07, Table 43',
    fields: {
      Cancel: bits(0, 32, 'rw', 'Exactly 1: stop the running command'),
    },
  },
  CTRL_START: {
    at: 0x4c,
    reset: 0,
    full: 'TPM_CRB_CTRL_START_x',
    doc: 'Go: execute, next chunk, first chunk again',
    source: 'PTP 1.07, Table 44',
    fields: {
      Start: bit(0, 'rw-self-clearing', 'Execute the command'),
      crbRspRetry: bit(1, 'rw-self-clearing', 'Put the first chunk of the response into the window again'),
      nextChunk: bit(2, 'rw-self-clearing', 'A chunk is in the window, or: give the next one'),
    },
  },
  INT_ENABLE: {
    at: 0x50,
    reset: 0,
    full: 'TPM_CRB_INT_ENABLE_x',
    doc: 'Interrupts: which are wanted',
    source: 'PTP 1.07, Table 48',
    fields: {
      startIntEnable: bit(0, 'rw', 'When Start was cleared'),
      cmdReadyIntEnable: bit(1, 'rw', 'When the TPM became ready'),
      establishmentClearIntEnable: bit(2, 'rw', 'When tpmEstablished was reset'),
      localityChangeIntEnable: bit(3, 'rw', 'When the active locality changed'),
      nextChunkClearedIntEnable: bit(4, 'rw', 'When nextChunk was cleared'),
      globalInterruptEnable: bit(31, 'rw', 'Any of them at all'),
    },
  },
  INT_STS: {
    at: 0x54,
    reset: 0,
    full: 'TPM_CRB_INT_STS_x',
    doc: 'Interrupts: which occurred',
    source: 'PTP 1.07, Table 49',
    fields: {
      startInt: bit(0, 'w1c', 'Start was cleared'),
      cmdReadyInt: bit(1, 'w1c', 'The TPM became ready'),
      establishmentClearInt: bit(2, 'w1c', 'tpmEstablished was reset'),
      localityChangeInt: bit(3, 'w1c', 'The active locality changed'),
      nextChunkClearedInt: bit(4, 'w1c', 'nextChunk was cleared'),
    },
  },
  CTRL_CMD_SIZE: {
    at: 0x58,
    reset: 0xf80,
    full: 'TPM_CRB_CTRL_CMD_SIZE_x',
    doc: 'Size of the command buffer',
    source: 'PTP 1.07, control area',
    fields: {
      Size: bits(0, 32, 'ro', 'In bytes'),
    },
  },
  CTRL_CMD_LADDR: {
    at: 0x5c,
    reset: BASE + WINDOW_AT,
    full: 'TPM_CRB_CTRL_CMD_LADDR_x',
    doc: 'Where the command buffer is, lower half',
    source: 'PTP 1.07, control area',
    fields: { Address: bits(0, 32, 'ro', 'Physical address, bits 31:0') },
  },
  CTRL_CMD_HADDR: {
    at: 0x60,
    reset: 0,
    full: 'TPM_CRB_CTRL_CMD_HADDR_x',
    doc: 'Where the command buffer is, upper half',
    source: 'PTP 1.07, control area',
    fields: { Address: bits(0, 32, 'ro', 'Physical address, bits 63:32') },
  },
  CTRL_RSP_SIZE: {
    at: 0x64,
    reset: 0xf80,
    full: 'TPM_CRB_CTRL_RSP_SIZE_x',
    doc: 'Size of the response buffer',
    source: 'PTP 1.07, control area',
    fields: { Size: bits(0, 32, 'ro', 'In bytes') },
  },
  CTRL_RSP_ADDR: {
    at: 0x68,
    reset: BASE + WINDOW_AT,
    full: 'TPM_CRB_CTRL_RSP_ADDR_x',
    doc: 'Where the response buffer is, lower half',
    source: 'PTP 1.07, control area',
    fields: { Address: bits(0, 32, 'ro', 'Physical address, bits 31:0') },
  },
  CTRL_RSP_ADDR_HI: {
    at: 0x6c,
    reset: 0,
    full: 'TPM_CRB_CTRL_RSP_ADDR_x, bits 63:32',
    doc: 'Where the response buffer is, upper half',
    source: 'PTP 1.07, control area',
    fields: { Address: bits(0, 32, 'ro', 'Physical address, bits 63:32') },
  },
})

export type CrbRegister = keyof typeof CRB
