// Every test has the whole engine and every interface, as every shell but the page has it from its start.

import { wholeEngine } from '../../src/tpm/commands/all.ts'
import { withTis } from '../../src/machine/tis.ts'

wholeEngine()
withTis()
