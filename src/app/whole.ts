// Every command of the engine, every scenario and what can happen to a machine, as one part of the program that is loaded
// after the first step can be taken.

export { begin } from '../lessons/play.ts'
export { scenarioById, SCENARIOS } from '../lessons/scenarios/index.ts'
export { installMigration } from '../machine/migrate.ts'
export { wholeEngine } from '../tpm/commands/all.ts'
