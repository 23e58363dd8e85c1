// What the TPM did, for those who watch: a closed union. Handles and algorithm identifiers are numbers as in Part 2.

import type { Bytes } from '../lib/bytes.ts'

export type TpmEvent =
  /** What no TPM 2.0 does: a full sentence. */
  | { readonly kind: 'told'; readonly text: string }
  | { readonly kind: 'object-made'; readonly type: number; readonly name: Bytes; readonly parent: number }
  | { readonly kind: 'persistent'; readonly handle: number; readonly kept: boolean }
  | {
      readonly kind: 'hierarchy'
      readonly what: 'enabled' | 'disabled' | 'seed' | 'cleared'
      readonly handle: number
    }
  | { readonly kind: 'nv-defined'; readonly handle: number; readonly defined: boolean }
  | { readonly kind: 'nv-written'; readonly handle: number; readonly length: number }
  | { readonly kind: 'unseal'; readonly handle: number }
  | { readonly kind: 'session-started'; readonly handle: number; readonly session: 'hmac' | 'policy' | 'trial' }
  | { readonly kind: 'session-ended'; readonly handle: number }
  | { readonly kind: 'session-used'; readonly handle: number; readonly for: number }
  | { readonly kind: 'policy'; readonly handle: number; readonly old: Bytes; readonly new: Bytes }
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
      readonly sequence: 'hash' | 'event' | 'mac' | 'sign' | 'verify'
    }
  | { readonly kind: 'sequence-update'; readonly handle: number; readonly length: number; readonly total: number }
  | { readonly kind: 'sequence-complete'; readonly handle: number; readonly total: number }
  /** `type` is the object's algorithm; `how` it came into its slot. */
  | {
      readonly kind: 'object-loaded'
      readonly how: 'primary' | 'external' | 'loaded' | 'context'
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
  /** `alg` is a mode of the key's cipher; an HMAC or a CMAC names its hash or TPM_ALG_CMAC. */
  | { readonly kind: 'encrypt'; readonly handle: number; readonly alg: number; readonly length: number }
  | { readonly kind: 'decrypt'; readonly handle: number; readonly alg: number; readonly length: number }
  | { readonly kind: 'mac'; readonly alg: number; readonly length: number }
  | { readonly kind: 'shared-secret'; readonly scheme: number; readonly curve: number }
  | { readonly kind: 'ephemeral'; readonly curve: number; readonly counter: number }
  | { readonly kind: 'attest'; readonly type: number; readonly handle: number }
  | { readonly kind: 'audit-status'; readonly hash: number; readonly codes: number }
