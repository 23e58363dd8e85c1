// What the TPM did, for those who watch: a closed union. Handles and algorithm identifiers are numbers as in Part 2.

import type { Bytes } from '../lib/bytes.ts'

export type TpmEvent =
  | { readonly kind: 'startup'; readonly how: 'reset' | 'restart' | 'resume' }
  | { readonly kind: 'shutdown'; readonly type: 'clear' | 'state' }
  | { readonly kind: 'self-test'; readonly algorithms: readonly number[]; readonly passed: boolean }
  | { readonly kind: 'random'; readonly length: number }
  | { readonly kind: 'stir'; readonly length: number }
  | {
      readonly kind: 'pcr-extend'
      readonly pcr: number
      readonly bank: number
      readonly old: Bytes
      readonly new: Bytes
      readonly digest: Bytes
    }
  | { readonly kind: 'pcr-reset'; readonly pcr: number }
  | { readonly kind: 'hash'; readonly hash: number; readonly length: number; readonly digest: Bytes }
  | {
      readonly kind: 'sequence-start'
      readonly handle: number
      readonly sequence: 'hash' | 'event' | 'sign' | 'verify'
    }
  | { readonly kind: 'sequence-update'; readonly handle: number; readonly length: number; readonly total: number }
  | { readonly kind: 'sequence-complete'; readonly handle: number; readonly total: number }
  /** `type` is the object's algorithm; `how` it came into its slot. */
  | {
      readonly kind: 'object-loaded'
      readonly how: 'primary' | 'external'
      readonly handle: number
      readonly type: number
      readonly name: Bytes
      readonly hierarchy: number
    }
  | { readonly kind: 'object-flushed'; readonly handle: number }
  | { readonly kind: 'sign'; readonly handle: number; readonly scheme: number; readonly signature: number }
  | { readonly kind: 'verify'; readonly handle: number; readonly scheme: number; readonly ok: boolean }
  /** `padding` is the scheme. */
  | {
      readonly kind: 'rsa-encrypt' | 'rsa-decrypt'
      readonly handle: number
      readonly padding: number
      readonly length: number
    }
  | { readonly kind: 'encapsulate'; readonly handle: number; readonly ciphertext: number }
  | { readonly kind: 'decapsulate'; readonly handle: number; readonly ciphertext: number }
  | { readonly kind: 'auth-failed'; readonly handle: number }
