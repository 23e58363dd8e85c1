// What goes wrong on a device that behaves as QEMU's, with a driver that behaves as Linux's third patch series.

import { verifyDigest } from './dsa.ts'
import { signDigest } from './opening.ts'
import { getRandom } from './plain.ts'
import { createPrimary, HASH_MLDSA_87 } from '../keys.ts'
import { scenario } from '../scenario.ts'

export const TROUBLE = [
  scenario(
    'header-6',
    'A header that says 6 bytes',
    'The device sets tpmSts and keeps it; it goes on answering, but the driver trusts no answer any more.',
    [],
    [
      {
        id: 'short',
        label: 'Send a header whose size field says 6',
        parts: [{ hex: '8001000000060000017b0010' }],
        keepSize: true,
      },
      getRandom('random'),
    ],
  ),
  scenario(
    'half-read',
    'An answer left half read',
    'The caller has no room for the answer, so its rest stays in the device; the next command in chunks falls over it.',
    [createPrimary('Make a HashML-DSA-87 key', HASH_MLDSA_87), signDigest],
    [
      { ...signDigest, id: 'sign2', label: 'Sign, with room for 4,096 bytes of answer', room: 4096 },
      verifyDigest,
      getRandom('random'),
    ],
  ),
]
