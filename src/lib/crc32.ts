// CRC-32 as everybody has it: reflected polynomial EDB88320h, start value and final XOR FFFFFFFFh.

import type { Bytes } from './bytes.ts'

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1
  return c
})

/** An unsigned 32-bit number; 0 for no bytes. */
export function crc32(b: Bytes): number {
  let c = 0xffffffff
  for (let i = 0; i < b.length; i++) c = (TABLE[(c ^ (b[i] as number)) & 255] as number) ^ (c >>> 8)
  return (c ^ 0xffffffff) >>> 0
}
