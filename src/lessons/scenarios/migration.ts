// A machine migrates in the middle of a command: to five destinations while it sends, and to five while it receives, with
// five outcomes. The hosts are those of the migration table.

import { createPrimary, HASH_MLDSA_87 } from '../keys.ts'
import { HOSTS, type HostName } from '../migration-table.ts'
import { type Scenario, scenario } from '../scenario.ts'
import type { Point } from '../when.ts'
import { signDigest } from './opening.ts'
import { verifyDigest } from './dsa.ts'
import { getRandom } from './plain.ts'

interface Journey {
  readonly id: string
  readonly from: HostName
  readonly to: HostName
  /** After "Migrate in mid-send", and what one sees. */
  readonly title: string
  readonly send: string
  readonly receive: string
}

const JOURNEYS: readonly Journey[] = [
  {
    id: 'alike',
    from: '11.1',
    to: '11.1, x-allow=off',
    title: 'to a host alike',
    send: 'Chunk 1 travels in the subsection; the destination adds chunk 2, and the signature is verified.',
    receive: 'The unread rest of the answer travels in the subsection; the driver reads it at the destination.',
  },
  {
    id: 'older',
    from: '11.1 as 11.0, both on',
    to: '11.0',
    title: 'to an older QEMU',
    send: 'QEMU 11.0 does not know the subsection and refuses the stream: the machine stays where it is.',
    receive: 'QEMU 11.0 does not know the subsection and refuses the stream: the machine stays where it is.',
  },
  {
    id: 'blocked',
    from: '11.1, x-allow=off',
    to: '11.1',
    title: 'from a source that blocks it',
    send: 'The device offers chunks that may not migrate, so the source refuses, whatever the driver does.',
    receive: 'The device offers chunks that may not migrate, so the source refuses, whatever the driver does.',
  },
  {
    id: 'lost',
    from: '11.1-rfc',
    to: '11.1',
    title: 'with the first patch series',
    send: 'The stream has no chunks: chunk 1 is gone, and chunk 2 is taken for a command.',
    receive: 'The stream has no chunks: the rest of the answer is gone, and its first part is taken for a command.',
  },
  {
    id: 'stale',
    from: '11.1',
    to: '11.1, cap-chunk=off',
    title: 'to a device without chunks',
    send: 'INTF_ID still promises chunks. This command gets through by Start; the long answer after it does not.',
    receive: 'INTF_ID still promises chunks, and nextChunk is ignored: the driver reads chunk 1 twice.',
  },
]

const KEYED = [createPrimary('Make a HashML-DSA-87 key', HASH_MLDSA_87), signDigest]
const again = { ...signDigest, id: 'sign2' }

const journey = (j: Journey, way: 'send' | 'receive', task: string, at: Point): Scenario => ({
  ...scenario(
    `migrate-${way}-${j.id}`,
    `Migrate in mid-${way} ${j.title}`,
    j[way],
    KEYED,
    way === 'send' ? [verifyDigest, again, getRandom('random')] : [again, getRandom('random')],
  ),
  acts: [
    {
      when: { task, at },
      act: { kind: 'migrate', late: true, label: `migrate ${j.title}`, from: HOSTS[j.from], to: HOSTS[j.to] },
    },
  ],
})

export const MIGRATIONS: readonly Scenario[] = [
  ...JOURNEYS.map(j => journey(j, 'send', 'verify', 'taken')),
  ...JOURNEYS.map(j => journey(j, 'receive', 'sign2', 'read')),
]
