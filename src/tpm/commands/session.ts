// TPM2_StartAuthSession and TPM2_PolicyRestart. Part 3, 11; Part 1, 16.6.8 to 16.6.12 (session key).

import { kdfa } from '../../crypto/kdf.ts'
import { type Bytes, concat, EMPTY } from '../../lib/bytes.ts'
import { ALG, digestSize } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { PolicyRestart, StartAuthSession } from '../../spec/commands/session.ts'
import { RH } from '../../spec/handles.ts'
import { SE } from '../../spec/policy.ts'
import { RC } from '../../spec/return-codes.ts'
import { trimmed, unbound } from '../authorize.ts'
import { type Context, implement } from '../command.ts'
import { entityOf } from '../entity.ts'
import { badHandle, badParameter } from '../errors.ts'
import { isPin } from '../nv.ts'
import { recoverSecret } from '../secrets.ts'
import { addSession, freshPolicy, replaceSession, type Session } from '../sessions.ts'

const MIN_NONCE = 16
const KIND = { [SE.HMAC]: 'hmac', [SE.POLICY]: 'policy', [SE.TRIAL]: 'trial' } as const

/** The salt that tpmKey decrypts; empty without a key. */
function saltOf(c: Context, tpmKey: number, encrypted: Bytes): Bytes {
  if (tpmKey === RH.NULL) {
    if (encrypted.length > 0) throw badParameter(2, RC.VALUE)
    return EMPTY
  }
  const slot = c.slot(tpmKey)
  if (slot?.kind !== 'object') throw badHandle(1, RC.KEY)
  const { publicArea: p, sensitive } = slot
  if (!sensitive) throw badHandle(1, RC.HANDLE)
  if (p.type !== ALG.RSA && p.type !== ALG.ECC && p.type !== ALG.MLKEM) throw badHandle(1, RC.KEY)
  if (!(p.objectAttributes & OBJECT.decrypt)) throw badHandle(1, RC.ATTRIBUTES)
  const salt = recoverSecret(p, sensitive, 'SECRET', encrypted, c.tpm.profile)
  if (typeof salt === 'number') throw badParameter(2, salt === RC.KEY ? RC.VALUE : salt)
  // Part 3, 11.1.1 measures it by nameAlg, whatever hash OAEP took.
  if (salt.length > digestSize(p.nameAlg)) throw badParameter(2, RC.VALUE)
  return salt
}

/** The entity whose authValue goes into the session key, and by which the session is bound. */
function boundTo(c: Context, bind: number): Session['bound'] {
  if (bind === RH.NULL) return undefined
  const entity = entityOf(c.tpm, bind)
  if (!entity || (entity.object && !entity.object.sensitive)) throw badHandle(2, RC.HANDLE)
  // Its authValue would be guessed at without being counted: Part 1, 34.2.8.3.
  if (entity.index && isPin(entity.index)) throw badHandle(2, RC.HANDLE)
  // Of the permanent entities only lockout makes the session one that counts: Part 1, 16.8.
  return { name: entity.name, auth: trimmed(entity.auth), da: entity.da }
}

export const session = [
  implement(StartAuthSession, (c, { tpmKey, bind }, p) => {
    const size = digestSize(p.authHash)
    if (p.nonceCaller.length < MIN_NONCE || p.nonceCaller.length > size) throw badParameter(1, RC.SIZE)
    if ('mode' in p.symmetric && p.symmetric.mode !== ALG.CFB) throw badParameter(4, RC.MODE)
    const bound = boundTo(c, bind)
    const salt = saltOf(c, tpmKey, p.encryptedSalt)

    const nonceTPM = c.random(p.nonceCaller.length)
    const secret = concat(bound?.auth ?? EMPTY, salt)
    const keyed = bind !== RH.NULL || tpmKey !== RH.NULL
    const kind = KIND[p.sessionType as keyof typeof KIND]
    const made = addSession(c, {
      kind,
      hash: p.authHash,
      symmetric: p.symmetric,
      key: keyed ? kdfa(p.authHash, secret, 'ATH', nonceTPM, p.nonceCaller, 8 * size) : EMPTY,
      nonceTPM,
      bound: kind === 'hmac' ? bound : unbound(bound),
      audit: undefined,
      policy: kind === 'hmac' ? undefined : freshPolicy(size, c.tpm.timeEpoch),
      startTime: Math.floor(c.tpm.clock.time / 1000),
    })
    c.emit({ kind: 'session-started', handle: made.handle, session: kind })

    return { handle: made.handle, returns: { nonceTPM } }
  }),

  implement(PolicyRestart, (c, { sessionHandle }) => {
    const s = c.session(sessionHandle)

    c.tpm = replaceSession(c.tpm, { ...s, policy: freshPolicy(digestSize(s.hash), c.tpm.timeEpoch) })
  }),
]
