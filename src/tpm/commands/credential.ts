// TPM2_MakeCredential and TPM2_ActivateCredential. Part 3, 12.5 and 12.6; Part 1, 21.

import { encode } from '../../codec/codec.ts'
import { type Bytes, readBe16 } from '../../lib/bytes.ts'
import { digestSize } from '../../spec/algorithms.ts'
import { ActivateCredential, MakeCredential } from '../../spec/commands/create.ts'
import { TPM2B_DIGEST } from '../../spec/base.ts'
import type { Public } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { atHandle, badHandle, badParameter, fail } from '../errors.ts'
import { recoverSecret, shareSecret } from '../secrets.ts'
import { isStorage } from '../templates.ts'
import { cipherOf, type KeyCipher, unwrap, type Wrapping, wrap } from '../wrap.ts'

const wrapping = (p: Public, seed: Bytes, name: Bytes): Wrapping => ({
  alg: p.nameAlg,
  cipher: cipherOf(p) as KeyCipher,
  seed,
  name,
  withIv: false,
})

export const credential = [
  implement(MakeCredential, (c, { handle }, { credential: secret, objectName }) => {
    const { publicArea: p } = c.object(handle, atHandle(1, RC.TYPE))
    if (!isStorage(p)) throw badHandle(1, RC.TYPE)
    if (secret.length > digestSize(p.nameAlg)) throw badParameter(1, RC.SIZE)
    const shared = shareSecret(p, 'IDENTITY', n => c.random(n))
    if (!shared) throw badHandle(1, RC.TYPE)

    return {
      credentialBlob: wrap(wrapping(p, shared.secret, objectName), encode(TPM2B_DIGEST, secret)),
      secret: shared.encrypted,
    }
  }),

  implement(ActivateCredential, (c, { activateHandle, keyHandle }, { credentialBlob, secret }) => {
    const object = c.object(activateHandle, atHandle(1, RC.TYPE))
    const { publicArea: p, sensitive } = c.object(keyHandle, atHandle(2, RC.TYPE))
    if (!sensitive) throw fail(RC.AUTH_UNAVAILABLE)
    if (!isStorage(p)) throw badHandle(2, RC.TYPE)
    const seed = recoverSecret(p, sensitive, 'IDENTITY', secret)
    if (typeof seed === 'number') throw badParameter(2, seed)
    const content = unwrap(wrapping(p, seed, object.name), credentialBlob)
    if (typeof content === 'number') throw badParameter(1, content)
    const size = readBe16(content, 0)
    if (content.length !== 2 + size || size > digestSize(p.nameAlg)) throw badParameter(1, RC.SIZE)

    return { certInfo: content.slice(2) }
  }),
]
