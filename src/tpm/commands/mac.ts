// TPM2_MAC and TPM2_MAC_Start, which do what TPM2_HMAC and TPM2_HMAC_Start do, and CMAC too. Part 3, 15.5, 15.6, 17.2, 17.3.

import { isHash } from '../../crypto/hash.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { MAC } from '../../spec/commands/symmetric.ts'
import { MAC_Start } from '../../spec/commands/sequence.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Context, implement } from '../command.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'
import { macOf } from '../mac.ts'
import { NO_MESSAGE } from '../sequence.ts'
import type { MacSequence } from '../tpm.ts'

/** The key and the scheme that authenticates with it. */
function macKey(c: Context, handle: number, given: number): Pick<MacSequence, 'key' | 'scheme' | 'cipher'> {
  const { publicArea: p, sensitive } = c.object(handle, atHandle(1, RC.KEY))
  if (p.type !== ALG.KEYEDHASH && p.type !== ALG.SYMCIPHER) throw badHandle(1, RC.TYPE)
  if (p.objectAttributes & OBJECT.restricted) throw badHandle(1, RC.ATTRIBUTES)
  if (!(p.objectAttributes & OBJECT.sign) || !sensitive) throw badHandle(1, RC.KEY)
  const own = p.type === ALG.SYMCIPHER ? p.parameters.sym.mode : hashOf(p.parameters.scheme)
  if (own !== ALG.NULL && given !== ALG.NULL && given !== own) throw badParameter(2, RC.VALUE)
  const scheme = own === ALG.NULL ? given : own
  const fits = p.type === ALG.SYMCIPHER ? scheme === ALG.CMAC : isHash(scheme)
  if (!fits) throw badParameter(2, RC.VALUE)
  const other = p.type === ALG.SYMCIPHER && p.parameters.sym.algorithm !== ALG.AES
  return { key: sensitive.sensitive, scheme, ...(other && { cipher: p.parameters.sym.algorithm }) }
}

const hashOf = (scheme: { readonly scheme: number; readonly hashAlg?: number }): number => scheme.hashAlg ?? ALG.NULL

export const mac = [
  implement(MAC, (c, { handle }, { buffer, inScheme }) => {
    const { key, scheme, cipher } = macKey(c, handle, inScheme)

    const outMAC = macOf(scheme, key, buffer, cipher)
    c.emit({ kind: 'mac', alg: scheme, length: buffer.length })

    return { outMAC }
  }),

  implement(MAC_Start, (c, { handle }, { auth, inScheme }) => {
    const key = macKey(c, handle, inScheme)

    const sequence = c.load({ kind: 'mac', auth, ...key, message: NO_MESSAGE })
    c.emit({ kind: 'sequence-start', handle: sequence, sequence: 'mac' })

    return { handle: sequence }
  }),
]
