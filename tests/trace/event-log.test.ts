// Event logs: the structures against a log that was put together by hand, and a replay that names the event that is wrong.

import { describe, expect, it } from 'vitest'
import { decode, encode } from '../../src/codec/codec.ts'
import { hash } from '../../src/crypto/hash.ts'
import { type Bytes, concat, fromHex, toHex, utf8 } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { EV, SPEC_ID_EVENT, TCG_PCR_EVENT2 } from '../../src/spec/event-log.ts'
import { check, difference, EVENT_LOG, expected, explainLog, LogError, replay } from '../../src/trace/event-log.ts'
import { partition } from '../support/codecs.ts'

const SHA256 = ALG.SHA256
/** By hand, octet by octet: header for one bank of SHA-256, then a separator for PCR 3. */
const HEADER = fromHex(
  [
    '00000000 03000000 0000000000000000000000000000000000000000 21000000',
    '53706563204944204576656e74303300 00000000 00 02 00 02 01000000 0b00 2000 00',
  ]
    .join('')
    .replaceAll(' ', ''),
)
const ZEROS = new Uint8Array(4)
const separator = fromHex(
  `03000000 04000000 01000000 0b00 ${toHex(hash(SHA256, ZEROS))} 04000000 00000000`.replaceAll(' ', ''),
)
const action = (pcr: number, text: string, data = text): Bytes =>
  encode(TCG_PCR_EVENT2, {
    pcrIndex: pcr,
    eventType: EV.ACTION,
    digests: [{ hashAlg: SHA256, digest: hash(SHA256, utf8(text)) }],
    event: utf8(data),
  })
const LOG = concat(HEADER, separator)

describe('the structures', () => {
  it('read what was written by hand, and write it again', () => {
    const { header, events } = decode(EVENT_LOG, LOG)
    expect(header).toMatchObject({ pcrIndex: 0, eventType: 3 })
    expect(decode(SPEC_ID_EVENT, header.event)).toMatchObject({
      ...{ platformClass: 0, specVersionMajor: 2, uintnSize: 2 },
      digestSizes: [{ algorithmId: SHA256, digestSize: 32 }],
    })
    expect(events).toHaveLength(1)
    expect(events[0]).toMatchObject({ pcrIndex: 3, eventType: EV.SEPARATOR })
    expect(toHex(encode(EVENT_LOG, { header, events }))).toBe(toHex(LOG))
  })

  it('are explained to the last octet, the header within its event too', () => {
    const spans = explainLog(concat(LOG, action(4, 'x')))
    expect(partition(spans, 0)).toBe(LOG.length + action(4, 'x').length)
    expect(JSON.stringify(spans[0]?.children.map(c => c.name))).toContain('event')
    const names: string[] = []
    const walk = (list: typeof spans): void => list.forEach(s => (names.push(s.name), walk(s.children)))
    walk(spans)
    expect(names).toEqual(expect.arrayContaining(['signature', 'algorithmId', 'hashAlg', 'digest', 'pcrIndex']))
  })
})

describe('the replay', () => {
  const values = (log: Bytes) => expected(replay(log), SHA256)

  it('extends from zeros: by hand', () => {
    const want = hash(SHA256, concat(new Uint8Array(32), hash(SHA256, ZEROS)))
    expect(toHex(values(LOG)[3] as Bytes)).toBe(toHex(want))
    expect(toHex(values(LOG)[2] as Bytes)).toBe('00'.repeat(32))
  })

  it('does not extend EV_NO_ACTION', () => {
    const quiet = encode(TCG_PCR_EVENT2, { pcrIndex: 3, eventType: EV.NO_ACTION, digests: [], event: utf8('x') })
    expect(values(concat(LOG, quiet))).toEqual(values(LOG))
  })

  it('names the event after which a PCR was extended no more', () => {
    const log = concat(LOG, action(3, 'a'), action(4, 'b'))
    const r = replay(log)
    expect(check(r, () => values(log))).toEqual([])
    const short = check(r, () => values(concat(LOG, action(4, 'b'))))
    expect(short).toMatchObject([{ event: 2, pcr: 3, bank: SHA256 }])
    expect(short[0]?.say).toBe('PCR 3 in bank SHA256: it has the value before event 2, which was not extended.')
  })

  it('says when no event leads to a value, and when data is not what was measured', () => {
    const log = concat(LOG, action(4, 'b', 'c'))
    const r = replay(log)
    const other = values(LOG).map((v, n) => (n === 5 ? new Uint8Array(32).fill(1) : v))
    const wrong = check(r, () => values(log).map((v, n) => (n === 5 ? (other[5] as Bytes) : v)))
    expect(wrong.map(w => [w.event, w.pcr])).toEqual([
      [2, 4],
      [undefined, 5],
    ])
    expect(wrong[1]?.say).toMatch(/no event of the log leads to its value/)
  })

  it('finds the first event in which two boots differ', () => {
    const [a, b] = [concat(LOG, action(3, 'a')), concat(LOG, action(3, 'b'))]
    expect(difference(replay(a), replay(b))).toBe(2)
    expect(difference(replay(a), replay(LOG))).toBe(2)
    expect(difference(replay(a), replay(a))).toBeUndefined()
  })
})

describe('bad logs', () => {
  const refused = (log: Bytes): [number, string] => {
    try {
      replay(log)
    } catch (e) {
      if (e instanceof LogError) return [e.event, e.message]
      throw e
    }
    return [-1, 'accepted']
  }
  it('are refused at the event that is wrong', () => {
    expect(refused(new Uint8Array(0))[0]).toBe(0)
    expect(refused(LOG.slice(0, LOG.length - 1))[1]).toMatch(/^event 1 is malformed/)
    expect(refused(concat(LOG, action(2, 'a').slice(0, 9)))[0]).toBe(2)
    expect(refused(separator)[0]).toBe(0)
    const noDigest = encode(TCG_PCR_EVENT2, { pcrIndex: 1, eventType: EV.ACTION, digests: [], event: utf8('x') })
    expect(refused(concat(LOG, noDigest))).toEqual([2, 'event 2 has no digest for SHA256'])
    const far = encode(TCG_PCR_EVENT2, { ...decode(TCG_PCR_EVENT2, action(2, 'a')), pcrIndex: 24 })
    expect(refused(concat(LOG, far))[1]).toBe('event 2 is for PCR 24, which is none')
  })
  it('are refused at every length but that of a whole event', () => {
    for (let n = 0; n < LOG.length; n++)
      if (n !== HEADER.length) expect(refused(LOG.slice(0, n))[1], `${n}`).not.toBe('accepted')
  })
})
