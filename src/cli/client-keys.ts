// What the seeds of a TPM tell about a recorded conversation with it: primary objects, what is protected by them, and
// whether a signature is good. The engine makes the keys; how it makes them stands in src/tpm.

import { digestSize, isHash } from '../crypto/hash.ts'
import { encode } from '../codec/codec.ts'
import { EMPTY, toHex } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { SU } from '../spec/codes.ts'
import { CreatePrimary } from '../spec/commands/hierarchy.ts'
import { Startup } from '../spec/commands/startup.ts'
import { decodeResponse, encodeCommand } from '../spec/frame.ts'
import { TPM2B_PUBLIC } from '../spec/keys.ts'
import { wholeEngine } from '../tpm/commands/all.ts'
import { executeNow } from '../tpm/execute-now.ts'
import { type Profile } from '../tpm/profile.ts'
import { PROFILES } from '../tpm/profiles/index.ts'
import { rules } from '../tpm/rules.ts'
import { verifyDigest } from '../tpm/schemes.ts'
import { recoverSecret } from '../tpm/secrets.ts'
import { manufacture, powerOn, slotOf } from '../tpm/tpm.ts'
import { cipherOf, readSensitive, unwrap } from '../tpm/wrap.ts'
import type { Keys } from '../trace/client.ts'
import { type Seeds, withSeeds } from './seeds.ts'

const ENTROPY = new Uint8Array(32)

/** @param seeds none when nobody knows those of the recorded TPM: then no primary object can be made again */
export function keysOf(profile: Profile = PROFILES.crbscope, seeds: Seeds = []): Keys {
  wholeEngine()
  const made = new Map<string, ReturnType<Keys['primary']>>()
  const manufactured = powerOn(withSeeds(manufacture(ENTROPY, profile), seeds))
  const started = executeNow(manufactured, encodeCommand(Startup, {}, { startupType: SU.CLEAR }), 0).tpm

  const make: Keys['primary'] = (hierarchy, given, template) => {
    const command = encodeCommand(
      CreatePrimary,
      { primaryHandle: hierarchy },
      {
        inSensitive: { userAuth: given.userAuth, data: given.data },
        inPublic: template,
        outsideInfo: EMPTY,
        creationPCR: [],
      },
    )
    const { response, tpm } = executeNow(started, command, 0)
    const { handle } = decodeResponse(CreatePrimary, response)
    const slot = handle === undefined ? undefined : slotOf(tpm, handle)
    if (slot?.kind !== 'object' || !slot.sensitive) return undefined
    return { publicArea: slot.publicArea, sensitive: slot.sensitive }
  }

  return {
    primary(hierarchy, given, template) {
      if (seeds.length === 0) return undefined
      const key = [hierarchy, toHex(given.userAuth), toHex(given.data), toHex(encode(TPM2B_PUBLIC, template))].join('/')
      if (!made.has(key)) made.set(key, make(hierarchy, given, template))
      return made.get(key)
    },

    open(parent, secret, name, outPrivate) {
      const cipher = cipherOf(parent)
      if (cipher === undefined) return undefined
      const wrapping = { alg: parent.nameAlg, cipher, seed: secret.seedValue, name, withIv: true }
      const content = unwrap(wrapping, outPrivate)
      const inside = typeof content === 'number' ? content : readSensitive(content, rules(profile))
      return typeof inside === 'number' ? undefined : inside
    },

    share(key, secret, label, encrypted) {
      const found = recoverSecret(key, secret, label, encrypted, profile)
      return typeof found === 'number' ? undefined : found
    },

    verify(p, digest, signature) {
      // An HMAC needs the secret, an anonymous signature no TPM verifies, and of some hashes there is no code.
      if (signature.sigAlg === ALG.HMAC || signature.sigAlg === ALG.ECDAA || signature.sigAlg === ALG.SM2)
        return undefined
      if ('hash' in signature && (!isHash(signature.hash) || digest.length !== digestSize(signature.hash)))
        return undefined
      return verifyDigest(p, undefined, EMPTY, digest, signature)
    },
  }
}
