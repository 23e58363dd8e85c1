// Machines whose TPM is not fresh: it comes from an image in the configuration. Apart from power.ts, since few machines
// have one and the page's first step needs none. Whoever powers on such a machine installs the reader before.

import { keptBackend, modelOf } from '../backend/emulator.ts'
import { fromHex } from '../lib/bytes.ts'
import { readImage } from '../nvram/image.ts'
import { installRestored } from './power.ts'

/** Makes `MachineConfig.image` known. May be called again. */
export const installImages = (): void => installRestored(image => keptBackend(readImage(fromHex(image), modelOf)))
