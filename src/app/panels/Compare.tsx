// The commands of the scenario on stage over both interfaces: totals, and for each command the accesses of one beside those
// of the other. Both machines run here and now, and are not the one on stage.

import { useMemo } from 'react'
import { compare, costText, type Side } from '../../view/compare.ts'
import { useSim } from '../hooks.ts'
import type { Store } from '../store.ts'

const selectConfig = (s: Store) => s.config
/** Rows of one command that are drawn: a wait of many steps says the same again and again. */
const MOST = 60

function Totals({ side }: { side: Side }) {
  return (
    <tr data-compare={side.title}>
      <th scope="row">{side.title}</th>
      <td>{costText(side.cost)}</td>
    </tr>
  )
}

export function Compare() {
  const config = useSim(selectConfig)
  const c = useMemo(() => (config ? compare(config) : undefined), [config])
  if (!c) return <p>Open a scenario first: its commands are compared.</p>
  return (
    <div
      className="entry"
      style={{ overflow: 'auto', maxHeight: '70vh' }}
      tabIndex={0}
      aria-label="Comparison"
      role="group"
    >
      <table>
        <tbody>
          <Totals side={c.crb} />
          <Totals side={c.tis} />
        </tbody>
      </table>
      {c.labels.map((label, i) => {
        const [a, b] = [c.crb.commands[i], c.tis.commands[i]]
        const rows = Math.max(a?.accesses.length ?? 0, b?.accesses.length ?? 0)
        return (
          <section key={i}>
            <h3>{label}</h3>
            <table className="mono">
              <thead>
                <tr>
                  <th scope="col">CRB: {a ? `${costText(a.cost)}; ${a.got}` : 'not reached'}</th>
                  <th scope="col">TIS: {b ? `${costText(b.cost)}; ${b.got}` : 'not reached'}</th>
                </tr>
              </thead>
              <tbody>
                {Array.from({ length: Math.min(rows, MOST) }, (_, r) => (
                  <tr key={r}>
                    <td>{a?.accesses[r]?.text}</td>
                    <td>{b?.accesses[r]?.text}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {rows > MOST && <p className="mut">and {rows - MOST} more</p>}
          </section>
        )
      })}
    </div>
  )
}
