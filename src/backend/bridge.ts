// What `crbscope bridge` and the page that it serves say to each other: who answers, one command, one answer. Whatever comes
// in is checked; bytes travel as hexadecimal.

import { type Bytes, fromHex, readBe32, toHex } from '../lib/bytes.ts'
import { LiveError } from './live.ts'

/** The TPM behind a bridge. */
export interface Hello {
  /** "swtpm at 127.0.0.1:2321" */
  readonly where: string
  readonly version: '1.2' | '2.0'
  readonly bufferSize: number
  /** The host has started it. */
  readonly started: boolean
}

export interface Sent {
  readonly id: number
  readonly command: Bytes
}

/** An answer, or in a sentence why there is none. */
export type Came = { readonly id: number; readonly response: Bytes } | { readonly id: number; readonly why: string }

const MOST = 65_536

type Json = { readonly [member: string]: unknown }

function object(text: string): Json {
  let v: unknown
  try {
    v = JSON.parse(text)
  } catch {
    throw new LiveError('not JSON')
  }
  if (typeof v !== 'object' || v === null || Array.isArray(v)) throw new LiveError('not an object')
  return v as Json
}

function int(o: Json, name: string, min: number, max: number): number {
  const v = o[name]
  if (typeof v === 'number' && Number.isInteger(v) && v >= min && v <= max) return v
  throw new LiveError(`${name} must be a whole number from ${min} to ${max}`)
}

function text(o: Json, name: string): string {
  const v = o[name]
  if (typeof v === 'string') return v
  throw new LiveError(`${name} must be a text`)
}

function bytes(o: Json, name: string): Bytes {
  try {
    return fromHex(text(o, name))
  } catch (e) {
    throw e instanceof LiveError ? e : new LiveError(`${name}: ${(e as Error).message}`)
  }
}

export const writeHello = (h: Hello): string => JSON.stringify(h)

/** @throws LiveError */
export function readHello(source: string): Hello {
  const o = object(source)
  const version = text(o, 'version')
  if (version !== '1.2' && version !== '2.0') throw new LiveError('version must be 1.2 or 2.0')
  if (typeof o.started !== 'boolean') throw new LiveError('started must be true or false')
  return { where: text(o, 'where'), version, bufferSize: int(o, 'bufferSize', 10, MOST), started: o.started }
}

export const writeSent = (s: Sent): string => JSON.stringify({ id: s.id, command: toHex(s.command) })

/** A command whose header says how long it is. @throws LiveError */
export function readSent(source: string): Sent {
  const o = object(source)
  const command = bytes(o, 'command')
  if (command.length < 10 || command.length > MOST || readBe32(command, 2) !== command.length) {
    throw new LiveError('command: not one whole command')
  }
  return { id: int(o, 'id', 1, Number.MAX_SAFE_INTEGER), command }
}

export const writeCame = (c: Came): string =>
  JSON.stringify('response' in c ? { id: c.id, response: toHex(c.response) } : c)

/** @throws LiveError */
export function readCame(source: string): Came {
  const o = object(source)
  const id = int(o, 'id', 1, Number.MAX_SAFE_INTEGER)
  return o.response === undefined ? { id, why: text(o, 'why') } : { id, response: bytes(o, 'response') }
}
