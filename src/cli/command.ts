// What a subcommand of the command line is, and reading its arguments and files.

import { readFileSync } from 'node:fs'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { failure, usage } from './errors.ts'

export interface Command {
  /** Runs with the arguments after its name. @returns the exit code */
  run(args: readonly string[]): Promise<number>
}

type Options = NonNullable<ParseArgsConfig['options']>

/**
 * Options and positional arguments. `later` are options of the contract that this version does not have.
 * @throws CliError for wrong usage, naming the option
 */
export function readArgs<O extends Options>(
  name: string,
  args: readonly string[],
  options: O,
  later: readonly string[] = [],
) {
  for (const arg of args) {
    if (arg === '--') break
    const option = /^--([a-z-]+)/.exec(arg)?.[1]
    if (option !== undefined && later.includes(option)) throw usage('not in this version', `--${option}`)
  }
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true })
  } catch (e) {
    const message = (e as Error).message.split('. ')[0] as string
    throw usage(
      message.replace(/^./, c => c.toLowerCase()),
      `${name} (see crbscope ${name} --help)`,
    )
  }
}

/** A whole number from `min` to `max`. @throws CliError naming the option */
export function readNumber(text: string, min: number, max: number, option: string): number {
  const n = Number(text)
  if (!/^\d+$/.test(text) || n < min || n > max) {
    throw usage(`must be a whole number from ${min} to ${max}, not "${text}"`, option)
  }
  return n
}

/** The text of a file; "-" is standard input. @throws CliError naming the file */
export function readInput(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (e) {
    const code = (e as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`
    throw failure(why, path === '-' ? 'standard input' : path)
  }
}
