// TPM2_RSA_Encrypt and TPM2_RSA_Decrypt. Part 3, 14.2 and 14.3.

import { rsaPrivate, rsaPublic } from '../../crypto/rsa.ts'
import { oaepDecode, oaepEncode, oaepRoom, pkcs1Decode, pkcs1Encode, pkcs1Room } from '../../crypto/rsa-pad.ts'
import type { Of } from '../../codec/codec.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { RSA_Decrypt, RSA_Encrypt } from '../../spec/commands/asymmetric.ts'
import type { Public, PublicOf, TPMT_RSA_DECRYPT } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { atHandle, badHandle, badParameter, fail } from '../errors.ts'
import { rsaKey } from '../kinds/rsa.ts'

type Padding = Of<typeof TPMT_RSA_DECRYPT>
type RsaKey = PublicOf<typeof ALG.RSA>

/** @throws TPM_RC_KEY */
function rsaOnly(p: Public): RsaKey {
  if (p.type !== ALG.RSA) throw badHandle(1, RC.KEY)
  return p
}

/** The padding of the key, or where it has none that of the command. Table 42. */
function paddingOf(p: RsaKey, wanted: Padding): Padding {
  const own = p.parameters.scheme
  if (own.scheme === ALG.NULL) return wanted
  // A signing scheme is none to encrypt with.
  if (own.scheme !== ALG.RSAES && own.scheme !== ALG.OAEP) throw badParameter(2, RC.SCHEME)
  if (wanted.scheme === ALG.NULL) return own
  const hashOf = (s: object): unknown => ('hashAlg' in s ? s.hashAlg : ALG.NULL)
  if (wanted.scheme !== own.scheme || hashOf(wanted) !== hashOf(own)) throw badParameter(2, RC.SCHEME)
  return own
}

/** A label ends with a zero octet. */
function checkLabel(label: Bytes): void {
  if (label.length > 0 && label.at(-1) !== 0) throw badParameter(3, RC.VALUE)
}

/** Pads; without padding the message is the number itself. Undefined for a message that is too long. Table 43. */
function pad(
  padding: Padding,
  k: number,
  message: Bytes,
  label: Bytes,
  random: (n: number) => Bytes,
): Bytes | undefined {
  switch (padding.scheme) {
    case ALG.OAEP: {
      const { hashAlg } = padding
      if (message.length > oaepRoom(hashAlg, k)) return undefined
      return oaepEncode(hashAlg, k, message, label, random(digestSize(hashAlg)))
    }
    case ALG.RSAES:
      if (message.length > pkcs1Room(k)) return undefined
      return pkcs1Encode(k, message, random)
    default:
      return message
  }
}

function unpad(padding: Padding, encoded: Bytes, label: Bytes): Bytes | undefined {
  switch (padding.scheme) {
    case ALG.OAEP:
      return oaepDecode(padding.hashAlg, encoded, label)
    case ALG.RSAES:
      return pkcs1Decode(encoded)
    default:
      return encoded
  }
}

export const asymmetric = [
  implement(RSA_Encrypt, (c, { keyHandle }, { message, inScheme, label }) => {
    const p = rsaOnly(c.object(keyHandle, atHandle(1, RC.KEY)).publicArea)
    const padding = paddingOf(p, inScheme)
    checkLabel(label)
    const key = rsaKey(p)

    const padded = pad(padding, key.n.length, message, label, n => c.random(n))
    const outData = padded && rsaPublic(key, padded)
    if (!outData) {
      throw c.tpm.profile.peculiar.has('failure-for-large-messages') ? fail(RC.FAILURE) : badParameter(1, RC.VALUE)
    }
    c.emit({ kind: 'rsa-encrypt', handle: keyHandle, padding: padding.scheme, length: message.length })

    return { outData }
  }),

  implement(RSA_Decrypt, (c, { keyHandle }, { cipherText, inScheme, label }) => {
    const { publicArea, sensitive } = c.object(keyHandle, atHandle(1, RC.KEY))
    const p = rsaOnly(publicArea)
    if (!sensitive) throw badHandle(1, RC.KEY)
    const attributes = p.objectAttributes
    if (attributes & OBJECT.restricted || !(attributes & OBJECT.decrypt)) throw badHandle(1, RC.ATTRIBUTES)
    const padding = paddingOf(p, inScheme)
    checkLabel(label)
    const key = rsaKey(p)
    if (cipherText.length !== key.n.length) throw fail(RC.SIZE)
    const encoded = rsaPrivate(key, sensitive.sensitive, cipherText)
    const message = encoded && unpad(padding, encoded, label)
    if (!message) throw badParameter(1, RC.VALUE)
    c.emit({ kind: 'rsa-decrypt', handle: keyHandle, padding: padding.scheme, length: message.length })

    return { message }
  }),
]
