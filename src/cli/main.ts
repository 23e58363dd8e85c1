#!/usr/bin/env node
// The command line: finds the subcommand and runs it. What a command needs is loaded only when it runs, so that --help
// and --version answer at once. Errors are one line on standard error; exit code 2 for wrong usage, 1 for a failure.

import manifest from '../../package.json' with { type: 'json' }
import type { Command } from './command.ts'
import { CliError, usage } from './errors.ts'
import { COMMAND_HELP, HELP } from './help.ts'

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  bridge: async () => (await import('./bridge.ts')).bridge,
  check: async () => (await import('./check.ts')).check,
  decode: async () => (await import('./decode.ts')).decode,
  run: async () => (await import('./run.ts')).run,
  serve: async () => (await import('./serve.ts')).serve,
}

async function main(args: readonly string[]): Promise<number> {
  const [name, ...rest] = args
  if (name === undefined) throw usage('no command', 'see crbscope --help')
  if (name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(COMMAND_HELP[rest[0] ?? ''] ?? HELP)
    return 0
  }
  if (name === '--version') {
    process.stdout.write(`crbscope ${manifest.version}\n`)
    return 0
  }
  const load = COMMANDS[name]
  if (!Object.hasOwn(COMMANDS, name) || !load) {
    throw usage(name.startsWith('-') ? 'unknown option' : 'unknown command', `"${name}" (see crbscope --help)`)
  }
  const end = rest.indexOf('--')
  if ((end < 0 ? rest : rest.slice(0, end)).some(a => a === '--help' || a === '-h')) {
    process.stdout.write(COMMAND_HELP[name] ?? HELP)
    return 0
  }
  return (await load()).run(rest)
}

// A reader that closes the pipe early (head) is no error of ours.
process.stdout.on('error', (e: NodeJS.ErrnoException) => {
  if (e.code === 'EPIPE') process.exit(0)
  throw e
})

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (e) {
  if (!(e instanceof CliError)) throw e
  process.stderr.write(`crbscope: ${e.message}\n`)
  process.exitCode = e.exitCode
}
