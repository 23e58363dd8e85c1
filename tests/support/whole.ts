// Every test has the whole engine and every interface, as every shell but the page has it from its start.

import { wholeMachine } from '../../src/machine/whole.ts'
import { wholeEngine } from '../../src/tpm/commands/all.ts'
import { addFace } from '../../src/view/face.ts'
import { installPlatformWords } from '../../src/view/platform-words.ts'
import { addTpmSentences } from '../../src/view/sentences.ts'
import { tpmSentence } from '../../src/view/tpm-sentences.ts'
import { TIS_FACE } from '../../src/view/tis-face.ts'

wholeEngine()
wholeMachine()
addFace(TIS_FACE)
addTpmSentences(tpmSentence)
installPlatformWords()
