// Commands without keys: the smallest exchange, and the sizes around the edge of the window.

import { RH } from '../../spec/handles.ts'
import { be16, be32, concat, toHex } from '../../lib/bytes.ts'
import { count } from '../../lib/count.ts'
import { ALG } from '../../spec/algorithms.ts'
import { command, scenario } from '../scenario.ts'

export const getRandom = (id: string) =>
  command(id, 'Ask for 16 random bytes', 'GetRandom', { params: [{ hex: '0010' }] })

/** TPM2_Hash of `length` bytes with SHA-256: a command of length + 18 bytes. */
const hashOf = (length: number) =>
  command('hash', `Hash ${count(length)} bytes`, 'Hash', {
    params: [
      { hex: toHex(be16(length)) },
      { fill: length, seed: 7 },
      { hex: toHex(concat(be16(ALG.SHA256), be32(RH.OWNER))) },
    ],
  })
const edge = (length: number, summary: string) =>
  scenario(`hash-${length}`, `Hash ${count(length)} bytes`, summary, [], [hashOf(length)])

export const PLAIN = [
  scenario(
    'get-random',
    'Ask for random bytes',
    'The smallest exchange: 12 bytes out, 28 bytes back.',
    [],
    [getRandom('random')],
  ),
  edge(3949, 'A command of 3,967 bytes: one byte of the window is left.'),
  edge(3950, 'A command of 3,968 bytes fills the window to the last byte: still no chunks.'),
  edge(3951, 'A command of 3,969 bytes is one byte too long: a second chunk of one byte.'),
]
