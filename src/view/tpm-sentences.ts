// What the TPM did, as full sentences: a closed list, one for every kind of event of the engine. It comes with the whole
// engine, whose commands cause the events.

import { never } from '../lib/assert.ts'
import { algName, curveName } from '../spec/algorithms.ts'
import { handleName } from '../spec/handles.ts'
import type { TpmEvent } from '../tpm/events.ts'
import { count, hex } from './format.ts'

const HIERARCHY = {
  enabled: 'the TPM enabled the hierarchy',
  disabled: 'the TPM disabled the hierarchy, and what was loaded in it is gone',
  seed: 'the TPM has a new seed, and what came from the old one is lost',
  cleared: 'the TPM forgot its owner, and all that was the owner’s',
} as const

export function tpmSentence(e: TpmEvent): string {
  switch (e.kind) {
    case 'told':
      return e.text
    case 'startup':
      return `The TPM started (${e.how}).`
    case 'shutdown':
      return `The TPM was shut down (${e.type}).`
    case 'self-test':
      return `The TPM tested ${e.algorithms.length} algorithms: ${e.passed ? 'passed' : 'failed'}.`
    case 'random':
      return `The TPM drew ${count(e.length)} random bytes.`
    case 'stir':
      return `The TPM mixed ${count(e.length)} bytes into its generator.`
    case 'pcr-extend':
      return `The TPM extended PCR ${e.pcr} in bank ${algName(e.bank).replace('TPM_ALG_', '')}.`
    case 'pcr-reset':
      return `The TPM reset PCR ${e.pcr}.`
    case 'hash':
      return `The TPM hashed ${count(e.length)} bytes.`
    case 'sequence-start':
      return `The TPM started a ${e.sequence} sequence as ${hex(e.handle, 8)}.`
    case 'sequence-update':
      return `The TPM added ${count(e.length)} bytes to its sequence: ${count(e.total)} in all.`
    case 'sequence-complete':
      return `The TPM ended the sequence of ${count(e.total)} bytes.`
    case 'object-loaded':
      return `The TPM holds a new object as ${hex(e.handle, 8)}.`
    case 'object-flushed':
      return `The TPM forgot ${hex(e.handle, 8)}.`
    case 'sign':
      return `The TPM signed with key ${hex(e.handle, 8)}.`
    case 'verify':
      return e.ok ? 'The TPM found the signature good.' : 'The TPM found the signature bad.'
    case 'rsa-encrypt':
      return `The TPM encrypted ${count(e.length)} bytes with key ${hex(e.handle, 8)}.`
    case 'rsa-decrypt':
      return `The TPM decrypted ${count(e.length)} bytes with key ${hex(e.handle, 8)}.`
    case 'encapsulate':
      return 'The TPM made a shared secret and its ciphertext.'
    case 'decapsulate':
      return 'The TPM got the shared secret out of the ciphertext.'
    case 'object-made':
      return `The TPM made an object under ${hex(e.parent, 8)} and returned it encrypted.`
    case 'persistent':
      return `The TPM ${e.kept ? 'keeps the object as' : 'no longer keeps'} ${hex(e.handle, 8)}.`
    case 'hierarchy':
      return `${handleName(e.handle)}: ${HIERARCHY[e.what]}.`
    case 'nv-defined':
      return `The TPM ${e.defined ? 'has a new' : 'deleted'} NV Index ${hex(e.handle, 8)}.`
    case 'nv-written':
      return `The TPM wrote NV Index ${hex(e.handle, 8)}.`
    case 'unseal':
      return `The TPM returned the data sealed in ${hex(e.handle, 8)}.`
    case 'session-started':
      return `The TPM started ${e.session === 'hmac' ? 'an HMAC' : `a ${e.session}`} session as ${hex(e.handle, 8)}.`
    case 'session-ended':
      return `The TPM ended session ${hex(e.handle, 8)}.`
    case 'session-used':
      return `Session ${hex(e.handle, 8)} authorized the use of ${hex(e.for, 8)}.`
    case 'policy':
      return `The TPM extended the policy of session ${hex(e.handle, 8)}.`
    case 'encrypt':
      return `The TPM encrypted ${count(e.length)} bytes with key ${hex(e.handle, 8)}.`
    case 'decrypt':
      return `The TPM decrypted ${count(e.length)} bytes with key ${hex(e.handle, 8)}.`
    case 'mac':
      return `The TPM made an authentication code of ${count(e.length)} bytes.`
    case 'shared-secret':
      return `The TPM made a shared secret on ${curveName(e.curve).replace('TPM_ECC_', '')}.`
    case 'ephemeral':
      return `The TPM made ephemeral key ${e.counter} on ${curveName(e.curve).replace('TPM_ECC_', '')}.`
    case 'attest':
      return 'The TPM made a statement about itself.'
    case 'audit-status':
      return `The TPM audits ${e.codes} commands.`
    case 'auth-failed':
      return `The TPM refused the authorization of ${hex(e.handle, 8)}.`
    default:
      return never(e)
  }
}
