// Made-up commands: from declarations and from commands that were seen, damaged in the ways that find mistakes in
// parsers and in what stands behind them. Deterministic.

import type { AnyCodec } from '../../src/codec/codec.ts'
import { decode } from '../../src/codec/codec.ts'
import { arbitrary, type Random } from '../../src/codec/arbitrary.ts'
import { type Bytes, be16, be32, bytes, concat, EMPTY, readBe32 } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { SESSION } from '../../src/spec/attributes.ts'
import { authRoles, type CommandRow } from '../../src/spec/command.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { type AuthCommand, encodeCommand, parseCommand, password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { loadedSessions } from '../../src/tpm/sessions.ts'
import type { Tpm } from '../../src/tpm/tpm.ts'

export const below = (random: Random, n: number): number => random() % n
export const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)] as T

const FIXED: readonly number[] = [RH.OWNER, RH.NULL, RH.LOCKOUT, RH.ENDORSEMENT, RH.PLATFORM, RH.PW, 0, 16, 23]

/** The handles of all that is there. */
function liveHandles(tpm: Tpm): readonly number[] {
  return [
    ...tpm.objects.flatMap((o, i) => (o ? [0x80000000 + i] : [])),
    ...tpm.persistent.map(p => p.handle),
    ...tpm.nv.indexes.map(i => i.publicArea.nvIndex),
    ...loadedSessions(tpm).map(s => s.handle),
    ...FIXED,
  ]
}

function accepts(codec: AnyCodec, handle: number): boolean {
  try {
    decode(codec, be32(handle))
    return true
  } catch {
    return false
  }
}

function someHandle(random: Random, tpm: Tpm, codec: AnyCodec): number {
  const way = below(random, 16)
  if (way === 0) return random()
  if (way === 1) return arbitrary(codec, random)
  const fitting = liveHandles(tpm).filter(h => accepts(codec, h))
  return fitting.length > 0 ? pick(random, fitting) : arbitrary(codec, random)
}

function someAuth(random: Random, tpm: Tpm, authorizing: boolean): AuthCommand {
  const way = below(random, 16)
  if (authorizing && way < 11) return password()
  if (authorizing && way === 11) return password(pick(random, [bytes(1), bytes(7), bytes(0), EMPTY]))
  const sessions = loadedSessions(tpm).map(s => s.handle)
  const bits = below(random, 4) === 0 ? random() & 0xff : SESSION.continueSession
  const crypt = pick(random, [0, 0, 0, SESSION.decrypt, SESSION.encrypt, SESSION.audit])
  return {
    sessionHandle: sessions.length > 0 && way > 3 ? pick(random, sessions) : 0x02000000 + below(random, 8),
    nonce: below(random, 2) ? EMPTY : new Uint8Array(16),
    sessionAttributes: bits | crypt,
    hmac: below(random, 8) === 0 ? new Uint8Array(32) : EMPTY,
  }
}

function someAuths(random: Random, tpm: Tpm, row: CommandRow): readonly AuthCommand[] {
  const auths = authRoles(row).map(() => someAuth(random, tpm, true))
  if (below(random, 4) === 0) auths.push(someAuth(random, tpm, false))
  if (below(random, 50) === 0) auths.splice(0, below(random, 3))
  return auths
}

export function generated(random: Random, tpm: Tpm): Bytes {
  const row = pick(random, COMMANDS) as CommandRow
  const handles = Object.fromEntries(Object.entries(row.handles).map(([n, h]) => [n, someHandle(random, tpm, h.codec)]))
  // Who may use an Index: mostly the Index itself or the owner.
  const index = Object.keys(handles).at(-1)
  if (index === 'nvIndex' && 'authHandle' in handles && below(random, 4) > 0) {
    handles['authHandle'] = pick(random, [handles[index] as number, RH.OWNER])
  }
  return encodeCommand(row, handles, arbitrary(row.params, random), someAuths(random, tpm, row))
}

/** The header's size made right. */
const sized = (b: Bytes): Bytes => (b.length < 6 ? b : concat(b.slice(0, 2), be32(b.length), b.slice(6)))

const INTERESTING: readonly Bytes[] = [
  ...[0, 1, 0x7f, 0x80, 0xff].map(v => bytes(v)),
  ...[0, 1, 0x20, 0x40, 0x1000, 0x7fff, 0x8000, 0xffff, ...Object.values(ALG)].map(be16),
  ...[0, 1, 0x7fffffff, 0x80000000, 0xffffffff, ...FIXED].map(be32),
]

/** Where parameters and authorizations begin, mostly; anywhere, sometimes. */
const someAt = (random: Random, b: Bytes): number =>
  below(random, 40) === 0
    ? below(random, b.length + 1)
    : Math.min(b.length, 10 + below(random, Math.max(1, b.length - 9)))

function replaced(b: Bytes, at: number, by: Bytes): Bytes {
  const out = Uint8Array.from(b as Uint8Array)
  for (let i = 0; i < by.length && at + i < out.length; i++) out[at + i] = by[i] as number
  return out
}

/** One declared part of a well-formed command made anew; handles and authorizations of what is there. */
function remade(random: Random, tpm: Tpm, b: Bytes): Bytes {
  let c: ReturnType<typeof parseCommand>
  try {
    c = parseCommand(b)
  } catch {
    return replaced(b, someAt(random, b), pick(random, INTERESTING))
  }
  let { handles, auths, params } = c
  const way = below(random, 4)
  const fields = c.row.params.shape.kind === 'struct' ? Object.entries(c.row.params.shape.fields) : []
  if (way === 0 || fields.length === 0) {
    const decl = c.row.handles
    handles = Object.fromEntries(Object.entries(decl).map(([n, h]) => [n, someHandle(random, tpm, h.codec)]))
  } else if (way === 1) auths = someAuths(random, tpm, c.row)
  else {
    const [name, codec] = pick(random, fields)
    params = { ...(params as object), [name]: arbitrary(codec, random) }
  }
  try {
    return encodeCommand(c.row, handles, params as never, auths)
  } catch {
    return b
  }
}

/** @param others commands to take pieces from */
export function mutated(random: Random, tpm: Tpm, b: Bytes, others: readonly Bytes[]): Bytes {
  let out = b
  for (let n = 1 + below(random, 2); n > 0; n--) out = once(random, tpm, out, others)
  return out
}

function once(random: Random, tpm: Tpm, b: Bytes, others: readonly Bytes[]): Bytes {
  const at = someAt(random, b)
  switch (below(random, 10)) {
    case 0:
      return replaced(b, at, bytes(random() & 0xff))
    case 1:
      return replaced(b, at, bytes((b[at] ?? 0) ^ (1 << below(random, 8))))
    case 2:
      return replaced(b, at, pick(random, INTERESTING))
    case 3:
      return sized(b.slice(0, at))
    case 4:
      return sized(concat(b, new Uint8Array(1 + below(random, 40))))
    case 5: {
      const other = pick(random, others)
      const from = someAt(random, other)
      return sized(concat(b.slice(0, at), other.slice(from, from + below(random, 80)), b.slice(at + below(random, 80))))
    }
    case 6:
      return b.length < 14 ? b : replaced(b, 10, be32(pick(random, liveHandles(tpm))))
    case 7:
      return replaced(b, 6, be32((pick(random, COMMANDS) as CommandRow).code))
    default:
      return remade(random, tpm, b)
  }
}

export const codeOf = (b: Bytes): number => (b.length < 10 ? 0 : readBe32(b, 6))
