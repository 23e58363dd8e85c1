// The PCRs of a PC: which locality may extend and reset each. PC Client Platform TPM Profile, 4.6.
// Masks: bit n is locality n.

import type { PcrAttributes } from '../profile.ts'

const ANY = 0b11111
const pcr = (extend: number, reset: number, more: Partial<PcrAttributes> = {}): PcrAttributes => ({
  ...{ extend, reset, drtm: false, noIncrement: false, saved: true, authGroup: false },
  ...more,
})
const STATIC = pcr(ANY, 0)
const DEBUG = pcr(ANY, 0b01111, { saved: false, noIncrement: true })
const DYNAMIC = { saved: false, drtm: true }
export const PC_CLIENT: readonly PcrAttributes[] = [
  ...Array.from({ length: 16 }, () => STATIC),
  DEBUG,
  pcr(0b11100, 0b10000, DYNAMIC),
  pcr(0b11100, 0b10000, DYNAMIC),
  pcr(0b01100, 0b10000, DYNAMIC),
  // These three form a group with an authorization of its own, as the reference code has it. Part 1, 14.7.
  pcr(0b01110, 0b10100, { ...DYNAMIC, authGroup: true }),
  pcr(0b00100, 0b10100, { ...DYNAMIC, authGroup: true, noIncrement: true }),
  pcr(0b00100, 0b10100, { ...DYNAMIC, authGroup: true, noIncrement: true }),
  DEBUG,
]
