// Every command of the engine, as one part of the program that is loaded after the first step can be taken.

export { wholeEngine } from '../tpm/commands/all.ts'
