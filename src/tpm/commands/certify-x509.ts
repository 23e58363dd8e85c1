// TPM2_CertifyX509. Part 3, 18.8.

import { hash } from '../../crypto/hash.ts'
import { encode } from '../../codec/codec.ts'
import { type Bytes, EMPTY } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { CertifyX509 } from '../../spec/commands/attestation.ts'
import { TPMT_SIGNATURE } from '../../spec/keys.ts'
import { RC } from '../../spec/return-codes.ts'
import { signerOf } from '../attest.ts'
import { implement } from '../command.ts'
import { withCommit } from '../anonymous.ts'
import { integer, sequence } from '../der.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'
import { signDigest } from '../schemes.ts'
import { extensionsFit, partialOf, publicKeyInfo, signatureAlgorithm, VERSION } from '../x509.ts'

/** RFC 5280, 4.1.2.2 allows 20 octets. */
const SERIAL_SIZE = 16

/** Positive, and always of the same length. */
const serialOf = (random: Bytes): Bytes =>
  integer(Uint8Array.from({ length: SERIAL_SIZE }, (_, i) => ((random[i] as number) & (i ? 255 : 127)) | (i ? 0 : 64)))

export const certifyX509 = [
  implement(CertifyX509, (c, { objectHandle, signHandle }, { reserved, inScheme, partialCertificate }) => {
    const { publicArea } = c.object(objectHandle, atHandle(1, RC.KEY))
    if (reserved.length > 0) throw badParameter(1, RC.SIZE)
    const { key, scheme } = signerOf(c, signHandle, 2, inScheme, 2)
    // tbsDigest is the digest that is signed: a scheme without hash has none.
    if (!key?.sensitive || scheme.hash === ALG.NULL) throw badParameter(2, RC.SCHEME)
    const info = publicKeyInfo(publicArea)
    if (!info) throw badHandle(1, RC.KEY)
    const partial = partialOf(partialCertificate)
    const fits = partial && extensionsFit(partial.list, publicArea)
    if (fits === undefined) throw badParameter(3, RC.VALUE)
    if (!fits) throw badParameter(3, RC.ATTRIBUTES)
    const made = partial.algorithm ? undefined : signatureAlgorithm(scheme)
    const algorithm = partial.algorithm ?? made
    if (!algorithm) throw badParameter(2, RC.SCHEME)

    const serial = serialOf(c.random(SERIAL_SIZE))
    const { issuer, validity, subject, extensions } = partial
    const tbs = sequence(VERSION, serial, algorithm, issuer, validity, subject, info, extensions)
    const tbsDigest = hash(scheme.hash, tbs)
    const { publicArea: p, sensitive } = key
    const signature = withCommit(c, key, scheme, 2, s =>
      signDigest(p, sensitive, s, EMPTY, tbsDigest, n => c.random(n)),
    )
    const length = encode(TPMT_SIGNATURE, signature).length
    c.emit({ kind: 'sign', handle: signHandle, scheme: scheme.alg, signature: length })

    return { addedToCertificate: sequence(VERSION, serial, made ?? EMPTY, info), tbsDigest, signature }
  }),
]
