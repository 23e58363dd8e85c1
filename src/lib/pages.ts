// A persistent byte store: 256-byte pages, copied when written. Two moments share every page that did not change.

import { type Bytes, raw } from './bytes.ts'

const PAGE = 256

export interface Pages {
  readonly length: number
  readonly pages: readonly Bytes[]
}

const ZERO: Bytes = new Uint8Array(PAGE)

export const zeros = (length: number): Pages => ({
  length,
  pages: Array.from({ length: Math.ceil(length / PAGE) }, () => ZERO),
})

/** A store with `data` at `offset`. Pages whose content would stay equal are kept as they are. */
export function put(store: Pages, offset: number, data: Bytes): Pages {
  if (offset < 0 || offset + data.length > store.length) throw new RangeError(`write of ${data.length} at ${offset}`)
  let pages: Bytes[] | undefined
  for (let done = 0; done < data.length; ) {
    const index = Math.floor((offset + done) / PAGE)
    const at = (offset + done) % PAGE
    const n = Math.min(PAGE - at, data.length - done)
    const old = store.pages[index] as Bytes
    let same = true
    for (let i = 0; i < n && same; i++) same = old[at + i] === data[done + i]
    if (!same) {
      const page = raw(old).slice()
      page.set(raw(data).subarray(done, done + n), at)
      pages ??= [...store.pages]
      pages[index] = page
    }
    done += n
  }
  return pages ? { length: store.length, pages } : store
}

/** A fresh copy of `length` bytes from `offset`. */
export function get(store: Pages, offset: number, length: number): Bytes {
  if (offset < 0 || offset + length > store.length) throw new RangeError(`read of ${length} at ${offset}`)
  const out = new Uint8Array(length)
  for (let done = 0; done < length; ) {
    const index = Math.floor((offset + done) / PAGE)
    const at = (offset + done) % PAGE
    const n = Math.min(PAGE - at, length - done)
    const page = store.pages[index] as Bytes
    out.set(raw(page).subarray(at, at + n), done)
    done += n
  }
  return out
}

export const byteAt = (store: Pages, offset: number): number =>
  (store.pages[Math.floor(offset / PAGE)] as Bytes)[offset % PAGE] as number
