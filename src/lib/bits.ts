// Fields of unsigned 32-bit numbers. JavaScript's bit operators are signed, hence the `>>> 0`.

export const mask = (width: number): number => (width >= 32 ? 0xffffffff : ((1 << width) >>> 0) - 1)

export const extract = (word: number, low: number, width: number): number => ((word >>> low) & mask(width)) >>> 0

export const insert = (word: number, low: number, width: number, value: number): number =>
  ((word & ~(mask(width) << low)) | ((value & mask(width)) << low)) >>> 0
