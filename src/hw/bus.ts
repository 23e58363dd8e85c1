// What the bus does to an access before the device sees it: cut into aligned pieces of 1, 2 or 4 bytes; registers below
// 0x80, plain memory up to the end of the page, nothing beyond.

import { PAGE_SIZE, WINDOW_AT } from './crb.map.ts'
import type { AccessSize, DeviceModel, Effect, Outcome } from './device.ts'

interface Piece {
  readonly offset: number
  readonly size: AccessSize
  /** Position of its lowest byte in the access. */
  readonly at: number
}

/** Pieces from the lowest address: each the largest power of two that is at most 4, what is left, and its alignment. */
export function cut(offset: number, size: number): readonly Piece[] {
  if (size <= 4 && (size & (size - 1)) === 0 && offset % size === 0) return [{ offset, size: size as AccessSize, at: 0 }]
  const out: Piece[] = []
  for (let at = 0; at < size; ) {
    let n: AccessSize = 4
    while (n > size - at || (offset + at) % n !== 0) n = (n >> 1) as AccessSize
    out.push({ offset: offset + at, size: n, at })
    at += n
  }
  return out
}

export function busRead<D>(model: DeviceModel<D>, device: D, offset: number, size: 1 | 2 | 4 | 8): bigint | number {
  if (size === 4 && (offset & 3) === 0 && offset < WINDOW_AT) return model.read(device, offset, 4)
  let value = 0n
  for (const p of cut(offset, size)) {
    if (p.offset >= PAGE_SIZE) continue
    let v = 0n
    if (p.offset < WINDOW_AT) v = BigInt(model.read(device, p.offset, p.size))
    else model.readWindow(device, p.offset, p.size).forEach((b, i) => (v |= BigInt(b) << BigInt(8 * i)))
    value |= v << BigInt(8 * p.at)
  }
  return value
}

export function busWrite<D>(
  model: DeviceModel<D>,
  device: D,
  offset: number,
  size: 1 | 2 | 4 | 8,
  value: bigint | number,
): Outcome<D> {
  if (size === 4 && (offset & 3) === 0 && offset < WINDOW_AT) return model.write(device, offset, 4, Number(value))
  let d = device
  const effects: Effect[] = []
  for (const p of cut(offset, size)) {
    if (p.offset >= PAGE_SIZE) continue
    const v = BigInt.asUintN(8 * p.size, BigInt(value) >> BigInt(8 * p.at))
    if (p.offset < WINDOW_AT) {
      const done = model.write(d, p.offset, p.size, Number(v))
      d = done.device
      effects.push(...done.effects)
    } else {
      const data = Uint8Array.from({ length: p.size }, (_, i) => Number((v >> BigInt(8 * i)) & 255n))
      d = model.writeWindow(d, p.offset, data)
    }
  }
  return { device: d, effects }
}
