// The CRB device: its registers and its window.

import { memo as memoise } from '../../lib/memo.ts'
import { deviceStatus, DRAWN, focusOf, HOT, registersOf } from '../../view/registers.ts'
import { hex } from '../../view/format.ts'
import { useBefore, useMoment, useSim, useWide } from '../hooks.ts'
import { toggleDrawer } from '../actions.ts'
import type { Store } from '../store.ts'
import { Head } from './Parts.tsx'
import { RegisterPair, RegisterRow, RegisterStrip } from './Registers.tsx'
import { Window } from './Window.tsx'

export const registers = memoise(registersOf)
const selectDrawer = (s: Store) => s.drawer

/** All registers: strips for those that live, a compact list for the others. */
export function RegisterMap({ pair }: { pair: boolean }) {
  const all = registers(useMoment(), useBefore())
  const focus = focusOf(all) ?? all.find(r => r.name === 'CTRL_START')
  const rest = all.filter(r => !DRAWN.includes(r.name))
  return (
    <>
      <ul className="regs">
        {all
          .filter(r => DRAWN.includes(r.name))
          .map(r => (pair && r === focus ? <RegisterPair key={r.name} r={r} /> : <RegisterStrip key={r.name} r={r} />))}
        {pair && focus && rest.includes(focus) && <RegisterPair r={focus} />}
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

function HotRegisters() {
  const all = registers(useMoment(), useBefore())
  const focus = focusOf(all) ?? all.find(r => r.name === 'CTRL_START')
  const shown = all.filter(r => HOT.includes(r.name) || r === focus)
  return (
    <ul className="regs hot" aria-label="Registers">
      {shown.map(r => (r === focus ? <RegisterPair key={r.name} r={r} /> : <RegisterRow key={r.name} r={r} />))}
    </ul>
  )
}

export function Device() {
  const m = useMoment()
  const wide = useWide()
  const open = useSim(selectDrawer) === 'map'
  return (
    <section className="panel device" id="device" tabIndex={-1} aria-label="CRB device">
      <Head actor="D" title="CRB device" status={deviceStatus(m)} />
      {wide ? <RegisterMap pair /> : <HotRegisters />}
      {!wide && (
        <button type="button" className="more-registers" aria-expanded={open} onClick={() => toggleDrawer('map')}>
          All registers
        </button>
      )}
      <Window />
    </section>
  )
}
