// What stands around a TPM behind a socket: power, locality, cancel, the buffer size, and the control requests of both
// protocols as pure functions of it. Commands themselves are run by whoever owns the platform.

import { type Bytes, EMPTY } from '../lib/bytes.ts'
import { abandonHash, hashData, hashEnd, hashStart } from '../tpm/drtm.ts'
import { powerOff, powerOn, type Tpm } from '../tpm/tpm.ts'
import { ACK, type HashIndication, type PlatformRequest } from './mssim.ts'
import {
  BLOB,
  BLOB_ENCRYPTED,
  blobAnswer,
  bufferSizeAnswer,
  type ControlRequest,
  establishedAnswer,
  infoAnswer,
  RESULT,
  result,
} from './swtpm.ts'
import { amend } from '../tpm/amend.ts'

export interface Platform {
  readonly tpm: Tpm
  readonly powered: boolean
  /** Of commands whose frame names none. */
  readonly locality: number
  /** Long commands answer TPM_RC_CANCELED. */
  readonly cancelled: boolean
  /** A dynamic launch has happened: TPM_ACCESS.tpmEstablishment, which only locality 3 or 4 takes back. */
  readonly established: boolean
  /** Bytes of the largest command that is taken. */
  readonly bufferSize: number
  /** What STORE_VOLATILE or SET_STATEBLOB left for the next INIT: the TPM as it ran. */
  readonly running: Tpm | undefined
  /** Bytes of the largest command and response so far. */
  readonly largest: { readonly command: number; readonly response: number }
}

/** A platform with its TPM powered on, before any TPM2_Startup. */
export const platform = (tpm: Tpm): Platform => ({
  tpm: powerOn(tpm),
  powered: true,
  locality: 0,
  cancelled: false,
  established: false,
  bufferSize: tpm.profile.maxCommand,
  running: undefined,
  largest: { command: 0, response: 0 },
})

export const turnOff = (p: Platform): Platform =>
  p.powered ? { ...p, tpm: powerOff(p.tpm), powered: false, cancelled: false } : p

export const turnOn = (p: Platform): Platform => (p.powered ? p : { ...p, tpm: powerOn(p.tpm), powered: true })

/** _TPM_Hash_Start, _TPM_Hash_Data, _TPM_Hash_End. */
export function indicate(p: Platform, h: HashIndication): Platform {
  if (!p.powered) return p
  switch (h.kind) {
    case 'hash-start':
      return { ...p, tpm: hashStart(p.tpm), established: p.tpm.power === 'on' ? true : p.established }
    case 'hash-data':
      return { ...p, tpm: hashData(p.tpm, h.bytes) }
    case 'hash-end':
      return { ...p, tpm: hashEnd(p.tpm).tpm }
  }
}

/** A command is about to run, `elapsed` or not: an open hash sequence is abandoned. */
/** The same platform with another state of its TPM; written out, for the reason that amend.ts gives. */
export const withTpm = (p: Platform, tpm: Tpm, largest = p.largest): Platform => ({
  tpm,
  powered: p.powered,
  locality: p.locality,
  cancelled: p.cancelled,
  established: p.established,
  bufferSize: p.bufferSize,
  running: p.running,
  largest,
})

export const beforeCommand = (p: Platform): Platform => {
  const tpm = abandonHash(p.tpm)
  return tpm === p.tpm ? p : withTpm(p, tpm)
}

export function afterCommand(p: Platform, tpm: Tpm, command: Bytes, response: Bytes): Platform {
  const { largest } = p
  const larger = command.length > largest.command || response.length > largest.response
  const most = larger
    ? {
        command: Math.max(largest.command, command.length),
        response: Math.max(largest.response, response.length),
      }
    : largest
  return withTpm(p, tpm, most)
}

const setInput = (
  p: Platform,
  input: Partial<Pick<Tpm, 'physicalPresence' | 'nvAvailable' | 'failSelfTest'>>,
): Platform => withTpm(p, amend(p.tpm, input))

type Acting = Exclude<PlatformRequest, { readonly kind: 'answer' | 'close' | 'stop' }>

/** A request of mssim's platform port; the answer is always the acknowledgement. */
export function act(p: Platform, request: Acting): { readonly platform: Platform; readonly answer: Bytes } {
  const done = (next: Platform): { platform: Platform; answer: Bytes } => ({ platform: next, answer: ACK })
  switch (request.kind) {
    case 'power-on':
      return done(turnOn(p))
    case 'power-off':
      return done(setInput(turnOff(p), { nvAvailable: false }))
    case 'reset':
      return done(p.powered ? turnOn(turnOff(p)) : p)
    case 'presence-on':
      return done(setInput(p, { physicalPresence: true }))
    case 'presence-off':
      return done(setInput(p, { physicalPresence: false }))
    case 'cancel-on':
      return done({ ...p, cancelled: true })
    case 'cancel-off':
      return done({ ...p, cancelled: false })
    case 'nv-on':
      return done(setInput(p, { nvAvailable: true }))
    case 'nv-off':
      return done(setInput(p, { nvAvailable: false }))
    case 'fail-self-test':
      return done(p.powered ? setInput(p, { failSelfTest: true }) : p)
  }
}

/** How a TPM is written as bytes and read back. */
export interface Blobs {
  write(tpm: Tpm): Bytes
  /** @throws Error in words when the bytes are no TPM of this program */
  read(blob: Bytes): Tpm
}

/** The smallest buffer that SET_BUFFERSIZE gives: room for every structure of a TPM without post-quantum keys. */
const LEAST_BUFFER = 2808

const info = ({ profile: { version, manufacturer, firmware } }: Tpm, flags: number): string => {
  const text: { [group: string]: unknown } = {}
  if (flags & 1) text['TPMSpecification'] = { family: '2.0', level: 0, revision: version }
  if (flags & 2) {
    const id = manufacturer === 'IBM' ? 'id:00001014' : `id:${[...manufacturer].map(hexOf).join('').padEnd(8, '0')}`
    const number = firmware[0].toString(16).toUpperCase().padStart(8, '0')
    text['TPMAttributes'] = { manufacturer: id, version: `id:${number}`, model: 'swtpm' }
  }
  return JSON.stringify(text)
}
const hexOf = (c: string): string => c.charCodeAt(0).toString(16).toUpperCase()

function setBlob(p: Platform, request: Extract<ControlRequest, { kind: 'set-blob' }>, blobs: Blobs): Platform | number {
  if (p.powered) return RESULT.BAD_ORDINAL
  if (request.flags & BLOB_ENCRYPTED) return RESULT.BAD_PARAMETER
  if (request.type !== BLOB.PERMANENT && request.type !== BLOB.VOLATILE && request.type !== BLOB.SAVESTATE) {
    return RESULT.BAD_PARAMETER
  }
  if (request.bytes.length === 0) return request.type === BLOB.VOLATILE ? { ...p, running: undefined } : p
  // What TPM2_Shutdown(STATE) saves is part of the permanent state of a TPM 2.0.
  if (request.type === BLOB.SAVESTATE) return RESULT.BAD_PARAMETER
  let tpm: Tpm
  try {
    tpm = blobs.read(request.bytes)
  } catch {
    return RESULT.BAD_PARAMETER
  }
  if (tpm.profile.id !== p.tpm.profile.id) return RESULT.BAD_PARAMETER
  return request.type === BLOB.PERMANENT ? { ...p, tpm: powerOff(tpm) } : { ...p, running: tpm }
}

type Controlling = Exclude<ControlRequest, HashIndication | { readonly kind: 'answer' | 'close' | 'stop' }>

/** A request of swtpm's control channel. */
export function control(
  p: Platform,
  request: Controlling,
  blobs: Blobs,
): { readonly platform: Platform; readonly answer: Bytes } {
  const answer = (bytes: Bytes, next: Platform = p) => ({ platform: next, answer: bytes })
  const say = (code: number, next: Platform = p) => answer(result(code), next)
  switch (request.kind) {
    case 'init': {
      const off = turnOff(p)
      const { running } = p
      if (running && !request.deleteVolatile) {
        return say(RESULT.SUCCESS, { ...off, tpm: running, powered: true, running: undefined })
      }
      return say(RESULT.SUCCESS, { ...turnOn(off), running: undefined })
    }
    case 'stop-tpm':
      return say(RESULT.SUCCESS, turnOff(p))
    case 'get-established':
      return p.powered ? answer(establishedAnswer(p.established)) : say(RESULT.BAD_ORDINAL)
    case 'reset-established':
      if (!p.powered) return say(RESULT.BAD_ORDINAL)
      if (request.locality !== 3 && request.locality !== 4) return say(RESULT.BAD_LOCALITY)
      return say(RESULT.SUCCESS, { ...p, established: false })
    case 'set-locality':
      if (request.locality > 4) return say(RESULT.BAD_LOCALITY)
      return say(RESULT.SUCCESS, { ...p, locality: request.locality })
    case 'cancel':
      return say(p.powered ? RESULT.SUCCESS : RESULT.BAD_ORDINAL)
    case 'store-volatile':
      return p.powered ? say(RESULT.SUCCESS, { ...p, running: p.tpm }) : say(RESULT.BAD_ORDINAL)
    case 'get-blob': {
      const { type, offset } = request
      if (type === BLOB.PERMANENT) return answer(blobAnswer(RESULT.SUCCESS, blobs.write(powerOff(p.tpm)), offset))
      // A TPM that is off has a volatile state only where one was stored.
      const running = p.powered ? p.tpm : p.running
      const volatile = type === BLOB.VOLATILE && running ? blobs.write(running) : EMPTY
      return answer(blobAnswer(RESULT.SUCCESS, volatile, offset))
    }
    case 'set-blob': {
      const next = setBlob(p, request, blobs)
      return typeof next === 'number' ? say(next) : say(RESULT.SUCCESS, next)
    }
    case 'buffer-size': {
      const most = p.tpm.profile.maxCommand
      if (request.size === 0) return answer(bufferSizeAnswer(p.bufferSize, LEAST_BUFFER, most))
      if (p.powered) return say(RESULT.BAD_ORDINAL)
      const bufferSize = Math.min(most, Math.max(LEAST_BUFFER, request.size))
      return answer(bufferSizeAnswer(bufferSize, LEAST_BUFFER, most), { ...p, bufferSize })
    }
    case 'info':
      return answer(infoAnswer(info(p.tpm, request.flags), request.offset))
  }
}

/** The result of a _TPM_Hash_ indication on swtpm's control channel. */
export const indicated = (p: Platform): Bytes => result(p.powered ? RESULT.SUCCESS : RESULT.BAD_ORDINAL)
