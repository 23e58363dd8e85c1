// The interface device: its registers, and the window or buffer that messages cross.

import { Suspense } from 'react'
import { faceOf } from '../../view/face.ts'
import { deviceStatus, pairedOf, registers } from '../../view/registers.ts'
import { Turn, useBefore, useMoment, useSim, useWide } from '../hooks.ts'
import { toggleDrawer } from '../actions.ts'
import type { Drawer, Store } from '../store.ts'
import { Head } from './Parts.tsx'
import { RegisterMap } from './lazy.ts'
import { RegisterPair, RegisterRow } from './Registers.tsx'
import { Window } from './Window.tsx'

const selectDrawer = (s: Store) => s.drawer

function HotRegisters() {
  const m = useMoment()
  const { hot } = faceOf(m.machine.config)
  const all = registers(m, useBefore())
  const focus = pairedOf(all)
  return (
    <ul className="regs hot" aria-label="Registers">
      {all
        .filter(r => hot.includes(r.name))
        .map(r => (
          <RegisterRow key={r.name} r={r} paired={r === focus} />
        ))}
      {focus && <RegisterPair r={focus} />}
    </ul>
  )
}

const Opens = ({ drawer, label }: { drawer: Drawer; label: string }) => (
  <button
    type="button"
    className="opens"
    aria-expanded={useSim(selectDrawer) === drawer}
    onClick={() => toggleDrawer(drawer)}
  >
    {label}
  </button>
)

const opens = (
  <>
    <Opens drawer="map" label="All registers" />
    <Opens drawer="inspector" label="Explain" />
  </>
)

export function Device() {
  const m = useMoment()
  const wide = useWide()
  const { title } = faceOf(m.machine.config)
  return (
    <section className="panel device" id="device" tabIndex={-1} aria-label={title}>
      <Head actor="D" title={title} status={deviceStatus(m)}>
        {wide ? undefined : opens}
      </Head>
      {wide ? (
        <Suspense>
          <RegisterMap pair />
        </Suspense>
      ) : (
        <HotRegisters />
      )}
      <Turn value={2}>
        <Window />
      </Turn>
    </section>
  )
}
