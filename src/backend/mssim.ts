// The protocol of Microsoft's TPM simulator: two ports, one for commands and one for the platform. Requests out of a byte
// queue and answers into bytes; no sockets. Codes as in TpmTcpProtocol.h of the TPM 2.0 reference code.

import { be32, type Bytes, concat, EMPTY } from '../lib/bytes.ts'
import type { ByteQueue } from '../lib/queue.ts'
import { errorResponse, HEADER_SIZE } from '../spec/frame.ts'
import { RH } from '../spec/handles.ts'
import { RC } from '../spec/return-codes.ts'
import { ST } from '../spec/codes.ts'

/** Codes of the command port. */
export const COMMAND_PORT = {
  HASH_START: 5,
  HASH_DATA: 6,
  HASH_END: 7,
  SEND_COMMAND: 8,
  REMOTE_HANDSHAKE: 15,
  SET_ALTERNATIVE_RESULT: 16,
  SESSION_END: 20,
  STOP: 21,
} as const

/** Codes of the platform port. */
export const PLATFORM_PORT = {
  POWER_ON: 1,
  POWER_OFF: 2,
  PHYS_PRES_ON: 3,
  PHYS_PRES_OFF: 4,
  CANCEL_ON: 9,
  CANCEL_OFF: 10,
  NV_ON: 11,
  NV_OFF: 12,
  KEY_CACHE_ON: 13,
  KEY_CACHE_OFF: 14,
  RESET: 17,
  RESTART: 18,
  SESSION_END: 20,
  STOP: 21,
  GET_COMMAND_RESPONSE_SIZES: 25,
  ACT_GET_SIGNALED: 26,
  TEST_FAILURE_MODE: 30,
} as const

/** The version of the protocol that both sides name in the handshake. */
const VERSION = 1
/** What there is: the platform port, raw mode, physical presence. */
const ENDPOINT = 0x1 | 0x4 | 0x8

/** A command for the TPM, and how its response is to be wrapped. */
export interface TpmCommand {
  readonly kind: 'command'
  readonly bytes: Bytes
  /** Undefined where the frame names none: the locality is then that of the connection or of the platform. */
  readonly locality: number | undefined
  readonly framed: boolean
}
/** The _TPM_Hash_ indications. */
export type HashIndication =
  | { readonly kind: 'hash-start' }
  | { readonly kind: 'hash-data'; readonly bytes: Bytes }
  | { readonly kind: 'hash-end' }
/** What a connection itself is to do: end, end with a last answer, or end the server. */
export type Ending =
  | { readonly kind: 'close'; readonly why: string; readonly answer?: Bytes }
  | { readonly kind: 'stop'; readonly answer?: Bytes }

export type CommandRequest = TpmCommand | HashIndication | Ending | { readonly kind: 'answer'; readonly bytes: Bytes }

export type PlatformRequest =
  | {
      readonly kind:
        | 'power-on'
        | 'power-off'
        | 'reset'
        | 'presence-on'
        | 'presence-off'
        | 'cancel-on'
        | 'cancel-off'
        | 'nv-on'
        | 'nv-off'
        | 'fail-self-test'
    }
  | Ending
  | { readonly kind: 'answer'; readonly bytes: Bytes }

/** The acknowledgement that ends nearly every answer. */
export const ACK: Bytes = be32(0)
const REFUSED: Bytes = be32(1)

const SIZE_AT = 2

/**
 * A command without a frame: the length is the one in its header. A header that cannot be right leaves no way to find
 * the next command, so its answer is the last.
 */
function bare(queue: ByteQueue, limit: number): TpmCommand | Ending | undefined {
  if (queue.length < HEADER_SIZE) {
    if (queue.length < SIZE_AT + 4 || queue.u32(SIZE_AT) >= HEADER_SIZE) return undefined
  }
  const size = queue.u32(SIZE_AT)
  if (size < HEADER_SIZE || size > limit) {
    queue.clear()
    const answer = errorResponse(RC.COMMAND_SIZE, ST.NO_SESSIONS)
    return { kind: 'close', why: `a command of ${size} bytes; at most ${limit} are possible`, answer }
  }
  if (queue.length < size) return undefined
  return { kind: 'command', bytes: queue.take(size), locality: undefined, framed: false }
}

/** SEND_COMMAND: code, locality, length, command. */
export function framed(queue: ByteQueue, limit: number): TpmCommand | Ending | undefined {
  if (queue.length < 9) return undefined
  const n = queue.u32(5)
  if (n > limit) return { kind: 'close', why: `a command of ${n} bytes; at most ${limit} are possible` }
  if (queue.length < 9 + n) return undefined
  const locality = queue.u8(4)
  if (locality > 4) return { kind: 'close', why: `locality ${locality}; there are 0 to 4` }
  queue.skip(9)
  return { kind: 'command', bytes: queue.take(n), locality, framed: true }
}

/** Both ways to send a command through a data connection: the first word tells them apart. */
export function nextCommand(queue: ByteQueue, limit: number): TpmCommand | Ending | undefined {
  if (queue.length < 4) return undefined
  return queue.u32(0) === COMMAND_PORT.SEND_COMMAND ? framed(queue, limit) : bare(queue, limit)
}

function withData(queue: ByteQueue, limit: number): Bytes | Ending | undefined {
  if (queue.length < 8) return undefined
  const n = queue.u32(4)
  if (n > limit) return { kind: 'close', why: `${n} bytes at once; at most ${limit} are possible` }
  if (queue.length < 8 + n) return undefined
  queue.skip(8)
  return queue.take(n)
}

/** The next request of the command port; undefined until all of it has come. @param limit bytes of the largest command */
export function nextCommandRequest(queue: ByteQueue, limit: number): CommandRequest | undefined {
  if (queue.length < 4) return undefined
  const code = queue.u32(0)
  switch (code) {
    case COMMAND_PORT.SEND_COMMAND:
      return framed(queue, limit)
    case COMMAND_PORT.HASH_START:
      queue.skip(4)
      return { kind: 'hash-start' }
    case COMMAND_PORT.HASH_DATA: {
      const data = withData(queue, limit)
      return data === undefined || 'kind' in data ? data : { kind: 'hash-data', bytes: data }
    }
    case COMMAND_PORT.HASH_END:
      queue.skip(4)
      return { kind: 'hash-end' }
    case COMMAND_PORT.REMOTE_HANDSHAKE: {
      if (queue.length < 8) return undefined
      const version = queue.u32(4)
      queue.skip(8)
      if (version === 0) return { kind: 'close', why: 'a handshake of version 0' }
      return { kind: 'answer', bytes: concat(be32(VERSION), be32(ENDPOINT), ACK) }
    }
    case COMMAND_PORT.SET_ALTERNATIVE_RESULT:
      if (queue.length < 8) return undefined
      queue.skip(8)
      return { kind: 'answer', bytes: ACK }
    case COMMAND_PORT.SESSION_END:
      return { kind: 'close', why: 'the session has ended' }
    case COMMAND_PORT.STOP:
      return { kind: 'stop' }
    default: {
      // Clients in "raw" mode send bare commands to this port.
      const tag = code >>> 16
      if (tag === ST.NO_SESSIONS || tag === ST.SESSIONS) return bare(queue, limit)
      return { kind: 'close', why: `an unknown code ${code}` }
    }
  }
}

const PLATFORM: { readonly [code: number]: PlatformRequest } = {
  [PLATFORM_PORT.POWER_ON]: { kind: 'power-on' },
  [PLATFORM_PORT.POWER_OFF]: { kind: 'power-off' },
  [PLATFORM_PORT.PHYS_PRES_ON]: { kind: 'presence-on' },
  [PLATFORM_PORT.PHYS_PRES_OFF]: { kind: 'presence-off' },
  [PLATFORM_PORT.CANCEL_ON]: { kind: 'cancel-on' },
  [PLATFORM_PORT.CANCEL_OFF]: { kind: 'cancel-off' },
  [PLATFORM_PORT.NV_ON]: { kind: 'nv-on' },
  [PLATFORM_PORT.NV_OFF]: { kind: 'nv-off' },
  // Keys are never taken from a cache here.
  [PLATFORM_PORT.KEY_CACHE_ON]: { kind: 'answer', bytes: ACK },
  [PLATFORM_PORT.KEY_CACHE_OFF]: { kind: 'answer', bytes: ACK },
  [PLATFORM_PORT.RESET]: { kind: 'reset' },
  [PLATFORM_PORT.RESTART]: { kind: 'reset' },
  [PLATFORM_PORT.TEST_FAILURE_MODE]: { kind: 'fail-self-test' },
  [PLATFORM_PORT.SESSION_END]: { kind: 'close', why: 'the session has ended' },
  [PLATFORM_PORT.STOP]: { kind: 'stop' },
}

/**
 * The next request of the platform port; undefined until all of it has come.
 * @param sizes the largest command and response so far, in bytes
 * @param acts the countdown timers, which are asked for by their handles
 */
export function nextPlatformRequest(
  queue: ByteQueue,
  sizes: { readonly command: number; readonly response: number },
  acts: readonly { readonly signaled: boolean }[],
): PlatformRequest | undefined {
  if (queue.length < 4) return undefined
  const code = queue.u32(0)
  if (code === PLATFORM_PORT.ACT_GET_SIGNALED) {
    if (queue.length < 8) return undefined
    const act = acts[queue.u32(4) - RH.ACT_0]
    queue.skip(8)
    return { kind: 'answer', bytes: concat(be32(act?.signaled ? 1 : 0), ACK) }
  }
  queue.skip(4)
  if (code === PLATFORM_PORT.GET_COMMAND_RESPONSE_SIZES) {
    const both = concat(be32(sizes.command), be32(sizes.response))
    return { kind: 'answer', bytes: concat(be32(both.length), both, ACK) }
  }
  return PLATFORM[code] ?? { kind: 'close', why: `an unknown code ${code}`, answer: REFUSED }
}

/** A response as the command port sends it, with the acknowledgement. */
export const frameResponse = (response: Bytes): Bytes => concat(be32(response.length), response, ACK)

/** What a TPM without power answers: nothing, in a frame; in a bare stream the TPM_RC_FAILURE of libtpms. */
export const noPower = (isFramed: boolean): Bytes =>
  isFramed ? frameResponse(EMPTY) : errorResponse(RC.FAILURE, ST.NO_SESSIONS)
