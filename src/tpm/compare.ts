// The comparisons of policies: TPM_EO between two octet strings of the same length, most significant octet first.
// Part 2, 6.8, Table 20; Part 3, 23.9.

import type { Bytes } from '../lib/bytes.ts'
import { EO } from '../spec/policy.ts'
import type { Profile } from './profile.ts'

/** Below, at or above zero, as numbers without sign. */
function unsigned(a: Bytes, b: Bytes): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return (a[i] as number) - (b[i] as number)
  return 0
}

const negative = (v: Bytes): boolean => v.length > 0 && (v[0] as number) >= 0x80

/** As two's complement, of two numbers with the same sign the order is that without sign; in 6.8 a note on older TPMs. */
function signed(profile: Profile, a: Bytes, b: Bytes): number {
  if (negative(a) !== negative(b)) return negative(a) ? -1 : 1
  return negative(a) && profile.peculiar.has('sign-and-magnitude') ? unsigned(b, a) : unsigned(a, b)
}

/** Whether `a operation b` holds. @param b as long as a */
export function compare(profile: Profile, operation: number, a: Bytes, b: Bytes): boolean {
  switch (operation) {
    case EO.EQ:
      return unsigned(a, b) === 0
    case EO.NEQ:
      return unsigned(a, b) !== 0
    case EO.SIGNED_GT:
      return signed(profile, a, b) > 0
    case EO.UNSIGNED_GT:
      return unsigned(a, b) > 0
    case EO.SIGNED_LT:
      return signed(profile, a, b) < 0
    case EO.UNSIGNED_LT:
      return unsigned(a, b) < 0
    case EO.SIGNED_GE:
      return signed(profile, a, b) >= 0
    case EO.UNSIGNED_GE:
      return unsigned(a, b) >= 0
    case EO.SIGNED_LE:
      return signed(profile, a, b) <= 0
    case EO.UNSIGNED_LE:
      return unsigned(a, b) <= 0
    case EO.BITSET:
      return b.every((x, i) => ((a[i] as number) & x) === x)
    case EO.BITCLEAR:
      return b.every((x, i) => ((a[i] as number) & x) === 0)
    default:
      return false
  }
}
