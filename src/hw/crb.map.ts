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

const NO_INTERRUPTS = 'Has no interrupts: reads 0, writes are lost.'
const NEVER_READS_1 = 'Acted on inside the write and never read back as 1.'

export const CRB = registers({
  LOC_STATE: {
    at: 0x00,
    reset: 0x80,
    full: 'TPM_LOC_STATE',
    doc: 'Who owns the interface',
    source: 'PTP 1.07, Table 37',
    fields: {
      tpmEstablished: bit(0, 'ro', 'No dynamic launch was established', {
        purpose: 'Active low: 0 once a dynamic launch has measured code, until localities 3 or 4 reset it.',
        qemu: 'Computed from the backend, and only for reads that begin exactly at offset 00.',
        values: { 0: 'a dynamic launch took place', 1: 'no dynamic launch' },
      }),
      locAssigned: bit(1, 'ro', 'A locality is assigned', {
        purpose: 'Software polls it after requestAccess; without a locality, Start is not obeyed.',
        qemu: 'Start is ignored without a trace while this is 0; nothing else looks at it.',
        values: { 0: 'nobody owns the interface', 1: 'a locality owns the interface' },
      }),
      activeLocality: bits(2, 3, 'ro', 'Which locality is active', {
        purpose: 'Tells localities apart; valid while locAssigned is 1.',
        qemu: 'Always 0: there is no other locality.',
      }),
      tpmRegValidSts: bit(7, 'ro', 'The other bits of this register are valid', {
        purpose: 'Drivers wait for it together with locAssigned.',
        qemu: 'Always 1.',
        values: { 0: 'not valid yet', 1: 'valid' },
      }),
    },
  },
  LOC_CTRL: {
    at: 0x08,
    reset: 0,
    full: 'TPM_LOC_CTRL_x',
    doc: 'Ask for the locality, or give it back',
    source: 'PTP 1.07, Table 38',
    qemu: 'The whole value is compared: 3 is neither 1 nor 2, and does nothing.',
    fields: {
      requestAccess: bit(0, 'wo-self-clearing', 'Ask for this locality', {
        purpose: 'Starts arbitration; the answer is read from LOC_STATE and LOC_STS.',
        qemu: 'Granted at once, always.',
      }),
      relinquish: bit(1, 'wo-self-clearing', 'Give this locality back', {
        purpose: 'The owner is done; another locality may have the TPM.',
        qemu: 'Works while a command runs, and drops nothing that is half sent or half read.',
      }),
      seize: bit(2, 'wo-self-clearing', 'Take the interface from a lower locality', {
        purpose: 'A higher locality need not wait for a lower one.',
        qemu: 'Ignored.',
      }),
      resetEstablishmentBit: bit(3, 'wo-self-clearing', 'Reset tpmEstablished', {
        purpose: 'For localities 3 and 4 only.',
        qemu: 'Accepted and without effect: locality 0 may not.',
      }),
    },
  },
  LOC_STS: {
    at: 0x0c,
    reset: 0,
    full: 'TPM_LOC_STS_x',
    doc: 'State of this locality',
    source: 'PTP 1.07, Table 40',
    fields: {
      Granted: bit(0, 'ro', 'This locality has been granted', {
        purpose: 'Tells this locality whether the TPM is its own.',
        values: { 0: 'not granted', 1: 'granted' },
      }),
      beenSeized: bit(1, 'ro', 'A higher locality has taken over', {
        purpose: 'The work in hand is lost and must begin again.',
        qemu: 'Never becomes 1.',
      }),
    },
  },
  DATA_CSUM_ENABLE: {
    at: 0x10,
    reset: 0,
    full: 'TPM_DATA_CSUM_ENABLE_x',
    doc: 'Checksum of the data: switch on, ask',
    source: 'PTP 1.07, Table 28',
    qemu: 'Not there: reads 0, writes are lost.',
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
    qemu: 'Not there: reads 0, where PTP wants FFFF.',
    fields: {
      dataChecksum: bits(0, 16, 'ro', 'Checksum of the whole command, or of the whole response', {
        purpose: 'Finds bytes damaged on the way, on slow buses such as SPI.',
      }),
    },
  },
  INTF_ID: {
    at: 0x30,
    reset: 0x00025c11,
    full: 'TPM_CRB_INTF_ID_x',
    doc: 'What this interface is and can do',
    source: 'PTP 1.07, Table 24',
    qemu: 'Constant. Saved with the registers, so a guest may read CapCRBChunk 1 on a device that was loaded without chunking.',
    fields: {
      InterfaceType: bits(0, 4, 'ro', 'Which interface is active', {
        purpose: 'The first thing a driver reads; fields that contradict each other make some give up.',
        values: { 0: 'FIFO', 1: 'CRB', 2: 'RAM CRB', 15: 'FIFO of TIS 1.3' },
      }),
      InterfaceVersion: bits(4, 4, 'ro', 'Version of the interface', {
        purpose: 'What the interface was specified to do.',
        qemu: 'Says 1 although it offers chunks, which PTP gives to version 3.',
        values: { 0: 'before PTP', 1: 'first of PTP', 2: 'larger data buffer', 3: 'with chunks' },
      }),
      CapLocality: bit(8, 'ro', 'Which localities there are', {
        values: { 0: 'locality 0 only', 1: 'localities 0 to 4' },
      }),
      CapCRBIdleBypass: bit(9, 'ro', 'From Completion straight to the next command', {
        purpose: 'Where it is 0, software has to pass through Idle between two commands.',
        qemu: 'Says 0, and yet starts the next command from Completion.',
        values: { 0: 'Completion ends by going idle', 1: 'idle may be left out' },
      }),
      CapCRBChunk: bit(10, 'ro', 'Commands and responses can cross the window in chunks', {
        purpose: 'Messages larger than the window need it: post-quantum keys and signatures.',
        qemu: 'Follows the device property cap-chunk.',
        values: { 0: 'no chunks: a message must fit the window', 1: 'chunks: nextChunk and crbRspRetry work' },
      }),
      CapDataXferSizeSupport: bits(11, 2, 'ro', 'Largest single access to the data window', {
        purpose: 'Each size includes the smaller ones.',
        values: { 0: '4 bytes', 1: '8 bytes', 2: '32 bytes', 3: '64 bytes' },
      }),
      CapFIFO: bit(13, 'ro', 'The FIFO interface is there too'),
      CapCRB: bit(14, 'ro', 'The CRB interface is there'),
      CapIFRes: bits(15, 2, 'ro', 'Reserved for further interfaces'),
      InterfaceSelector: bits(17, 2, 'rw', 'Which interface is selected', {
        purpose: 'Firmware may choose one of several before it sets IntfSelLock.',
        qemu: 'Constant: writes are lost.',
        values: { 0: 'FIFO', 1: 'CRB' },
      }),
      IntfSelLock: bit(19, 'rw', 'The selection can no longer be changed', { qemu: 'Constant 0: writes are lost.' }),
      CapSPICSUM: bits(22, 2, 'ro', 'Which checksum the data registers offer', { values: { 0: 'none' } }),
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
      VID: bits(0, 16, 'ro', 'Vendor', { values: { 0x1014: 'IBM' } }),
      DID: bits(16, 16, 'ro', 'Device, by its vendor'),
    },
  },
  CTRL_EXT: {
    at: 0x38,
    reset: 0,
    full: 'TPM_CRB_CTRL_EXT_x',
    doc: 'Control area extension',
    source: 'PTP 1.07, control area',
    qemu: 'Not there: reads 0, writes are lost.',
    fields: { Clear: bits(0, 32, 'rw', 'Part of the extension; no use here') },
  },
  CTRL_EXT_HI: {
    at: 0x3c,
    reset: 0,
    full: 'TPM_CRB_CTRL_EXT_x, bits 63:32',
    doc: 'Control area extension, upper half',
    source: 'PTP 1.07, control area',
    qemu: 'Not there: reads 0, writes are lost.',
    fields: { RemainingBytes: bits(0, 32, 'ro', 'Part of the extension; no use here') },
  },
  CTRL_REQ: {
    at: 0x40,
    reset: 0,
    full: 'TPM_CRB_CTRL_REQ_x',
    doc: 'Ask to become ready, or idle',
    source: 'PTP 1.07, Table 41',
    qemu: 'The whole value is compared: 3 does nothing. A half-sent command stays in place.',
    fields: {
      cmdReady: bit(0, 'rw-self-clearing', 'Become ready: a command is coming', {
        purpose: 'Wakes the TPM. Cleared by it within TIMEOUT_C; the outcome is read from tpmIdle.',
        qemu: NEVER_READS_1,
      }),
      goIdle: bit(1, 'rw-self-clearing', 'Go idle: the response has been read', {
        purpose: 'Lets the TPM save power. Cleared by it within TIMEOUT_C.',
        qemu: NEVER_READS_1,
      }),
    },
  },
  CTRL_STS: {
    at: 0x44,
    reset: 0x02,
    full: 'TPM_CRB_CTRL_STS_x',
    doc: 'State of the interface',
    source: 'PTP 1.07, Table 42',
    fields: {
      tpmSts: bit(0, 'ro', 'A fatal error', {
        purpose: 'Set when the TPM cannot go on. Linux returns -EIO for every response while it is 1.',
        qemu: 'Set by a command header below 10 bytes or a failing backend; stays until reset, and commands still run.',
        values: { 0: 'no fatal error', 1: 'fatal error' },
      }),
      tpmIdle: bit(1, 'ro', 'The interface is idle', {
        purpose: 'In Idle, registers and window need not be kept.',
        qemu: 'Nothing looks at it: commands run while it is 1.',
        values: { 0: 'ready or busy', 1: 'idle' },
      }),
      cSUMAvailable: bit(2, 'ro', 'The checksum of the command can be read', { qemu: 'Never becomes 1.' }),
    },
  },
  CTRL_CANCEL: {
    at: 0x48,
    reset: 0,
    full: 'TPM_CRB_CTRL_CANCEL_x',
    doc: 'Ask to stop the running command',
    source: 'PTP 1.07, Table 43',
    fields: {
      Cancel: bits(0, 32, 'rw', 'Exactly 1: stop the running command', {
        purpose: 'The TPM answers soon after, TPM_RC_CANCELED or, if that came too late, the result.',
        qemu: 'Always reads 0, so software cannot see here whether a cancel is under way.',
        values: { 0: 'nothing asked', 1: 'cancel' },
      }),
    },
  },
  CTRL_START: {
    at: 0x4c,
    reset: 0,
    full: 'TPM_CRB_CTRL_START_x',
    doc: 'Go: execute, next chunk, first chunk again',
    source: 'PTP 1.07, Table 44',
    qemu: 'One bit acts: Start before nextChunk before crbRspRetry. All are ignored while a command runs.',
    fields: {
      Start: bit(0, 'rw-self-clearing', 'Execute the command', {
        purpose: 'Set when the last bytes of the command are in the window; the TPM clears it with the response there.',
        qemu: 'The only bit of this register that can read 1.',
        values: { 0: 'no command runs', 1: 'a command runs' },
      }),
      crbRspRetry: bit(1, 'rw-self-clearing', 'Put the first chunk of the response into the window again', {
        purpose: 'A reader that lost its place begins again from byte 0. Linux defines it and never uses it.',
        qemu: NEVER_READS_1,
      }),
      nextChunk: bit(2, 'rw-self-clearing', 'A chunk is in the window, or: give the next one', {
        purpose: 'While sending: take this chunk. While receiving: show the next. The state of the interface decides.',
        qemu: `${NEVER_READS_1} The direction is guessed: a response with unread bytes means receiving.`,
      }),
    },
  },
  INT_ENABLE: {
    at: 0x50,
    reset: 0,
    full: 'TPM_CRB_INT_ENABLE_x',
    doc: 'Interrupts: which are wanted',
    source: 'PTP 1.07, Table 48',
    qemu: NO_INTERRUPTS,
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
    qemu: NO_INTERRUPTS,
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
      Size: bits(0, 32, 'ro', 'In bytes', {
        purpose: 'The most that fits one chunk: 3968 bytes, up to the next page.',
      }),
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
    fields: { Size: bits(0, 32, 'ro', 'In bytes', { purpose: 'The same buffer as for commands, so the same size.' }) },
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
