// All outcomes: which pair of hosts, at which point of a command, what becomes of it. Each row is a test.

import { useMemo, useState } from 'react'
import { POINTS } from '../../lessons/when.ts'
import { type Case, HOSTS } from '../../lessons/migration-table.ts'
import { wordsOf } from '../../machine/outcome.ts'
import { count } from '../../view/format.ts'
import { filtered, guestText, NO_TABLE_FILTER, TABLE_CHOICES, type TableFilter } from '../../view/migration.ts'

const COLUMNS = [
  ['from', 'from'],
  ['to', 'to'],
  ['at', 'when'],
  ['outcome', 'outcome'],
] as const

function OutcomeCell({ of: { outcome, from } }: { of: Case }) {
  const { title, why } = wordsOf(outcome, HOSTS[from])
  return <td title={why}>{title}</td>
}

export function MigrationTable() {
  const [filter, setFilter] = useState<TableFilter>(NO_TABLE_FILTER)
  const rows = useMemo(() => filtered(filter), [filter])
  return (
    <div className="migration-table">
      <p>
        Numbers are versions of QEMU; “11.1 as 11.0” is QEMU 11.1 started with the machine type of 11.0. The rules: a
        device that offers chunks which may not migrate blocks at the source; another machine type is refused; the
        subsection with what is held is sent where x-allow-chunk-migration is on, and refused where it is unknown or too
        large. A TIS sends its whole buffer as one array: another size is another version of the section, and is refused
        by it. “buffer 8192” and “version unchecked” are in no QEMU: they are our completion.
      </p>
      <div className="filters">
        {COLUMNS.map(([key, label]) => (
          <label key={key}>
            <span>{label}</span>
            <select
              className="field"
              value={filter[key]}
              onChange={e => setFilter({ ...filter, [key]: e.target.value })}
            >
              <option value="">any</option>
              {TABLE_CHOICES[key].map(([v, text]) => (
                <option key={v} value={v}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        ))}
        <span role="status" data-cases={rows.length}>
          {count(rows.length)} {rows.length === 1 ? 'case' : 'cases'}
        </span>
      </div>
      <div className="table-scroll" tabIndex={0} role="group" aria-label="Outcomes">
        <table>
          <thead>
            <tr>
              {COLUMNS.map(([key, label]) => (
                <th key={key} scope="col">
                  {label}
                </th>
              ))}
              <th scope="col">the guest then</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(c => (
              <tr key={`${c.from}${c.to}${c.at}`} data-case={c.outcome}>
                <td>{c.from}</td>
                <td>{c.to}</td>
                <td>{POINTS[c.at]}</td>
                <OutcomeCell of={c} />
                <td className="mut">{guestText(c)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  )
}
