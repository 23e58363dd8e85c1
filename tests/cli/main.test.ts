// The command line as a whole: help, version, and refusals in one line with the right exit code.

import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { crbscope } from './run.ts'

describe('crbscope', () => {
  it('answers --help and --version in under a second', () => {
    const runs = [['--help'], ['--version'], ['check', '--help'], ['decode', '--help']].map(a => crbscope(a))
    expect(runs.map(r => r.code)).toEqual([0, 0, 0, 0])
    expect(runs[1]?.out).toBe(`crbscope ${manifest.version}\n`)
    for (const r of runs) expect(r.err).toBe('')
    // The best of four: the machine may be busy with other tests.
    expect(Math.min(...runs.map(r => r.took))).toBeLessThan(1000)
  })

  it('lists every command in its help, and explains each', () => {
    const help = crbscope(['--help']).out
    for (const name of ['check', 'decode', 'run', 'serve']) {
      expect(help).toContain(`\n  ${name} `)
      expect(crbscope([name, '--help']).out).toContain(`crbscope ${name} `)
    }
  })

  it.each([
    ['no command', [], 'crbscope: no command, see crbscope --help\n'],
    ['an unknown command', ['nope'], 'crbscope: unknown command, "nope" (see crbscope --help)\n'],
    ['a word every object has', ['constructor'], 'crbscope: unknown command, "constructor" (see crbscope --help)\n'],
    ['an unknown option', ['--nope'], 'crbscope: unknown option, "--nope" (see crbscope --help)\n'],
    ['an option of a later version', ['run', '--vcd', 'x'], 'crbscope: not in this version, --vcd\n'],
    [
      'an unknown option of a command',
      ['check', '--foo', 'x'],
      "crbscope: unknown option '--foo', check (see crbscope check --help)\n",
    ],
    [
      'an option without its value',
      ['check', '--show'],
      "crbscope: option '--show <value>' argument missing, check (see crbscope check --help)\n",
    ],
    ['an unknown profile', ['check', '--profile', 'x', 'y'], 'crbscope: unknown profile: "x", --profile\n'],
    ['nothing to check', ['check'], 'crbscope: no file to check, check (see crbscope check --help)\n'],
    [
      'a number that is none',
      ['check', '--show', 'ten', 'x'],
      'crbscope: must be a whole number from 0 to 1000000, not "ten", --show\n',
    ],
    [
      'a digit that is none',
      ['decode', '8001zz'],
      'crbscope: "z" is not a hexadecimal digit, line 1, column 5 of the bytes\n',
    ],
    [
      'too few bytes',
      ['decode', '8001'],
      'crbscope: only 2 bytes, at least 10 are needed, line 1, column 5 of the bytes\n',
    ],
    [
      'an unknown command to answer',
      ['decode', '--command', 'Nope', '80010000000a00000000'],
      'crbscope: neither a command code nor a known name: "Nope", --command\n',
    ],
  ])('refuses %s', (_, args, err) => {
    expect(crbscope(args)).toMatchObject({ code: 2, out: '', err })
  })
})
