// TPM2_EncryptDecrypt and TPM2_EncryptDecrypt2. Part 3, 15.2 and 15.3.

import { blockOf, encipher, isBlockwise, isCipherMode, ivSize } from '../../crypto/symmetric.ts'
import type { Bytes } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { YES } from '../../spec/codes.ts'
import { EncryptDecrypt, EncryptDecrypt2 } from '../../spec/commands/symmetric.ts'
import { RC } from '../../spec/return-codes.ts'
import { type Command, type Context, implement } from '../command.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'

interface Input {
  readonly decrypt: number
  readonly mode: number
  readonly ivIn: Bytes
  readonly inData: Bytes
}

/** The mode of the key, or where it leaves that open the one that was given. @param n number of the parameter */
function modeOf(own: number, given: number, n: number): number {
  if (own !== ALG.NULL && given !== ALG.NULL && given !== own) throw badParameter(n, RC.MODE)
  const mode = own === ALG.NULL ? given : own
  if (!isCipherMode(mode)) throw badParameter(n, RC.MODE)
  return mode
}

/** @param n numbers of the parameters, which come in another order in each command */
function crypt(c: Context, keyHandle: number, input: Input, n: { mode: number; iv: number; data: number }) {
  const { publicArea: p, sensitive } = c.object(keyHandle, atHandle(1, RC.KEY))
  if (p.type !== ALG.SYMCIPHER || !sensitive) throw badHandle(1, RC.KEY)
  const decrypt = input.decrypt === YES
  const attributes = p.objectAttributes
  if (attributes & OBJECT.restricted) throw badHandle(1, RC.ATTRIBUTES)
  if (!(attributes & (decrypt ? OBJECT.decrypt : OBJECT.sign))) throw badHandle(1, RC.ATTRIBUTES)
  const { algorithm, mode: own } = p.parameters.sym
  const mode = modeOf(own, input.mode, n.mode)
  if (input.ivIn.length !== ivSize(mode, algorithm)) throw badParameter(n.iv, RC.SIZE)
  if (isBlockwise(mode) && input.inData.length % blockOf(algorithm) !== 0) throw badParameter(n.data, RC.SIZE)

  const { data: outData, iv: ivOut } = encipher(
    algorithm,
    mode,
    sensitive.sensitive,
    decrypt,
    input.ivIn,
    input.inData,
    c.tpm.profile.peculiar.has('key-stream-in-iv'),
  )
  c.emit({ kind: decrypt ? 'decrypt' : 'encrypt', handle: keyHandle, alg: mode, length: outData.length })

  return { outData, ivOut }
}

export const cipher: readonly Command[] = [
  implement(EncryptDecrypt, (c, { keyHandle }, input) => crypt(c, keyHandle, input, { mode: 2, iv: 3, data: 4 })),
  implement(EncryptDecrypt2, (c, { keyHandle }, input) => crypt(c, keyHandle, input, { mode: 3, iv: 4, data: 1 })),
]
