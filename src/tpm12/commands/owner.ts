// The owner: taken with secrets that are encrypted to the endorsement key, cleared by the owner or by physical presence.
// TPM Main Specification 1.2, Part 3, 6.1 to 6.3, 14.3 and 18.

import { decode, encode, Malformed } from '../../codec/codec.ts'
import { oaepDecode } from '../../crypto/rsa-pad.ts'
import { rsaPrivate } from '../../crypto/rsa.ts'
import { type Bytes, EMPTY, utf8 } from '../../lib/bytes.ts'
import { ALG12, ES, ET, KEY_FLAG, KEY_USAGE, KH, PID, SS } from '../../spec12/codes.ts'
import { ForceClear, Oiap, Osap, OwnerClear, ReadPubek, TakeOwnership } from '../../spec12/commands.ts'
import { type AuthRequest, type Key, TPM_PUBKEY, TPM_RSA_KEY_PARMS } from '../../spec12/structures.ts'
import { authorize, hmac1, inDigest, sha1 } from '../authorize.ts'
import { ACTIVE, type Command12, command12, NONE, OWNED } from '../command.ts'
import { type Context12, stop } from '../context.ts'
import { NO_STCLEAR, type RsaPair, type Tpm12 } from '../tpm.ts'

const SHA1 = 0x0004
const EXPONENT = 65537
/** What OAEP of TPM 1.2 labels its messages with: Part 1, 31.1.1. */
export const OAEP_LABEL: Bytes = utf8('TCPA')
const MOST_SESSIONS = 3

const rsaParms = (bits: number): Bytes => encode(TPM_RSA_KEY_PARMS, { keyLength: bits, numPrimes: 2, exponent: EMPTY })

/** What TPM_ReadPubek tells of the endorsement key. */
export const pubekOf = (key: RsaPair) => ({
  algorithmParms: {
    algorithmID: ALG12.RSA,
    encScheme: ES.OAEP_SHA1_MGF1,
    sigScheme: SS.NONE,
    parms: rsaParms(key.n.length * 8),
  },
  pubKey: key.n,
})

/** The message that was encrypted to a key. */
export function unwrap(key: RsaPair, encrypted: Bytes): Bytes {
  if (encrypted.length !== key.n.length) return stop('DECRYPT_ERROR')
  const padded = rsaPrivate({ n: key.n, e: EXPONENT }, key.p, encrypted)
  return (padded && oaepDecode(SHA1, padded, OAEP_LABEL)) ?? stop('DECRYPT_ERROR')
}

function secretOf(key: RsaPair, encrypted: Bytes): Bytes {
  const secret = unwrap(key, encrypted)
  return secret.length === 20 ? secret : stop('BAD_KEY_PROPERTY')
}

/** 6.1, action 8. @returns the bits of the modulus */
function checkSrk(key: Key): number {
  if (key.keyUsage !== KEY_USAGE.STORAGE || (key.keyFlags & KEY_FLAG.MIGRATABLE) !== 0) stop('INVALID_KEYUSAGE')
  const { algorithmID, encScheme, sigScheme, parms } = key.algorithmParms
  if (algorithmID !== ALG12.RSA || encScheme !== ES.OAEP_SHA1_MGF1 || sigScheme !== SS.NONE) stop('BAD_KEY_PROPERTY')
  try {
    const { keyLength, numPrimes, exponent } = decode(TPM_RSA_KEY_PARMS, parms)
    if (keyLength !== 2048 || numPrimes !== 2 || exponent.length !== 0) stop('BAD_KEY_PROPERTY')
    return keyLength
  } catch (e) {
    if (e instanceof Malformed) return stop('BAD_PARAM_SIZE')
    throw e
  }
}

/** 6.2, actions 3 to 14: all that belongs to the owner goes, and the TPM is off. */
function clearOwner(c: Context12): void {
  const { permanent, stclear } = c.tpm
  const next: Tpm12 = {
    ...c.tpm,
    permanent: { ...permanent, owner: undefined },
    stclear: { ...NO_STCLEAR, ...stclear },
    sessions: [],
    transports: [],
    saved: undefined,
  }
  c.tpm = next
  c.events.push({ kind: 'owner-cleared' })
  c.flag('disable', true)
  c.flag('deactivated', true)
  c.flag('readPubek', true)
  c.flag('disableOwnerClear', false)
  c.flag('disableFullDALogicInfo', false)
  c.flag('readSRKPub', false)
  c.flag('ownership', true)
  c.flag('operator', false)
  c.flag('maintenanceDone', false)
}

function room(c: Context12): void {
  if (c.tpm.sessions.length >= MOST_SESSIONS) stop('RESOURCES')
}

export const OWNER: readonly Command12[] = [
  command12(TakeOwnership, { enabled: true }, (c, { params, raw, auth }) => {
    const { permanent } = c.tpm
    if (permanent.owner) stop('OWNER_SET')
    if (!permanent.flags.ownership) stop('INSTALL_DISABLED')
    const asked = auth as AuthRequest
    // A session that cannot serve is told before anything is decrypted.
    const session = c.tpm.sessions.find(s => s.handle === asked.authHandle) ?? stop('INVALID_AUTHHANDLE')
    if (session.kind !== 'OIAP') stop('BAD_MODE')
    if (params.protocolID !== PID.OWNER) stop('BAD_PARAMETER')
    const secret = secretOf(permanent.endorsement, params.encOwnerAuth)
    const proven = authorize(c, asked, inDigest(TakeOwnership.ordinal, raw), { key: secret })
    const bits = checkSrk(params.srkParams)
    const pair = c.newKey(bits, EXPONENT)
    const proof = c.random(20)
    const usageAuth = secretOf(permanent.endorsement, params.encSrkAuth)
    const { authDataUsage, keyFlags } = params.srkParams
    const srk = { ...pair, usageAuth, authDataUsage, keyFlags, digest: sha1(pair.n) }
    c.tpm = { ...c.tpm, permanent: { ...c.tpm.permanent, owner: { auth: secret, srk, proof } } }
    c.flag('readPubek', false)
    c.events.push({ kind: 'owner-taken' })
    return { returns: { srkPub: { ...params.srkParams, pubKey: pair.n, encData: EMPTY } }, proven }
  }),
  command12(OwnerClear, OWNED, (c, { raw, auth }) => {
    const proven = authorize(c, auth as AuthRequest, inDigest(OwnerClear.ordinal, raw), 'owner')
    if (c.tpm.permanent.flags.disableOwnerClear) stop('CLEAR_DISABLED')
    clearOwner(c)
    return { returns: {}, proven, endsSession: true }
  }),
  command12(ForceClear, ACTIVE, c => {
    c.present()
    if (c.tpm.stclear.disableForceClear) stop('CLEAR_DISABLED')
    clearOwner(c)
    return NONE
  }),
  command12(ReadPubek, ACTIVE, (c, { params }) => {
    if (!c.tpm.permanent.flags.readPubek) stop('DISABLED_CMD')
    const pubEndorsementKey = pubekOf(c.tpm.permanent.endorsement)
    const checksum = sha1(encode(TPM_PUBKEY, pubEndorsementKey), params.antiReplay)
    return { returns: { pubEndorsementKey, checksum } }
  }),
  command12(Oiap, {}, c => {
    room(c)
    const handle = c.handle()
    const nonceEven = c.random(20)
    c.open({ handle, kind: 'OIAP', nonceEven, secret: EMPTY, entity: undefined, entityDigest: EMPTY })
    return { returns: { nonceEven }, handle }
  }),
  command12(Osap, { owner: true }, (c, { params: { entityType, entityValue, nonceOddOSAP } }) => {
    room(c)
    const { owner } = c.tpm.permanent
    if (!owner) return stop('NOSRK')
    const handle = c.handle()
    const nonceEven = c.random(20)
    const nonceEvenOSAP = c.random(20)
    // The upper octet says how secrets that are inserted are hidden: 0 is XOR. No command here inserts any.
    if (entityType >> 8 !== 0) stop('INAPPROPRIATE_ENC')
    const srk = entityType === ET.SRK || (entityType === ET.KEYHANDLE && entityValue === KH.SRK)
    if (!srk && entityType === ET.KEYHANDLE) stop('INVALID_KEYHANDLE')
    if (!srk && entityType !== ET.OWNER) stop('BAD_PARAMETER')
    const [auth, entityDigest] = srk ? [owner.srk.usageAuth, owner.srk.digest] : [owner.auth, owner.auth]
    const secret = hmac1(auth, nonceEvenOSAP, nonceOddOSAP)
    c.open({ handle, kind: 'OSAP', nonceEven, secret, entity: srk ? 'srk' : 'owner', entityDigest })
    return { returns: { nonceEven, nonceEvenOSAP }, handle }
  }),
]
