// What is not needed before the first step, as one part of the program: every command of the engine, the other interface,
// and all scenarios.

import { SCENARIOS } from '../lessons/scenarios/index.ts'
import { withTis } from '../machine/tis.ts'
import { addFace } from '../view/face.ts'
import { addTpmSentences } from '../view/sentences.ts'
import { TIS_FACE } from '../view/tis-face.ts'
import { tpmSentence } from '../view/tpm-sentences.ts'
import { wholeEngine as commands } from '../tpm/commands/all.ts'

export { SCENARIOS }

export function wholeEngine(): void {
  commands()
  withTis()
  addFace(TIS_FACE)
  addTpmSentences(tpmSentence)
}
