// Every test has the whole engine, as every shell but the page has it from its start.

import { installHost } from '../../src/machine/host.ts'
import { wholeEngine } from '../../src/tpm/commands/all.ts'

wholeEngine()
installHost()
