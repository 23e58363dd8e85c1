// Key options: what is taken, what is refused and where, and what the parser of 2011 made of the same words.

import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import {
  KeyError,
  MODES_2011,
  parse2011,
  readHexKey,
  readKeyFile,
  readKeyOptions,
  wipeKeys,
} from '../../src/nvram/key-options.ts'

const HEX = '00112233445566778899aabbccddeeff'
const options = (line: string) => readKeyOptions(line, MODES_2011)

describe('a key in hexadecimal', () => {
  it.each([HEX, HEX + HEX.slice(0, 16), HEX + HEX])('of 128, 192 and 256 bits is taken as it is: %s', text => {
    expect(toHex(readHexKey(text))).toBe(text)
    expect(toHex(readHexKey(`0x${text.toUpperCase()}`))).toBe(text)
  })

  it.each([
    ['letter O for a zero', `001122O3${HEX.slice(8)}`, 'letter O at position 7 is no hexadecimal digit; is it a zero?'],
    ['letter O behind 0x', `0xO${HEX.slice(1)}`, 'letter O at position 3 is no hexadecimal digit; is it a zero?'],
    ['letter l for a one', `${HEX.slice(0, 31)}l`, 'letter l at position 32 is no hexadecimal digit; is it a one?'],
    ['a space', `${HEX.slice(0, 16)} ${HEX.slice(16)}`, '" " at position 17 is no hexadecimal digit'],
    ['a letter outside', `${HEX}🔑`, '"🔑" at position 33 is no hexadecimal digit'],
    ['too short', HEX.slice(1), 'has 31 hexadecimal digits; 32, 48 or 64 are needed (128, 192 or 256 bits)'],
    ['too long', `${HEX}${HEX}0`, 'has 65 hexadecimal digits; 32, 48 or 64 are needed (128, 192 or 256 bits)'],
    ['between', `${HEX}00`, 'has 34 hexadecimal digits; 32, 48 or 64 are needed (128, 192 or 256 bits)'],
    ['empty', '', 'has 0 hexadecimal digits; 32, 48 or 64 are needed (128, 192 or 256 bits)'],
  ])('is refused: %s', (_, text, what) => {
    expect(() => readHexKey(text)).toThrow(new KeyError(what))
  })
})

describe('a key file', () => {
  it('is one line of digits, or bytes', () => {
    expect(toHex(readKeyFile(utf8(`${HEX}\n`), 'hex'))).toBe(HEX)
    expect(toHex(readKeyFile(utf8(`${HEX}\r\n`), 'hex'))).toBe(HEX)
    expect(toHex(readKeyFile(fromHex(HEX), 'binary'))).toBe(HEX)
  })
  it('keeps a line end that is a byte of a binary key, and so refuses one too many', () => {
    expect(() => readKeyFile(utf8('0123456789abcdef\n'), 'binary')).toThrow('has 17 bytes; 16, 24 or 32 are needed')
    expect(toHex(readKeyFile(utf8('0123456789abcde\n'), 'binary'))).toMatch(/0a$/)
    expect(() => readKeyFile(utf8(`${HEX}\n\n`), 'hex')).toThrow('at position 33')
  })
})

describe('options as the review agreed on them', () => {
  it('say mode, format, and key or file', () => {
    expect(options(`enc_mode=aes-cbc,key_format=hex,key=${HEX}`)).toEqual({
      mode: 'aes-cbc',
      format: 'hex',
      key: fromHex(HEX),
      file: undefined,
    })
    expect(options('key_file=/secret/key,key_format=binary')).toMatchObject({ format: 'binary', file: '/secret/key' })
    expect(options('key_format=binary,key=0123456789abcdef').key).toEqual(utf8('0123456789abcdef'))
  })

  it.each([
    ['key=x,key_format=octal', 'key_format must be hex or binary, not "octal"'],
    [`enc_mode=aes-ecb,key=${HEX}`, 'enc_mode must be aes-cbc, not "aes-ecb"'],
    [`key=${HEX},key_file=k`, 'key and key_file exclude each other'],
    ['key_format=hex', 'key or key_file is missing'],
    [`key=${HEX},key=${HEX}`, 'key is given twice'],
    ['key=001122O', 'key letter O at position 7 is no hexadecimal digit; is it a zero?'],
    ['keys=1', 'unknown option "keys" (there are enc_mode, key_format, key, key_file)'],
    ['key', 'key has no value'],
    ['key_file=', 'key_file names no file'],
    ['key_format=binary,key=größer-als-16-byt', 'key has 19 bytes; 16, 24 or 32 are needed (128, 192 or 256 bits)'],
  ])('%s is refused', (line, what) => {
    expect(() => options(line)).toThrow(new KeyError(what))
  })

  it('are shown with every key overwritten', () => {
    expect(wipeKeys(`enc_mode=aes-cbc,key=${HEX},key_format=hex`)).toBe(
      `enc_mode=aes-cbc,key=${'-'.repeat(32)},key_format=hex`,
    )
    expect(wipeKeys('key_file=a')).toBe('key_file=a')
  })
})

describe('the parser of 2011', () => {
  it('knew one encryption, in any case', () => {
    expect(parse2011(`aes-gcm:${HEX}`)).toBeUndefined()
    expect(parse2011(HEX)).toBeUndefined()
    expect(parse2011(`AES-CBC:${HEX}`)?.posted).toMatchObject({ bits: 128, asText: false })
  })

  it('never got beyond 128 bits, and was meant to cut', () => {
    const long = parse2011(`aes-cbc:0x${HEX}${HEX}`)
    expect(long?.posted).toMatchObject({ bits: 128, key: fromHex(HEX), ignored: HEX })
    expect(long?.meant).toMatchObject({ bits: 256, key: fromHex(HEX + HEX), ignored: '' })
    expect(long?.traps).toEqual(['Of 64 digits 32 were used: AES-128, although more was typed.'])
    const odd = parse2011(`aes-cbc:${HEX}${HEX.slice(0, 20)}`)
    expect(odd?.meant).toMatchObject({ bits: 192, ignored: HEX.slice(16, 20) })
    expect(odd?.traps.at(-1)).toBe('Even as it was meant, 4 digits would have been cut off silently.')
  })

  it('took a letter O for the end of the digits, without a word', () => {
    const key = parse2011(`aes-cbc:${HEX}O123`)
    expect(key?.posted).toMatchObject({ bits: 128, key: fromHex(HEX), ignored: 'O123' })
    expect(key?.traps[0]).toBe('It stopped at letter O, position 33 of the key, without a word: 32 digits count.')
  })

  it('made a key of the words themselves, with their prefix', () => {
    const words = parse2011('aes-cbc:HELLOWORLD')
    expect(words?.posted).toEqual({
      bits: 128,
      key: utf8('aes-cbc:HELLOWOR'),
      asText: true,
      digits: 0,
      ignored: 'LD',
    })
    expect(words?.meant.key).toEqual(Uint8Array.from([...(utf8('HELLOWORLD') as Uint8Array), 0, 0, 0, 0, 0, 0]))
    expect(words?.traps[1]).toContain('"aes-cbc:HELLOWOR"')
  })

  it('made another key of one digit less', () => {
    const short = parse2011(`aes-cbc:0x${HEX.slice(1)}`)
    expect(short?.posted).toMatchObject({ asText: true, digits: 31, key: utf8('aes-cbc:0x011223') })
  })
})
