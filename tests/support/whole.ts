// Every test has the whole engine, as every shell but the page has it from its start.

import { installPlatform } from '../../src/machine/platform-acts.ts'
import { wholeEngine } from '../../src/tpm/commands/all.ts'

wholeEngine()
installPlatform()
