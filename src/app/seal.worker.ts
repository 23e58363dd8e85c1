// The worker that makes a key of a passphrase away from the page, which it would hold up for a second.

import { type ScryptCost, scryptKey } from '../crypto/seal.ts'

interface Asked {
  readonly passphrase: Uint8Array
  readonly salt: Uint8Array
  readonly cost: ScryptCost
}

addEventListener('message', ({ data }: MessageEvent<Asked>) =>
  postMessage(scryptKey(data.passphrase, data.salt, data.cost)),
)
