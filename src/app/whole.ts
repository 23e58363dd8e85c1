// What is not needed before the first step, as one part of the program: every command of the engine, every backend, the
// other interface, power and firmware, and all scenarios.

import { begin } from '../lessons/play.ts'
import { scenarioById, SCENARIOS } from '../lessons/scenarios/index.ts'
import { wholeMachine } from '../machine/whole.ts'
import { addFace } from '../view/face.ts'
import { addTpmSentences } from '../view/sentences.ts'
import { TIS_FACE } from '../view/tis-face.ts'
import { installPlatformWords } from '../view/platform-words.ts'
import { tpmSentence } from '../view/tpm-sentences.ts'
import { wholeEngine as commands } from '../tpm/commands/all.ts'

export { begin, scenarioById, SCENARIOS }

export function wholeEngine(): void {
  commands()
  wholeMachine()
  addFace(TIS_FACE)
  addTpmSentences(tpmSentence)
  installPlatformWords()
}
