// Which commands of the specification this TPM has: one table, made from the list of command codes and the command table.
// docs/coverage.md is this text, and the reference shows it.

import { CC, commandName } from '../spec/codes.ts'
import { COMMANDS } from '../spec/commands/all.ts'
import { hex } from './format.ts'

export interface CoverageRow {
  readonly code: number
  readonly name: string
  /** Undefined for a command that answers TPM_RC_COMMAND_CODE. */
  readonly section: string | undefined
  readonly since: number | undefined
}

/** Every command code of Part 2, Table 12, in rising order. */
export const COVERAGE: readonly CoverageRow[] = Object.values(CC)
  .toSorted((a, b) => a - b)
  .map(code => {
    const row = COMMANDS.find(c => c.code === code)
    return { code, name: commandName(code), section: row?.section, since: row?.since }
  })

export const covered = (): number => COVERAGE.filter(r => r.section !== undefined).length

/** The sum, in a sentence. */
export const coverageLine = (): string =>
  `${covered()} of ${COVERAGE.length} commands of TPM 2.0, version 1.85; the others answer TPM_RC_COMMAND_CODE.`

/** docs/coverage.md. */
export function coverageTable(): string {
  const rows = COVERAGE.map(r => [
    `0x${hex(r.code, 3)}`,
    r.name,
    r.section ?? '',
    r.section === undefined ? 'TPM_RC_COMMAND_CODE' : r.since === undefined ? 'yes' : `yes, new in ${r.since}`,
  ])
  const cells = [['code', 'command', 'specified in', 'here'], ...rows]
  const widths = (cells[0] ?? []).map((_, i) => Math.max(...cells.map(c => (c[i] ?? '').length)))
  const line = (c: readonly string[]): string => `| ${c.map((t, i) => t.padEnd(widths[i] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map(w => '-'.repeat(w + 2)).join('|')}|`
  return `# Commands

Made from the command table by \`npm run coverage-table\`.
${coverageLine()}

${[line(cells[0] ?? []), rule, ...rows.map(line)].join('\n')}
`
}
