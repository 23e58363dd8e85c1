// The two ways in which the command line refuses: wrong usage (exit 2) and a failure to do what was asked (exit 1).

/** `what` went wrong, and `where`: an option, a file, a line. */
export class CliError extends Error {
  readonly exitCode: 1 | 2
  readonly what: string
  constructor(exitCode: 1 | 2, what: string, where: string) {
    super(`${what}, ${where}`)
    this.name = 'CliError'
    this.exitCode = exitCode
    this.what = what
  }
}

export const usage = (what: string, where: string): CliError => new CliError(2, what, where)
export const failure = (what: string, where: string): CliError => new CliError(1, what, where)
