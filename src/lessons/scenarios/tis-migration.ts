// A machine with a TIS migrates in the middle of a command: its buffer is an array without a length in the stream, so its
// size is part of the layout. The hosts are those of the migration table.

import { createPrimary, HASH_MLDSA_87 } from '../keys.ts'
import { HOSTS, type HostName } from '../migration-table.ts'
import { type Scenario, scenario } from '../scenario.ts'
import type { When } from '../when.ts'
import { verifyDigest } from './dsa.ts'
import { signDigest } from './opening.ts'
import { getRandom } from './plain.ts'

const SEND: When = { task: 'verify', at: 'tis-part' }
const RECEIVE: When = { task: 'sign2', at: 'tis-read' }
const FROM = 'TIS 11.1 as 11.0, buffer 8192'

const journey = (
  id: string,
  title: string,
  summary: string,
  when: When,
  [from, to]: readonly [HostName, HostName],
): Scenario => ({
  ...scenario(
    `tis-migrate-${id}`,
    `TIS: ${title}`,
    summary,
    [createPrimary('Make a HashML-DSA-87 key', HASH_MLDSA_87), signDigest],
    [when === SEND ? verifyDigest : { ...signDigest, id: 'sign2' }, getRandom('random')],
    { interface: 'tis', tis: { buffer: 8192 } },
  ),
  acts: [{ when, act: { kind: 'migrate', late: true, label: `migrate: ${title}`, from: HOSTS[from], to: HOSTS[to] } }],
})

export const TIS_MIGRATIONS: readonly Scenario[] = [
  journey(
    'alike',
    'migrate in mid-send',
    'All 8,192 bytes of the buffer cross, of which 4,682 mean anything; the last byte is sent at the destination.',
    SEND,
    [FROM, FROM],
  ),
  journey(
    'older',
    'a larger buffer meets an older receiver',
    'An array of 8,192 bytes is another layout: version 1 of the section. QEMU 11.0 knows version 0, and refuses.',
    SEND,
    [FROM, 'TIS 11.0'],
  ),
  journey(
    'unchecked',
    'an older receiver that does not look',
    'Bytes of the buffer are taken for position and localities; only the missing footer of the section tells.',
    SEND,
    [FROM, 'TIS 11.0, version unchecked'],
  ),
  journey(
    'smaller',
    'migrate over a smaller backend',
    'Nothing is checked: 4,096 of 4,652 bytes of the answer are left, and the driver waits for the others in vain.',
    RECEIVE,
    ['TIS 11.1, buffer 8192', 'TIS 11.1, buffer 8192, backend 4096'],
  ),
]
