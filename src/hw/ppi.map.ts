// The memory through which the operating system asks the firmware for something at the next boot: physical presence requests
// and the memory overwrite bit. 0x400 bytes of RAM at 0xFED45000, as QEMU has them (docs/specs/tpm.rst); the meaning of the
// requests is that of the TCG PC Client Physical Presence Interface 1.30. Little-endian; fields are not aligned.

/** From the head of the TPM's page, 0xFED40000. */
export const PPI_AT = 0x5000
export const PPI_SIZE = 0x400

export interface PpiField {
  readonly at: number
  readonly size: number
  /** Who writes it. */
  readonly by: 'firmware' | 'OS' | 'nobody'
  readonly doc: string
}

export const PPI = {
  func: { at: 0x000, size: 0x100, by: 'firmware', doc: 'for each request, whether the firmware carries it out' },
  ppin: { at: 0x100, size: 1, by: 'nobody', doc: 'number of the system management interrupt; not used' },
  ppip: { at: 0x101, size: 4, by: 'nobody', doc: 'function for system management code; not used' },
  pprp: { at: 0x105, size: 4, by: 'firmware', doc: 'how the last request ended' },
  pprq: { at: 0x109, size: 4, by: 'OS', doc: 'the request for the next boot; 0 for none' },
  pprm: { at: 0x10d, size: 4, by: 'OS', doc: 'parameter of the request' },
  lppr: { at: 0x111, size: 4, by: 'firmware', doc: 'the last request that was carried out, or refused' },
  fret: { at: 0x115, size: 4, by: 'nobody', doc: 'result of system management code; not used' },
  res1: { at: 0x119, size: 0x40, by: 'nobody', doc: 'reserved' },
  next_step: {
    at: 0x159,
    size: 1,
    by: 'firmware',
    doc: 'what the firmware goes on with after a reset that it made itself',
  },
  movv: {
    at: 0x15a,
    size: 1,
    by: 'OS',
    doc: 'memory overwrite: bit 0 asks for all memory to be overwritten at the next reset',
  },
} as const satisfies { readonly [name: string]: PpiField }
export type PpiName = keyof typeof PPI

/** Fields of movv: TCG PC Client Platform Reset Attack Mitigation, 5. */
export const MOVV = {
  ClearMemory: { low: 0, width: 1, doc: 'overwrite memory at the next reset' },
  DisableAutoDetect: { low: 4, width: 1, doc: 'an orderly shutdown does not take the request back' },
} as const

/** Values of func: what function 8 of the interface answers. */
export const PPI_FUNC = {
  NOT_IMPLEMENTED: 0,
  FIRMWARE_ONLY: 1,
  BLOCKED: 2,
  USER_REQUIRED: 3,
  USER_NOT_REQUIRED: 4,
} as const

/** Requests for a TPM 2.0 that some firmware here knows. PPI 1.30, Table 2. */
export const PPI_OPERATIONS: { readonly [request: number]: string } = {
  0: 'no request',
  5: 'clear the TPM',
  14: 'enable and clear the TPM',
  21: 'enable and clear the TPM',
  22: 'enable and clear the TPM',
  23: 'choose the PCR banks',
  24: 'change the endorsement seed',
}

/** Values of pprp beside return codes of the TPM: function 5 of the interface. */
export const PPI_RESULT = { SUCCESS: 0, USER_ABORT: 0xfffffff0, FIRMWARE_FAILURE: 0xfffffff1 } as const

export const ppiResult = (value: number): string =>
  value === PPI_RESULT.SUCCESS
    ? 'done'
    : value === PPI_RESULT.USER_ABORT
      ? 'refused by the user'
      : value === PPI_RESULT.FIRMWARE_FAILURE
        ? 'the firmware failed'
        : `the TPM refused: ${value.toString(16).padStart(3, '0')}`

export const ppiRequest = (value: number): string => PPI_OPERATIONS[value] ?? `request ${value}`

/** The field that an offset within the memory belongs to. */
export function ppiFieldAt(at: number): PpiName | undefined {
  for (const [name, f] of Object.entries(PPI)) if (at >= f.at && at < f.at + f.size) return name as PpiName
  return undefined
}
