// Pasted bytes: what is tolerated, and that errors name the place.

import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/lib/bytes.ts'
import { HexInputError, parseHexInput } from '../../src/lib/hexinput.ts'

const COMMAND = '80010000000c00000144000080010000000c000001440000'
const hex = (text: string, min?: number) => toHex(parseHexInput(text, min))
const refusal = (text: string, min?: number): HexInputError => {
  try {
    parseHexInput(text, min)
  } catch (e) {
    if (e instanceof HexInputError) return e
    throw e
  }
  throw new Error('was accepted')
}

describe('tolerated spellings', () => {
  it.each([
    ['plain digits', COMMAND],
    ['upper case', COMMAND.toUpperCase()],
    ['spaces and line breaks', '8001 0000 000c 0000 0144 0000\n  80010000000c\r\n000001440000\n\n'],
    ['one 0x in front', `0x${COMMAND}`],
    ['C bytes', (COMMAND.match(/../g) ?? []).map(b => `0x${b}`).join(', ')],
    ['short C bytes', '0x80,0x1,0x0,0x0,0x0,0xc,0,0x0,0x1,0x44,0x0,0x0,'.replace(',0,', ',0x0,') + COMMAND.slice(24)],
    ['string escapes', (COMMAND.match(/../g) ?? []).map(b => `\\x${b}`).join(' ')],
    ['colons', (COMMAND.match(/../g) ?? []).join(':')],
    [
      'xxd',
      '00000000: 8001 0000 000c 0000 0144 0000 8001 0000  .........D......\n00000010: 000c 0000 0144 0000                      .....D..\n',
    ],
    [
      'hexdump -C',
      '00000000  80 01 00 00 00 0c 00 00  01 44 00 00 80 01 00 00  |.........D......|\n' +
        '00000010  00 0c 00 00 01 44 00 00                           |.....D..|\n00000018\n',
    ],
    [
      'a dump whose characters look like digits',
      '0000   80 01 00 00 00 0c 00 00 01 44 00 00 80 01 00 00   abcdefabcdefabcd\n0010   00 0c 00 00 01 44 00 00   abcdefab',
    ],
    [
      'a gap after eight bytes and no bars',
      '00000000: 80 01 00 00 00 0C 00 00  01 44 00 00 80 01 00 00  .........D......\n00000010: 00 0C 00 00 01 44 00 00  .....D..',
    ],
    [
      'tcpdump',
      '\t0x0000:  8001 0000 000c 0000 0144 0000 8001 0000  .........D......\n\t0x0010:  000c 0000 0144 0000                      .....D..',
    ],
    [
      'a dump that starts elsewhere',
      '00001f30: 8001 0000 000c 0000 0144 0000 8001 0000\n00001f40: 000c 0000 0144 0000',
    ],
    ['od -tx1', '0000000 80 01 00 00 00 0c 00 00 01 44 00 00 80 01 00 00\n0000010 00 0c 00 00 01 44 00 00\n0000018'],
  ])('%s', (_, text) => {
    expect(hex(text)).toBe(COMMAND)
  })

  it('a last line of sixteen bytes with a gap in the middle', () => {
    const line = '80 01 00 00 00 0c 00 00  01 44 00 00 80 01 00 00'
    expect(hex(`00000000: ${line}  ................`)).toBe(line.replaceAll(' ', ''))
    expect(hex(`00000000: ${line}`)).toBe(line.replaceAll(' ', ''))
  })

  it('squeezed lines of a dump', () => {
    const zeros = '00 '.repeat(16)
    expect(hex(`00000000  80 01 ${zeros.slice(6)} |..|\n00000010  ${zeros} |..|\n*\n00000040  ff |.|\n00000041`)).toBe(
      `8001${'00'.repeat(62)}ff`,
    )
  })

  it('nothing at all, when nothing is asked for', () => {
    expect(hex(' \n')).toBe('')
  })
})

describe('refusals name line and column', () => {
  it.each([
    ['a letter that is no digit', '8001\n00 0g', 2, 5, '"g" is not a hexadecimal digit'],
    ['an odd number of digits', '8001 0', 1, 6, 'an odd number of digits (1)'],
    ['an odd number in a row', '80010', 1, 5, 'an odd number of digits (5)'],
    ['nothing after 0x', '80 0x', 1, 4, 'no digits after "0x"'],
    ['a bad digit after 0x', '0x8z', 1, 4, '"z" is not a hexadecimal digit'],
    ['a missing line of a dump', '00000000: 8001 0000\n00000020: 00', 2, 1, 'a line is missing or changed'],
    ['a dump line without an offset', '00000000: 8001\nxyz', 2, 1, 'without an offset'],
    [
      'a dump line that is too long',
      '00000000: 80010000\n00000002: 00',
      1,
      10,
      'more bytes than up to the next offset',
    ],
  ])('%s', (_, text, line, column, what) => {
    const e = refusal(text)
    expect([e.line, e.column]).toEqual([line, column])
    expect(e.message).toContain(what)
    expect(e.message).toMatch(/^line \d+, column \d+: /)
  })

  it('fewer bytes than make sense', () => {
    expect(refusal('80 01 00 00\n', 10).message).toBe('line 1, column 12: only 4 bytes, at least 10 are needed')
    expect(refusal('', 10).message).toBe('line 1, column 1: only 0 bytes, at least 10 are needed')
    expect(hex('80010000000c00000144', 10)).toHaveLength(20)
  })
})
