// The full register map, in the wide layout and as a drawer: 32-bit strips, and the constants in a compact list.

import { memo } from 'react'
import { hex } from '../../view/format.ts'
import { faceOf } from '../../view/face.ts'
import { pairedOf, type RegisterView, registers } from '../../view/registers.ts'
import { useBefore, useMoment } from '../hooks.ts'
import { Check } from './Parts.tsx'
import { Name, RegisterPair } from './Registers.tsx'

/** All 32 bits: reserved ones as ticks, named ones as digits. The strip is one target; the fields are listed beside it. */
const RegisterStrip = memo(({ r, paired }: { r: RegisterView; paired: boolean }) => {
  const bits = Array.from({ length: 32 }, (_, i) => 31 - i)
  return (
    <li
      className={r.touched ? 'strip touched' : 'strip'}
      style={{ order: r.at }}
      hidden={paired}
      data-reg={r.name}
      data-reads={hex(r.reads, 8)}
    >
      <Name r={r} />
      <span className="bits32" aria-hidden="true">
        {bits.map(b => {
          const cell = r.cells.find(c => b >= c.field.low && b < c.field.low + c.field.width)
          const on = Math.floor(r.reads / 2 ** b) % 2
          const name = cell ? `${cell.name}: ${cell.reads}` : `bit ${b}, reserved`
          return (
            <i
              key={b}
              className={cell ? (on ? 'on' : 'off') : 'none'}
              title={name}
              data-changed={cell?.changed || undefined}
            >
              {cell ? on : ''}
            </i>
          )
        })}
      </span>
      <span className="mono word">{hex(r.reads, 8)}</span>
      <span className="note">
        {r.outcome ? `${r.outcome.verb} ${r.outcome.detail}` : r.note}{' '}
        {r.obeyed !== undefined && <Check ok={r.obeyed} />}
      </span>
    </li>
  )
})

const HEADS = [31, 23, 15, 7, 0]

/** All registers: strips for those that live, a compact list for the others. */
export function RegisterMap({ pair }: { pair: boolean }) {
  const m = useMoment()
  const { drawn } = faceOf(m.machine.config)
  const all = registers(m, useBefore())
  const focus = pairedOf(all)
  const rest = all.filter(r => !drawn.includes(r.name))
  return (
    <>
      <ul className="regs" aria-label="Registers">
        <li className="strip heads" style={{ order: -1 }} aria-hidden="true">
          <span>
            <span className="at">off</span> register
          </span>
          <span className="bits32">
            {HEADS.map(b => (
              <span key={b} style={{ gridColumn: 32 - b }}>
                {b}
              </span>
            ))}
          </span>
          <span>reads</span>
          <span>last change</span>
        </li>
        {all
          .filter(r => drawn.includes(r.name))
          .map(r => (
            <RegisterStrip key={r.name} r={r} paired={pair && r === focus} />
          ))}
        {pair && focus && <RegisterPair r={focus} />}
      </ul>
      <ul className="consts mono" aria-label="Other registers">
        {rest
          .filter(r => !pair || r !== focus)
          .map(r => (
            <li key={r.name} data-reg={r.name} data-reads={hex(r.reads, 8)}>
              <span>
                <span className="mut">{hex(r.at, 2)}</span> {r.name}
              </span>
              <span>{hex(r.reads, 8)}</span>
            </li>
          ))}
      </ul>
    </>
  )
}
