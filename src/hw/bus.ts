// What the bus does to an access before the device sees it: cut into aligned pieces of 1, 2 or 4 bytes; in each page
// registers, and where the model has it plain memory above them; pages without a device read 0 and lose what is written.

import { PAGE_SIZE, WINDOW_AT } from './crb.map.ts'
import type { AccessSize, Effect, OnBus, Outcome, Taken } from './device.ts'

/** Part of an access that the device sees as one. */
export interface Piece {
  readonly offset: number
  readonly size: AccessSize
  /** Position of its lowest byte in the access. */
  readonly at: number
}

/** The locality whose page holds an offset; offsets count from the head of the page of locality 0. */
export const localityOf = (offset: number): number => Math.floor(offset / PAGE_SIZE)

/** Pieces from the lowest address: each the largest power of two that is at most 4, what is left, and its alignment. */
export function cut(offset: number, size: number): readonly Piece[] {
  const out: Piece[] = []
  for (let at = 0; at < size; ) {
    let n: AccessSize = 4
    while (n > size - at || (offset + at) % n !== 0) n = (n >> 1) as AccessSize
    out.push({ offset: offset + at, size: n, at })
    at += n
  }
  return out
}

/**
 * The device sees the access as it is: aligned, of 1, 2 or 4 bytes, to registers of locality 0. No model has memory
 * before WINDOW_AT.
 */
const whole = (offset: number, size: number): size is AccessSize =>
  size <= 4 && offset >= 0 && offset < WINDOW_AT && offset % size === 0

const mapped = (model: { readonly localities: number }, offset: number): boolean =>
  offset >= 0 && localityOf(offset) < model.localities

function readPiece<D>(model: OnBus<D>, device: D, offset: number, size: AccessSize): number {
  if (!mapped(model, offset)) return 0
  if (offset % PAGE_SIZE < model.memoryAt) return model.read(device, offset, size)
  const data = model.readWindow(device, offset, size)
  let value = 0
  for (let i = size - 1; i >= 0; i--) value = value * 256 + (data[i] as number)
  return value
}

/**
 * A guest read of `size` bytes, little-endian. @param offset from the head of the page of locality 0
 * @returns an unsigned number; a bigint for 8 bytes
 */
export function busRead<D>(model: OnBus<D>, device: D, offset: number, size: AccessSize): number
export function busRead<D>(model: OnBus<D>, device: D, offset: number, size: 8): bigint
export function busRead<D>(model: OnBus<D>, device: D, offset: number, size: AccessSize | 8): bigint | number
export function busRead<D>(model: OnBus<D>, device: D, offset: number, size: AccessSize | 8): bigint | number {
  if (whole(offset, size)) return model.read(device, offset, size)
  const pieces = cut(offset, size)
  if (size === 8) {
    let value = 0n
    for (const p of pieces) value += BigInt(readPiece(model, device, p.offset, p.size)) << BigInt(8 * p.at)
    return value
  }
  let value = 0
  for (const p of pieces) value += readPiece(model, device, p.offset, p.size) * 2 ** (8 * p.at)
  return value
}

/** A guest's read of a device whose reads may have effects: the value, and the device after it. */
export function busTake<D>(
  model: OnBus<D>,
  device: D,
  offset: number,
  size: AccessSize | 8,
): Outcome<D> & { readonly value: bigint | number } {
  const { take } = model
  if (!take) return { value: busRead(model, device, offset, size), device, effects: [] }
  if (whole(offset, size)) return take(device, offset, size)
  const effects: Effect[] = []
  let d = device
  let value = 0n
  for (const p of cut(offset, size)) {
    const done: Taken<D> =
      mapped(model, p.offset) && p.offset % PAGE_SIZE < model.memoryAt
        ? take(d, p.offset, p.size)
        : { value: readPiece(model, d, p.offset, p.size), device: d, effects: [] }
    d = done.device
    effects.push(...done.effects)
    value += BigInt(done.value) << BigInt(8 * p.at)
  }
  return { value: size === 8 ? value : Number(value), device: d, effects }
}

/**
 * A guest write of the low `size` bytes of `value`, little-endian. The effects are those of all pieces, in order: at
 * least one for each piece that hits registers or nothing, none for plain memory.
 */
export function busWrite<D>(
  model: OnBus<D>,
  device: D,
  offset: number,
  size: AccessSize | 8,
  value: bigint | number,
): Outcome<D> {
  if (whole(offset, size) && typeof value === 'number') {
    return model.write(device, offset, size, size === 4 ? value >>> 0 : value & (2 ** (8 * size) - 1))
  }
  const bits = BigInt(value)
  const effects: Effect[] = []
  let d = device
  for (const p of cut(offset, size)) {
    const v = Number(BigInt.asUintN(8 * p.size, bits >> BigInt(8 * p.at)))
    if (!mapped(model, p.offset)) {
      effects.push({ kind: 'ignored', why: 'not-implemented' })
    } else if (p.offset % PAGE_SIZE < model.memoryAt) {
      const done = model.write(d, p.offset, p.size, v)
      d = done.device
      effects.push(...done.effects)
    } else {
      d = model.writeWindow(
        d,
        p.offset,
        Uint8Array.from({ length: p.size }, (_, i) => v >>> (8 * i)),
      )
    }
  }
  return { device: d, effects }
}
