// Which pair of hosts has which outcome at which point of a command: by hand, from the rules below. A test carries out each
// of them, through the bytes of the stream, and then lets the guest run on.
//
// Rules, in the order in which they decide:
//  1. cap-chunk without x-allow-chunk-migration, where QEMU knows both, blocks at the source.
//  2. Another machine type is refused, then a host without tpm-crb.
//  3. The subsection is sent when x-allow-chunk-migration is on and something is held: a half-sent command, or an answer
//     from its completion to the next Start, also after it was read. A QEMU that does not know it refuses.
//  4. What is held must fit the backend of the destination, then the TPM must know its state.
//  5. Held with chunks and not sent: lost. Then: INTF_ID says chunks, the destination has none: stale. Then: a half-sent
//     command announces more than the new backend takes: cut.
//
// With a TIS, after 2: a CRB does not know its section. The version of the section must be that of the receiver's buffer, as
// a larger buffer is another layout; a receiver that does not look misreads it, and its footer is missing. The TPM must know
// its state. Then nothing is checked: a transfer that is larger than the new backend takes is cut, or waits for ever.

import { type Host, propertiesOf, qemuOf } from '../machine/host.ts'
import type { OutcomeId } from '../machine/outcome.ts'
import { POINT_IDS, type Point, TIS_POINT_IDS } from './when.ts'

const host = (qemu: string, machine: string, more: Partial<Host> = {}): Host => ({
  qemu,
  machine,
  device: 'tpm-crb',
  ...propertiesOf(qemuOf({ qemu }), machine),
  backendBufferSize: 8192,
  profile: 'crbscope',
  ...more,
})
const OLD = 'pc-q35-11.0'
const NEW = 'pc-q35-11.1'
const ON = { capChunk: true, allowChunkMigration: true }
const TIS = { device: 'tpm-tis', capChunk: false, allowChunkMigration: false } as const
/** Not QEMU's: the size that post-quantum commands need, and a receiver that does not look at versions. */
const LARGE = { tisBuffer: 8192 } as const
const UNCHECKED = { careless: true } as const

/** The hosts of the table, by what is particular about them. */
export const HOSTS = {
  '10.2': host('10.2', 'pc-q35-10.2'),
  '11.1 as 10.2': host('11.1', 'pc-q35-10.2'),
  '11.0': host('11.0', OLD),
  '11.1 as 11.0': host('11.1', OLD),
  '11.1 as 11.0, cap-chunk=on': host('11.1', OLD, { capChunk: true }),
  '11.1 as 11.0, both on': host('11.1', OLD, ON),
  '11.1': host('11.1', NEW),
  '11.1, cap-chunk=off': host('11.1', NEW, { capChunk: false }),
  '11.1, x-allow=off': host('11.1', NEW, { allowChunkMigration: false }),
  '11.1, backend 4096': host('11.1', NEW, { backendBufferSize: 4096 }),
  '11.1, backend 2048': host('11.1', NEW, { backendBufferSize: 2048 }),
  '11.1, TPM without PQC': host('11.1', NEW, { profile: 'no-pqc' }),
  '11.1 with tpm-tis': host('11.1', NEW, { device: 'tpm-tis' }),
  '11.1-rfc': host('11.1-rfc', NEW),
  '11.0 as 11.1': host('11.0', NEW, { capChunk: false, allowChunkMigration: false }),
  'TIS 11.0': host('11.0', OLD, TIS),
  'TIS 11.0, version unchecked': host('11.0', OLD, { ...TIS, ...UNCHECKED }),
  'TIS 11.0, buffer 8192': host('11.0', OLD, { ...TIS, ...LARGE }),
  'TIS 11.1 as 11.0': host('11.1', OLD, TIS),
  'TIS 11.1 as 11.0, buffer 8192': host('11.1', OLD, { ...TIS, ...LARGE }),
  'TIS 11.1': host('11.1', NEW, TIS),
  'TIS 11.1, version unchecked': host('11.1', NEW, { ...TIS, ...UNCHECKED }),
  'TIS 11.1, backend 4096': host('11.1', NEW, { ...TIS, backendBufferSize: 4096 }),
  'TIS 11.1, backend 2048': host('11.1', NEW, { ...TIS, backendBufferSize: 2048 }),
  'TIS 11.1, TPM without PQC': host('11.1', NEW, { ...TIS, profile: 'no-pqc' }),
  'TIS 11.1, buffer 8192': host('11.1', NEW, { ...TIS, ...LARGE }),
  'TIS 11.1, buffer 8192, version unchecked': host('11.1', NEW, { ...TIS, ...LARGE, ...UNCHECKED }),
  'TIS 11.1, buffer 8192, backend 4096': host('11.1', NEW, { ...TIS, ...LARGE, backendBufferSize: 4096 }),
} as const satisfies { readonly [name: string]: Host }
export type HostName = keyof typeof HOSTS

const LETTERS = {
  R: 'runs-on',
  B: 'blocked',
  N: 'no-host',
  M: 'machine-type',
  D: 'ram-block',
  S: 'subsection',
  C: 'buffer',
  T: 'tpm-state',
  L: 'loses',
  X: 'stale',
  K: 'cut',
  V: 'version',
  Y: 'misread',
  U: 'no-section',
  H: 'shrunk',
} as const satisfies { readonly [letter: string]: OutcomeId }

/** What the guest gets afterwards: "=" what it would have got without the migration, "!" something else. */
export interface Case {
  readonly from: HostName
  readonly to: HostName
  readonly at: Point
  readonly outcome: OutcomeId
  /** Every command after it is answered as it would have been; undefined where the machine stays at home. */
  readonly same: boolean | undefined
}

/**
 * A letter for each of POINT_IDS: probed, copied, taken, refilled, submitted, cancelled, answered, read, shown, returned,
 * fatal; "-" where a device without chunks does not get to. Below it, in the same places, what the guest gets.
 */
const ROWS: readonly (readonly [HostName, HostName, string, string])[] = [
  // Chunks, and the subsection for them.
  ['11.1', '11.1', 'RRRRRRRRRRR', '==========='],
  ['11.1', '11.1, x-allow=off', 'RRRRRRRRRRR', '==========='],
  ['11.1', '11.1, cap-chunk=off', 'XXXXXXXXXXX', '!!!!!=!!==='],
  ['11.1', '11.1, backend 4096', 'RRKKCRCCCCR', '!!!!.=....='],
  ['11.1', '11.1, backend 2048', 'RRCCCRCCCCR', '!!...=....='],
  ['11.1', '11.1, TPM without PQC', 'TTTTTTTTTTT', '...........'],
  ['11.1', '11.1 with tpm-tis', 'DDDDDDDDDDD', '...........'],
  ['11.1', '11.1-rfc', 'RRSSSSSSSSR', '==........='],
  ['11.1', '11.1 as 11.0', 'MMMMMMMMMMM', '...........'],
  ['11.1', '11.0', 'MMMMMMMMMMM', '...........'],
  ['11.1', '10.2', 'MMMMMMMMMMM', '...........'],
  ['11.1', '11.0 as 11.1', 'NNNNNNNNNNN', '...........'],
  // The blocker.
  ['11.1, x-allow=off', '11.1', 'BBBBBBBBBBB', '...........'],
  ['11.1, x-allow=off', '11.1, x-allow=off', 'BBBBBBBBBBB', '...........'],
  ['11.1 as 11.0, cap-chunk=on', '11.0', 'BBBBBBBBBBB', '...........'],
  ['11.1 as 11.0, cap-chunk=on', '11.1 as 11.0', 'BBBBBBBBBBB', '...........'],
  // What the blocker is for: chunks under a machine type that older versions have too.
  ['11.1 as 11.0, both on', '11.0', 'XXSSSSSSSSX', '!!........='],
  ['11.1 as 11.0, both on', '11.1 as 11.0', 'XXXXXXXXXXX', '!!!!!=!!==='],
  ['11.1 as 11.0, both on', '11.1 as 11.0, both on', 'RRRRRRRRRRR', '==========='],
  ['11.1 as 11.0, both on', '11.1', 'MMMMMMMMMMM', '...........'],
  // Chunks before their migration.
  ['11.1-rfc', '11.1', 'RRLLLLLLLLR', '==!!!=!!==='],
  ['11.1-rfc', '11.1-rfc', 'RRLLLLLLLLR', '==!!!=!!==='],
  ['11.1-rfc', '11.1, cap-chunk=off', 'XXLLLLLLLLX', '!!!!!=!!==='],
  ['11.1-rfc', '11.1, backend 4096', 'RRLLLLLLLLR', '!!!!!=!!==='],
  ['11.1-rfc', '11.1 as 11.0', 'MMMMMMMMMMM', '...........'],
  ['11.1-rfc', '11.1, TPM without PQC', 'TTTTTTTTTTT', '...........'],
  // No chunks, and the subsection all the same: an answer is held after every command.
  ['11.1, cap-chunk=off', '11.1', 'RR--RRR--RR', '==--===--=='],
  ['11.1, cap-chunk=off', '11.1, cap-chunk=off', 'RR--RRR--RR', '==--===--=='],
  ['11.1, cap-chunk=off', '11.1-rfc', 'RS--SSS--SR', '=.--...--.='],
  ['11.1, cap-chunk=off', '11.1, backend 4096', 'RR--CRC--CR', '==--.=.--.='],
  ['11.1, cap-chunk=off', '11.1 as 11.0', 'MM--MMM--MM', '..--...--..'],
  // No chunks at all.
  ['11.1 as 11.0', '11.0', 'RR--RRR--RR', '==--===--=='],
  ['11.1 as 11.0', '11.1 as 11.0', 'RR--RRR--RR', '==--===--=='],
  ['11.1 as 11.0', '11.1 as 11.0, both on', 'RR--RRR--RR', '==--===--=='],
  ['11.0', '11.0', 'RR--RRR--RR', '==--===--=='],
  ['11.0', '11.1 as 11.0', 'RR--RRR--RR', '==--===--=='],
  ['11.0', '11.1 as 11.0, both on', 'RR--RRR--RR', '==--===--=='],
  ['11.0', '11.1', 'MM--MMM--MM', '..--...--..'],
  ['10.2', '11.1 as 10.2', 'RR--RRR--RR', '==--===--=='],
  ['11.1 as 10.2', '10.2', 'RR--RRR--RR', '==--===--=='],
  ['10.2', '11.0', 'MM--MMM--MM', '..--...--..'],
  ['10.2', '11.1', 'MM--MMM--MM', '..--...--..'],
]

/**
 * The same for TIS_POINT_IDS: probed, part, whole, submitted, cancelled, answered, read, returned, seized. With 8,192 bytes
 * the command has 4,683 and the answer 4,652, with 4,096 they have 4,018 and 2,832.
 */
const TIS_ROWS: typeof ROWS = [
  // The same buffer at both ends.
  ['TIS 11.1', 'TIS 11.1', 'RRRRRRRRR', '========='],
  ['TIS 11.1', 'TIS 11.1, version unchecked', 'RRRRRRRRR', '========='],
  ['TIS 11.1', 'TIS 11.1, TPM without PQC', 'TTTTTTTTT', '.........'],
  ['TIS 11.0', 'TIS 11.0', 'RRRRRRRRR', '========='],
  ['TIS 11.0', 'TIS 11.1 as 11.0', 'RRRRRRRRR', '========='],
  ['TIS 11.1 as 11.0', 'TIS 11.0', 'RRRRRRRRR', '========='],
  ['TIS 11.1, buffer 8192', 'TIS 11.1, buffer 8192', 'RRRRRRRRR', '========='],
  ['TIS 11.1, buffer 8192', 'TIS 11.1, buffer 8192, version unchecked', 'RRRRRRRRR', '========='],
  // A smaller backend is not refused; one that is larger than the buffer makes no difference.
  ['TIS 11.1', 'TIS 11.1, backend 4096', 'RRRRRRRRR', '========='],
  ['TIS 11.1', 'TIS 11.1, backend 2048', 'RHHHRHHRR', '!!!!=!!=='],
  ['TIS 11.1, buffer 8192', 'TIS 11.1, buffer 8192, backend 4096', 'RHHHRHHRR', '!!!!=!!=='],
  // A larger buffer meets an older receiver.
  ['TIS 11.1 as 11.0, buffer 8192', 'TIS 11.0', 'VVVVVVVVV', '.........'],
  ['TIS 11.1 as 11.0, buffer 8192', 'TIS 11.1 as 11.0', 'VVVVVVVVV', '.........'],
  ['TIS 11.1 as 11.0, buffer 8192', 'TIS 11.0, version unchecked', 'YYYYYYYYY', '.........'],
  ['TIS 11.1 as 11.0, buffer 8192', 'TIS 11.0, buffer 8192', 'NNNNNNNNN', '.........'],
  ['TIS 11.1, buffer 8192', 'TIS 11.1', 'VVVVVVVVV', '.........'],
  // And an older sender a larger one.
  ['TIS 11.0', 'TIS 11.1 as 11.0, buffer 8192', 'VVVVVVVVV', '.........'],
  ['TIS 11.1', 'TIS 11.1, buffer 8192', 'VVVVVVVVV', '.........'],
  ['TIS 11.1', 'TIS 11.1, buffer 8192, version unchecked', 'YYYYYYYYY', '.........'],
  // Another machine type, another interface.
  ['TIS 11.1', 'TIS 11.1 as 11.0', 'MMMMMMMMM', '.........'],
  ['TIS 11.1, buffer 8192', 'TIS 11.0', 'MMMMMMMMM', '.........'],
  ['TIS 11.1', '11.1', 'UUUUUUUUU', '.........'],
  ['TIS 11.0', '11.0', 'UUUUUUUUU', '.........'],
  ['TIS 11.1, buffer 8192', '11.1', 'UUUUUUUUU', '.........'],
]

/** One case for each pair of hosts and each point that its source gets to. */
const casesOf = (rows: typeof ROWS, points: readonly Point[]): readonly Case[] =>
  rows.flatMap(([from, to, letters, guest]) =>
    points.flatMap((at, i) => {
      const outcome = LETTERS[letters[i] as keyof typeof LETTERS] as OutcomeId | undefined
      const same = guest[i] === '=' ? true : guest[i] === '!' ? false : undefined
      return outcome ? [{ from, to, at, outcome, same }] : []
    }),
  )
export const CASES: readonly Case[] = [...casesOf(ROWS, POINT_IDS), ...casesOf(TIS_ROWS, TIS_POINT_IDS)]
