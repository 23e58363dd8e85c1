// Every test has the whole engine, as every shell but the page has it from its start.

import { installPlatform } from '../../src/machine/platform-acts.ts'
import { wholeEngine } from '../../src/tpm/commands/all.ts'
import { installTpmSentences } from '../../src/view/tpm-sentences.ts'

wholeEngine()
installPlatform()
installTpmSentences()
