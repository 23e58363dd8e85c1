// The messages of a live page: written and read again equal, what is none refused in words; and which requests may be
// answered at all.

import { describe, expect, it } from 'vitest'
import {
  carries,
  type Done,
  readDone,
  readTold,
  refusal,
  ROOM,
  type Told,
  writeDone,
  writeTold,
} from '../../src/backend/live.ts'
import { LiveError } from '../../src/backend/posted.ts'
import { fromHex } from '../../src/lib/bytes.ts'

const B = fromHex('00ff10')
const TOLD: readonly Told[] = [
  { t: 'hello', where: '127.0.0.1:2321', image: B, locality: 0 },
  { t: 'refused', why: 'Another\n\npage "drives"' },
  { t: 'command', id: 3, command: B, locality: 4, elapsed: 12 },
  { t: 'command', id: 4, command: B, locality: 0, elapsed: 0, image: B },
  { t: 'cancel', id: 3 },
  { t: 'platform', label: 'Power went off.', image: B, locality: 2, reset: true },
  { t: 'note', text: 'x', wrong: true },
]
const DONE: Done = { id: 7, rc: -62, response: fromHex(''), digest: B }

describe('messages', () => {
  it('are read as they were written, one event each', () => {
    for (const e of TOLD) {
      const text = writeTold(e)
      expect(text).toMatch(/^data: [^\n]*\n\n$/)
      expect(readTold(text.slice(6))).toEqual(e)
    }
    expect(readDone(writeDone(DONE))).toEqual(DONE)
  })

  it.each([
    ['', 'not JSON'],
    ['[]', 'not an object'],
    ['{"t":"other"}', 'unknown event "other"'],
    ['{"t":"cancel"}', 'id must be a whole number'],
    ['{"t":"refused","why":1}', 'why must be a text'],
    ['{"t":"note","text":"","wrong":0}', 'wrong must be true or false'],
    ['{"t":"hello","where":"","image":"0g","locality":0}', 'image: '],
    ['{"t":"hello","where":"","image":"","locality":5}', 'locality must be a whole number from 0 to 4'],
  ])('that are none are refused: %s', (text, why) => {
    expect(() => readTold(text)).toThrow(LiveError)
    expect(() => readTold(text)).toThrow(why)
  })

  it('from the page are refused where a member is wrong', () => {
    for (const [name, v] of [
      ['id', -1],
      ['rc', 1.5],
      ['response', 'zz'],
      ['digest', undefined],
    ] as const) {
      const text = JSON.stringify({ ...JSON.parse(writeDone(DONE)), [name]: v })
      expect(() => readDone(text), name).toThrow(name)
    }
  })
})

it('a command goes through the interface only when its header tells its length', () => {
  expect(carries(fromHex('80010000000c000001440000'))).toBe(true)
  expect(carries(fromHex('80010000000d000001440000'))).toBe(false)
  expect(carries(fromHex('800100000006'))).toBe(false)
  const long = new Uint8Array(ROOM + 1)
  new DataView(long.buffer).setUint32(2, long.length)
  expect(carries(long)).toBe(false)
})

describe('requests', () => {
  const HOST = '127.0.0.1:4242'
  const ask = (method: string, host: string | undefined, origin: string | undefined) =>
    refusal({ method, host, origin }, HOST)

  it.each([
    ['GET', HOST, undefined],
    ['GET', HOST, `http://${HOST}`],
    ['GET', 'localhost:4242', undefined],
    ['POST', 'localhost:4242', 'http://localhost:4242'],
  ])('may be answered: %s to %s from %s', (method, host, origin) => expect(ask(method, host, origin)).toBeUndefined())

  it.each([
    ['GET', undefined, undefined, 'wrong Host'],
    ['GET', '127.0.0.1', undefined, 'wrong Host'],
    ['GET', '127.0.0.1:4243', undefined, 'wrong Host'],
    ['GET', 'evil.example:4242', undefined, 'wrong Host'],
    ['GET', HOST, 'http://evil.example', 'wrong Origin'],
    ['GET', HOST, 'null', 'wrong Origin'],
    ['GET', HOST, `https://${HOST}`, 'wrong Origin'],
    ['POST', HOST, undefined, 'wrong Origin'],
    ['POST', HOST, 'http://localhost:4242', 'wrong Origin'],
  ])('may not: %s to %s from %s, %s', (method, host, origin, why) => expect(ask(method, host, origin)).toBe(why))
})
