// The FIFO interface: the same commands as over the CRB, what does not fit its buffer, who takes the interface away, and
// what a driver that looks less closely than Linux's makes of it.

import type { Task } from '../../guest/guest.ts'
import { be32, EMPTY, toHex, utf8 } from '../../lib/bytes.ts'
import type { MachineConfig } from '../../machine/machine.ts'
import { ALG } from '../../spec/algorithms.ts'
import { OBJECT } from '../../spec/attributes.ts'
import { TPM2B_DATA, TPML_PCR_SELECTION } from '../../spec/base.ts'
import { type Public, TPM2B_PUBLIC, TPM2B_SENSITIVE_CREATE } from '../../spec/keys.ts'
import { createPrimary, HASH_MLDSA_87, KEY } from '../keys.ts'
import { PARAMS_AT, STORAGE_P256 } from '../more-keys.ts'
import { command, from, scenario, value } from '../scenario.ts'
import { verifyDigest } from './dsa.ts'
import { signDigest } from './opening.ts'
import { getRandom } from './plain.ts'

const tis = (more: MachineConfig['tis'] = {}): Partial<MachineConfig> => ({
  interface: 'tis',
  ...(Object.keys(more).length > 0 ? { tis: more } : {}),
})

const SEALED: Public = {
  type: ALG.KEYEDHASH,
  nameAlg: ALG.SHA256,
  objectAttributes: OBJECT.fixedTPM + OBJECT.fixedParent + OBJECT.userWithAuth,
  authPolicy: EMPTY,
  parameters: { scheme: { scheme: ALG.NULL } },
  unique: EMPTY,
}

/** TPM2B_PRIVATE and TPM2B_PUBLIC in the answer to TPM2_Create with these templates. */
const SEALED_BLOBS = 195

/** Seal under a key that is there, load, and get the data back. */
export const SEAL: readonly Task[] = [
  command('seal', 'Seal a sentence under the storage key', 'Create', {
    handles: [KEY],
    auths: 1,
    params: [
      value(TPM2B_SENSITIVE_CREATE, { userAuth: EMPTY, data: utf8('only this TPM tells') }),
      value(TPM2B_PUBLIC, SEALED),
      value(TPM2B_DATA, EMPTY),
      value(TPML_PCR_SELECTION, []),
    ],
  }),
  command('load', 'Load the sealed object', 'Load', {
    handles: [KEY],
    auths: 1,
    params: [from('seal', PARAMS_AT, SEALED_BLOBS)],
  }),
  command('unseal', 'Get the sentence back', 'Unseal', { handles: [KEY + 1], auths: 1 }),
]
const STORAGE_KEY = createPrimary('Make a storage key', STORAGE_P256)

/** TPM2_GetCapability for `count` command codes: an answer of 19 bytes and 4 for each. */
const commandCodes = (count: number): Task =>
  command('codes', `Ask for ${count} command codes`, 'GetCapability', {
    params: [{ hex: toHex(be32(2)) + toHex(be32(0x11f)) + toHex(be32(count)) }],
  })

const VERIFY = [createPrimary('Make a HashML-DSA-87 key', HASH_MLDSA_87), signDigest]

export const TIS_SCENARIOS = [
  scenario(
    'tis-get-random',
    'TIS: ask for random bytes',
    'The smallest exchange over the FIFO interface: byte after byte through one port, as many as burstCount says.',
    [],
    [getRandom('random')],
    tis(),
  ),
  scenario(
    'seal-tis',
    'TIS: seal and unseal',
    'A secret is sealed, loaded and unsealed over the FIFO interface. Compare it with the same over the CRB.',
    [STORAGE_KEY],
    SEAL,
    tis(),
  ),
  scenario(
    'seal-crb',
    'CRB: seal and unseal',
    'A secret is sealed, loaded and unsealed over the CRB. Compare it with the same over the FIFO interface.',
    [STORAGE_KEY],
    SEAL,
  ),
  scenario(
    'tis-verify',
    'TIS: an ML-DSA-87 signature does not fit',
    'A command of 4,683 bytes meets a buffer of 4,096: burstCount stays 0, and the driver gives up with -EBUSY.',
    VERIFY,
    [verifyDigest],
    tis(),
  ),
  scenario(
    'tis-verify-cut',
    'TIS: the cut command',
    'A driver that looks at neither burstCount nor Expect starts 4,096 of 4,683 bytes: TPM_RC_COMMAND_SIZE.',
    VERIFY,
    [verifyDigest],
    tis({ habit: 'blind' }),
  ),
  scenario(
    'tis-verify-8192',
    'TIS: a buffer of 8,192 bytes',
    'With a larger buffer the command of 4,683 bytes goes through in one piece: no chunks are needed.',
    VERIFY,
    [verifyDigest],
    tis({ buffer: 8192 }),
  ),
  scenario(
    'tis-burst-0',
    'TIS: a burst count of 0',
    'A driver reads one byte of burstCount. With exactly 256 bytes left it reads 0, and waits in vain.',
    [],
    [commandCodes(63)],
    tis({ habit: 'one-byte' }),
  ),
  scenario(
    'tis-seize',
    'TIS: seized during execution',
    'Locality 2 seizes while a command runs: it is cancelled, its answer dropped, and the driver waits for a status in vain.',
    [],
    [{ ...getRandom('random'), rival: 2 }],
    tis(),
  ),
  scenario(
    'tis-status-ff',
    'TIS: a status of FFFFFFFF',
    'The driver of a locality that lost its turn believes a status in which every bit is set, and reads an answer of FF.',
    [],
    [{ ...getRandom('random'), rival: 2 }],
    tis({ habit: 'trusts' }),
  ),
]
