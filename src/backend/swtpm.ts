// The protocol of swtpm: a data channel with bare commands, and a control channel. Requests out of a byte queue and
// answers into bytes; no sockets. Codes and bodies as in swtpm's tpm_ioctl.h, without the padding of its C unions.

import { be32, type Bytes, bytes, concat, EMPTY, utf8 } from '../lib/bytes.ts'
import type { ByteQueue } from '../lib/queue.ts'
import type { Ending, HashIndication } from './mssim.ts'

export const CONTROL = {
  GET_CAPABILITY: 1,
  INIT: 2,
  SHUTDOWN: 3,
  GET_TPMESTABLISHED: 4,
  SET_LOCALITY: 5,
  HASH_START: 6,
  HASH_DATA: 7,
  HASH_END: 8,
  CANCEL_TPM_CMD: 9,
  STORE_VOLATILE: 10,
  RESET_TPMESTABLISHED: 11,
  GET_STATEBLOB: 12,
  SET_STATEBLOB: 13,
  STOP: 14,
  GET_CONFIG: 15,
  SET_DATAFD: 16,
  SET_BUFFERSIZE: 17,
  GET_INFO: 18,
} as const

/** The results are those of TPM 1.2. */
export const RESULT = {
  SUCCESS: 0,
  BAD_PARAMETER: 3,
  FAIL: 9,
  /** Also: not while the TPM runs, or not while it does not. */
  BAD_ORDINAL: 0x0a,
  SIZE: 0x11,
  IO_ERROR: 0x1f,
  BAD_LOCALITY: 0x3d,
} as const

/** Types of state blobs. */
export const BLOB = { PERMANENT: 1, VOLATILE: 2, SAVESTATE: 3 } as const
/** Flag of a state blob. */
export const BLOB_ENCRYPTED = 2

/** Every bit of GET_CAPABILITY but 12: a file descriptor cannot be received here. */
const CAPABILITY = 0xffff & ~(1 << 12)

export type ControlRequest =
  | HashIndication
  | Ending
  | { readonly kind: 'init'; readonly deleteVolatile: boolean }
  | { readonly kind: 'get-established' | 'cancel' | 'store-volatile' | 'stop-tpm' }
  | { readonly kind: 'set-locality' | 'reset-established'; readonly locality: number }
  | { readonly kind: 'get-blob'; readonly type: number; readonly offset: number }
  | { readonly kind: 'set-blob'; readonly flags: number; readonly type: number; readonly bytes: Bytes }
  /** 0 asks for the size in use. */
  | { readonly kind: 'buffer-size'; readonly size: number }
  | { readonly kind: 'info'; readonly flags: number; readonly offset: number }
  | { readonly kind: 'answer'; readonly bytes: Bytes }

/** Bytes of the body, of the length field within it where the body goes on with that many bytes. */
const FIXED: { readonly [code: number]: { readonly size: number; readonly lengthAt?: number } } = {
  [CONTROL.INIT]: { size: 4 },
  [CONTROL.SET_LOCALITY]: { size: 1 },
  [CONTROL.HASH_DATA]: { size: 4, lengthAt: 0 },
  [CONTROL.RESET_TPMESTABLISHED]: { size: 1 },
  [CONTROL.GET_STATEBLOB]: { size: 12 },
  [CONTROL.SET_STATEBLOB]: { size: 12, lengthAt: 8 },
  [CONTROL.SET_BUFFERSIZE]: { size: 4 },
  [CONTROL.GET_INFO]: { size: 16 },
}

export const result = (code: number): Bytes => be32(code)

/** The largest state blob that is taken, in bytes. */
const LARGEST_BLOB = 1 << 24

/** The next request of the control channel; undefined until all of it has come. */
export function nextControlRequest(queue: ByteQueue): ControlRequest | undefined {
  if (queue.length < 4) return undefined
  const code = queue.u32(0)
  const { size, lengthAt } = FIXED[code] ?? { size: 0 }
  if (queue.length < 4 + size) return undefined
  const n = lengthAt === undefined ? 0 : queue.u32(4 + lengthAt)
  if (n > LARGEST_BLOB) {
    return {
      kind: 'close',
      why: `${n} bytes at once; at most ${LARGEST_BLOB} are possible`,
      answer: result(RESULT.SIZE),
    }
  }
  if (queue.length < 4 + size + n) return undefined
  const u32 = (at: number): number => queue.u32(4 + at)
  const request = ((): ControlRequest => {
    switch (code) {
      case CONTROL.GET_CAPABILITY:
        return { kind: 'answer', bytes: concat(be32(0), be32(CAPABILITY)) }
      case CONTROL.INIT:
        return { kind: 'init', deleteVolatile: (u32(0) & 1) === 1 }
      case CONTROL.SHUTDOWN:
        return { kind: 'stop', answer: result(RESULT.SUCCESS) }
      case CONTROL.GET_TPMESTABLISHED:
        return { kind: 'get-established' }
      case CONTROL.SET_LOCALITY:
        return { kind: 'set-locality', locality: queue.u8(4) }
      case CONTROL.HASH_START:
        return { kind: 'hash-start' }
      case CONTROL.HASH_DATA:
        return { kind: 'hash-data', bytes: EMPTY }
      case CONTROL.HASH_END:
        return { kind: 'hash-end' }
      case CONTROL.CANCEL_TPM_CMD:
        return { kind: 'cancel' }
      case CONTROL.STORE_VOLATILE:
        return { kind: 'store-volatile' }
      case CONTROL.RESET_TPMESTABLISHED:
        return { kind: 'reset-established', locality: queue.u8(4) }
      case CONTROL.GET_STATEBLOB:
        return { kind: 'get-blob', type: u32(4), offset: u32(8) }
      case CONTROL.SET_STATEBLOB:
        return { kind: 'set-blob', flags: u32(0), type: u32(4), bytes: EMPTY }
      case CONTROL.STOP:
        return { kind: 'stop-tpm' }
      // Neither the state nor what migrates is encrypted.
      case CONTROL.GET_CONFIG:
        return { kind: 'answer', bytes: concat(result(RESULT.SUCCESS), be32(0)) }
      case CONTROL.SET_DATAFD:
        return { kind: 'answer', bytes: result(RESULT.IO_ERROR) }
      case CONTROL.SET_BUFFERSIZE:
        return { kind: 'buffer-size', size: u32(0) }
      case CONTROL.GET_INFO:
        // The flags are 64 bits, of which the upper half is not used.
        return { kind: 'info', flags: u32(4), offset: u32(8) }
      default:
        return { kind: 'answer', bytes: result(RESULT.BAD_ORDINAL) }
    }
  })()
  queue.skip(4 + size)
  if (n > 0) {
    const data = queue.take(n)
    if (request.kind === 'hash-data' || request.kind === 'set-blob') return { ...request, bytes: data }
  }
  return request
}

export const establishedAnswer = (established: boolean): Bytes =>
  concat(result(RESULT.SUCCESS), bytes(established ? 1 : 0, 0, 0, 0))

/** A state blob from `offset` on: flags, length of all, length of this part, bytes. */
export function blobAnswer(code: number, blob: Bytes, offset: number): Bytes {
  const part = offset < blob.length ? blob.slice(offset) : EMPTY
  return concat(result(code), be32(0), be32(blob.length), be32(part.length), part)
}

export const bufferSizeAnswer = (inUse: number, least: number, most: number): Bytes =>
  concat(result(RESULT.SUCCESS), be32(inUse), be32(least), be32(most))

/** Text with a final zero, from `offset` on. */
export function infoAnswer(text: string, offset: number): Bytes {
  const all = concat(utf8(text), bytes(0))
  if (offset >= all.length) return result(RESULT.BAD_PARAMETER)
  const part = all.slice(offset)
  return concat(result(RESULT.SUCCESS), be32(all.length), be32(part.length), part)
}
