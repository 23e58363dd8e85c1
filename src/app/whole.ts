// Every command of the engine, every backend and what happens to hosts, as one part of the program that is loaded after the
// first step can be taken.

import { installHost } from '../machine/host.ts'
import { wholeEngine as commands } from '../tpm/commands/all.ts'

export { SCENARIOS } from '../lessons/scenarios/index.ts'

export function wholeEngine(): void {
  commands()
  installHost()
}
