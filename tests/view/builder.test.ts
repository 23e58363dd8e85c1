// The builder's forms, for every declared command: defaults encode and parse back, every field of every shape can be
// changed and read, what cannot be read is said where it stands.

import { describe, expect, it } from 'vitest'
import { arbitrary, randomFrom } from '../../src/codec/arbitrary.ts'
import { equal, fromHex, toHex } from '../../src/lib/bytes.ts'
import { COMMANDS } from '../../src/spec/commands/all.ts'
import { commandByName } from '../../src/spec/commands/index.ts'
import type { CommandRow } from '../../src/spec/command.ts'
import { encodeCommand, explainCommand, parseCommand } from '../../src/spec/frame.ts'
import {
  addItem,
  build,
  change,
  changeDraft,
  choicesOf,
  type Draft,
  draftOf,
  type Form,
  formOf,
  removeItem,
  toggleInner,
  valueOf,
} from '../../src/view/builder.ts'
import { findCommands } from '../../src/view/builder-search.ts'

describe('the search', () => {
  const names = (search: string): string[] => findCommands(search).map(c => c.name.replace('TPM2_', ''))

  it('takes the command of that very name first, then those that begin so, then the rest', () => {
    const found = names('sign')
    expect(found.slice(0, 4)).toEqual(['Sign', 'SignDigest', 'SignSequenceComplete', 'SignSequenceStart'])
    expect(found[4]).toBe('PolicySigned')
    expect(found.indexOf('Quote')).toBeGreaterThan(5)
    expect(names('TPM2_Hash')[0]).toBe('Hash')
  })

  it('finds by chapter, code and meaning, and everything for nothing', () => {
    expect(names('24.1')).toContain('CreatePrimary')
    expect(names('17b')).toContain('GetRandom')
    expect(names('quote pcr')).toContain('Quote')
    expect(names(' ')).toHaveLength(COMMANDS.length)
    expect(names(' ')).toEqual(names(' ').toSorted((a, b) => a.localeCompare(b)))
    expect(names('no such words')).toEqual([])
  })
})

const row = (name: string): CommandRow => commandByName(`TPM2_${name}`) as CommandRow
const OFFERS = [
  { value: 0x80000000, text: '80000000: key', sequence: false },
  { value: 0x80000001, text: '80000001: hash sequence', sequence: true },
]
const typed = (text: string) => (f: Form) => ({ ...f, text }) as Form
const put = (d: Draft, path: (string | number)[], text: string): Draft => changeDraft(d, path, typed(text))

describe.each(COMMANDS.map(c => [c.name, c] as const))('%s', (_, command) => {
  it('has defaults that are a well-formed command', () => {
    const { bytes, problems } = build(draftOf(command, OFFERS))
    expect(problems).toEqual([])
    expect(explainCommand(bytes as never).problems).toEqual([])
    expect(parseCommand(bytes as never).row).toBe(command)
  })

  it('shows any value, and reads as the same value', () => {
    for (let seed = 1; seed < 12; seed++) {
      const v = arbitrary(command.params, randomFrom(seed))
      const problems: never[] = []
      const again = valueOf(formOf(command.params, v), problems)
      expect(problems).toEqual([])
      const handles = Object.fromEntries(Object.keys(command.handles).map(k => [k, 0x80000000]))
      const [a, b] = [encodeCommand(command, handles, v), encodeCommand(command, handles, again)]
      expect(equal(a, b), `seed ${seed}`).toBe(true)
    }
  })

  it('asks for one password for each handle that needs approval', () => {
    const roles = Object.entries(command.handles).flatMap(([k, h]) => (h.auth ? [[k, h.auth]] : []))
    expect(draftOf(command, []).approvals.map(a => [a.handle, a.role])).toEqual(roles)
  })
})

describe('fields', () => {
  it('what is typed reaches the bytes', () => {
    const d = put(draftOf(row('GetRandom'), []), ['parameters', 'bytesRequested'], '0x20')
    expect(toHex(build(d).bytes as never)).toBe('80010000000c0000017b0020')
  })

  it('a password goes where the authorization of its handle is', () => {
    const d = put(draftOf(row('CreatePrimary'), []), ['passwords', 'primaryHandle'], '7077')
    expect(parseCommand(build(d).bytes as never).auths.map(a => toHex(a.hmac))).toEqual(['7077'])
  })

  it.each([
    ['GetRandom', ['parameters', 'bytesRequested'], 'ten', 'a whole number, decimal or after 0x, is needed'],
    ['GetRandom', ['parameters', 'bytesRequested'], '65536', 'at most 65535: the field has 2 octets'],
    ['Hash', ['parameters', 'data'], '123', 'an odd number of hexadecimal digits'],
    ['Hash', ['parameters', 'data'], 'xy', 'only hexadecimal digits, or choose “text”'],
    ['Sign', ['parameters', 'digest'], '00'.repeat(65), 'at most 64 octets fit, 65 are here'],
    ['PCR_Extend', ['parameters', 'digests', 0, 'digest'], '00', '32 octets are needed, 1 are here'],
    ['Sign', ['handles', 'keyHandle'], '', 'a whole number, decimal or after 0x, is needed'],
  ] as const)('%s %j “%s”: %s', (name, path, text, problem) => {
    const built = build(put(draftOf(row(name), OFFERS), [...path], text))
    expect(built).toEqual({ bytes: undefined, problems: [{ path, text: problem }] })
  })

  it('text is read as UTF-8', () => {
    const f = formOf(row('Hash').params, { data: fromHex(''), hashAlg: 11, hierarchy: 0x40000001 })
    const g = change(f, ['data'], p => ({ ...p, as: 'text', text: 'é' }) as Form)
    expect(valueOf(g)).toMatchObject({ data: fromHex('c3a9') })
  })

  it('another arm of a variant brings its fields, and keeps those it shares', () => {
    const d = put(draftOf(row('CreatePrimary'), []), ['parameters', 'inPublic', 'objectAttributes'], '')
    const path = ['parameters', 'inPublic', 'type']
    const mldsa = put(d, path, '161')
    const { params } = parseCommand(build(mldsa).bytes as never) as unknown as { params: { inPublic: object } }
    expect(params.inPublic).toMatchObject({ type: 161, nameAlg: 11, objectAttributes: 0x40072 })
    expect(Object.keys(params.inPublic)).toContain('parameters')
  })

  it('a list grows and shrinks within its bounds', () => {
    let d = draftOf(row('PCR_Extend'), [])
    const path = ['parameters', 'digests']
    d = changeDraft(d, path, addItem)
    expect((parseCommand(build(d).bytes as never).params as { digests: unknown[] }).digests).toHaveLength(2)
    d = changeDraft(d, path, f => removeItem(removeItem(removeItem(f, 0), 0), 0))
    expect((parseCommand(build(d).bytes as never).params as { digests: unknown[] }).digests).toHaveLength(0)
  })

  it('what may be left out is left out until it is asked for', () => {
    const path = ['parameters', 'inPrivate']
    const d = draftOf(row('LoadExternal'), [])
    expect((parseCommand(build(d).bytes as never).params as { inPrivate?: object }).inPrivate).toBeUndefined()
    const e = changeDraft(d, path, f => toggleInner(f, true))
    expect((parseCommand(build(e).bytes as never).params as { inPrivate?: object }).inPrivate).toBeDefined()
    expect(build(changeDraft(e, path, f => toggleInner(f, false)))).toEqual(build(d))
  })

  it('offers what is loaded to the fields that take it: keys as keys, sequences as sequences', () => {
    const sign = draftOf(row('Sign'), OFFERS)
    expect(choicesOf(sign.handles[0]?.form as Form, OFFERS).map(o => o.value)).toEqual(
      expect.arrayContaining([0x80000000, 0x80000001]),
    )
    expect(valueOf(sign.handles[0]?.form as Form)).toBe(0x80000000)
    expect(valueOf(draftOf(row('SequenceUpdate'), OFFERS).handles[0]?.form as Form)).toBe(0x80000001)
    expect(
      choicesOf(draftOf(row('PCR_Extend'), OFFERS).handles[0]?.form as Form, OFFERS).map(o => o.value),
    ).not.toContain(0x80000000)
  })
})
