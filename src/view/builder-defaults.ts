// What a field of the command builder holds before anything is typed: a value that its codec writes and that most often
// works. Chosen by type, by the field's name, or else by shape; a declaration that is new gets defaults without a line here.

import { type AnyCodec, decode, encode, type Fields } from '../codec/codec.ts'
import { type Bytes, EMPTY, fromHex, utf8 } from '../lib/bytes.ts'
import type { Machine } from '../machine/machine.ts'
import { ALG, CURVE } from '../spec/algorithms.ts'
import { OBJECT, SESSION } from '../spec/attributes.ts'
import { selectOf } from '../spec/base.ts'
import { RH, TRANSIENT_FIRST } from '../spec/handles.ts'
import type { Public } from '../spec/keys.ts'
import { word } from './format.ts'
import { slotText } from './tpm.ts'

/** A handle that can be used now, in words. */
export interface Offer {
  readonly value: number
  readonly text: string
  readonly sequence?: boolean
}

/** What is loaded: offered wherever a handle is asked for. */
export const offersOf = (m: Machine): readonly Offer[] => [
  ...slotOffers(m),
  ...m.backend.tpm.persistent.map(p => offer(p.handle, slotText(p.object))),
  ...m.backend.tpm.sessions.flatMap(a => (a?.loaded ? [offer(a.session.handle, `${a.session.kind} session`)] : [])),
  ...m.backend.tpm.nv.indexes.map(i => offer(i.publicArea.nvIndex, 'NV Index')),
]

const offer = (value: number, text: string): Offer => ({ value, text: `${word(value)}: ${text}` })

const slotOffers = (m: Machine): readonly Offer[] =>
  m.backend.tpm.objects.flatMap((slot, i) => {
    if (!slot) return []
    const value = TRANSIENT_FIRST + i
    return [{ value, text: `${word(value)}: ${slotText(slot)}`, sequence: slot.kind !== 'object' }]
  })

export interface Where {
  readonly name: string
  /** Name of the command or structure that the field stands in. */
  readonly owner: string
  readonly offers: readonly Offer[]
}

/** Whether a handle may stand in this field. */
export function accepts(codec: AnyCodec, v: number): boolean {
  try {
    return decode(codec, encode(codec, v)) === v
  } catch {
    return false
  }
}

/** SHA-256 of "abc" (FIPS 180-4). */
const DIGEST = fromHex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
const TEXT = utf8('abc')

/** A P-256 key that signs with any scheme; the template from which TPM2_CreatePrimary makes one. */
const ECC_KEY: Public = {
  type: ALG.ECC,
  nameAlg: ALG.SHA256,
  objectAttributes:
    OBJECT.fixedTPM + OBJECT.fixedParent + OBJECT.sensitiveDataOrigin + OBJECT.userWithAuth + OBJECT.sign,
  authPolicy: EMPTY,
  parameters: {
    symmetric: { algorithm: ALG.NULL },
    scheme: { scheme: ALG.ECDSA, hashAlg: ALG.SHA256 },
    curveID: CURVE.NIST_P256,
    kdf: { scheme: ALG.NULL },
  },
  unique: { x: EMPTY, y: EMPTY },
}

/** The same as somebody else's public key: its point is the base point of the curve (SP 800-186, 3.2.1.3). */
const FOREIGN_KEY: Public = {
  ...ECC_KEY,
  objectAttributes: OBJECT.userWithAuth + OBJECT.sign,
  unique: {
    x: fromHex('6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296'),
    y: fromHex('4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5'),
  },
}

const PCRS = [{ hash: ALG.SHA256, pcrSelect: selectOf([16]) }]

/** By "structure.field" or "command.parameter". */
const BY_PLACE: { readonly [place: string]: unknown } = {
  'TPM2_LoadExternal.inPublic': FOREIGN_KEY,
  'TPM2_LoadExternal.hierarchy': RH.OWNER,
  'TPM2_StartAuthSession.tpmKey': RH.NULL,
  'TPM2_StartAuthSession.bind': RH.NULL,
  'TPM2_StartAuthSession.nonceCaller': fromHex('00112233445566778899aabbccddeeff'),
  'TPM2_PCR_Read.pcrSelectionIn': PCRS,
  'TPM2_Quote.PCRselect': PCRS,
  'TPM2_PolicyPCR.pcrs': PCRS,
}

/** By the name of the type. */
const BY_TYPE: { readonly [type: string]: unknown } = {
  TPMT_PUBLIC: ECC_KEY,
  'TPMT_PUBLIC+': ECC_KEY,
  TPMA_SESSION: SESSION.continueSession,
  TPMS_PCR_SELECT: selectOf([16]),
  TPM2B_MAX_BUFFER: TEXT,
  TPM2B_EVENT: TEXT,
  TPML_DIGEST_VALUES: [{ hashAlg: ALG.SHA256, digest: DIGEST }],
  TPML_ALG: [ALG.SHA256],
}

/** By the name of the field, where it is one of a command. */
const BY_NAME: { readonly [name: string]: unknown } = {
  bytesRequested: 16,
  capability: 6,
  property: 0x100,
  propertyCount: 64,
  digest: DIGEST,
  fullTest: 1,
}

/** The first of these that a field offers. */
const PREFERRED = [
  ...['TPM_ALG_SHA256', 'TPM_ALG_ECC', 'TPM_ALG_AES', 'TPM_ALG_CFB', 'TPM_ALG_ECDSA', 'TPM_ECC_NIST_P256'],
  ...['2048 bits', '128 bits', 'TPM_RH_OWNER', 'PCR 16'],
]

const isTicket = (owner: string): boolean => owner.startsWith('TPMT_TK_')

function choose(codec: AnyCodec, values: readonly number[], { name, owner, offers }: Where): number {
  const named = (v: number): string => codec.text?.(v) ?? ''
  const by = (text: string): number | undefined => values.find(v => named(v) === text)
  if (isTicket(owner)) return by('TPM_RH_NULL') ?? values[0] ?? 0
  // A scheme, a key derivation or a cipher may be none; a hash may not, where it is to be used.
  const none = by('TPM_ALG_NULL')
  if (none !== undefined && !codec.name.includes('HASH')) return none
  for (const text of PREFERRED) {
    const v = by(text)
    if (v !== undefined) return v
  }
  const usable = offers.filter(o => accepts(codec, o.value))
  const wanted = usable.filter(o => o.sequence === name.toLowerCase().includes('sequence'))
  return (wanted.at(-1) ?? usable.at(-1))?.value ?? values[0] ?? 0
}

const filled = (n: number): Bytes => (n === DIGEST.length ? DIGEST : new Uint8Array(n))

const given = (codec: AnyCodec, { name, owner }: Where): unknown =>
  BY_PLACE[`${owner}.${name}`] ?? BY_TYPE[codec.name] ?? (owner.startsWith('TPM2_') ? BY_NAME[name] : undefined)

/** Whether the codec reads back what it writes of this. */
function writes(codec: AnyCodec, v: unknown): boolean {
  try {
    decode(codec, encode(codec, v))
    return true
  } catch {
    return false
  }
}

export function suggest(codec: AnyCodec, where: Where): unknown {
  const { shape } = codec
  const direct = given(shape.kind === 'sizedOf' ? shape.inner : codec, where)
  if (direct !== undefined && writes(codec, direct)) return direct
  const each = (fields: Fields, owner: string, out: Record<string, unknown> = {}): Record<string, unknown> => {
    for (const [name, c] of Object.entries(fields)) out[name] = suggest(c, { ...where, name, owner })
    return out
  }
  switch (shape.kind) {
    case 'uint':
      return shape.size === 8 ? 0n : 0
    case 'choice':
      return choose(codec, shape.values, where)
    case 'flags':
      return 0
    case 'opaque':
      return filled(shape.length)
    case 'sized':
      return shape.min === 0 ? EMPTY : filled(shape.min)
    case 'rest':
      return EMPTY
    case 'sizedOf':
      return shape.orEmpty ? undefined : suggest(shape.inner, where)
    case 'list':
      return Array.from({ length: shape.min }, () => suggest(shape.item, { ...where, name: '', owner: codec.name }))
    case 'struct':
      return each(shape.fields, codec.name)
    case 'variant': {
      const arms = Object.keys(shape.arms).map(Number)
      const s = shape.selectorCodec
      const possible = s.shape.kind === 'choice' ? s.shape.values.filter(v => arms.includes(v)) : arms
      const k = choose(s, possible.length > 0 ? possible : arms, { ...where, owner: codec.name })
      return each({ ...shape.before, ...shape.arms[k] }, codec.name, { [shape.selector]: k })
    }
  }
}
