// Every command of the engine, power and firmware, and the scenarios that need them: one part of the program that is loaded
// after the first step can be taken.

export { SCENARIOS } from '../lessons/scenarios/index.ts'
export { installPlatform } from '../machine/platform-acts.ts'
export { wholeEngine } from '../tpm/commands/all.ts'
export { installTpmSentences } from '../view/tpm-sentences.ts'
