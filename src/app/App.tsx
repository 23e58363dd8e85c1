// The page: bar, stage with guest, device and TPM, sentence, lanes, transport; drawers and dialogs when they are asked for.

import { lazy, Suspense, useEffect } from 'react'
import { onKey } from './actions.ts'
import { Turn, useSim, useWide } from './hooks.ts'
import { Bar } from './panels/Bar.tsx'
import { Device } from './panels/Device.tsx'
import { Guest } from './panels/Guest.tsx'
import { Inspector, Lanes, Platform, RegisterMap, TpmState, Wires } from './panels/lazy.ts'
import { Sentence } from './panels/Sentence.tsx'
import { Tpm } from './panels/Tpm.tsx'
import { Transport } from './panels/Transport.tsx'
import { stageStands } from './runner.ts'
import { set, type Store } from './store.ts'

const Dialogs = lazy(() => import('./panels/Dialogs.tsx'))
const Events = lazy(() => import('./panels/Events.tsx'))

const selectPlaying = (s: Store) => s.playing
const selectReady = (s: Store) => s.at !== undefined
const selectDrawer = (s: Store) => s.drawer
const selectDialog = (s: Store) => s.dialog !== undefined
const selectCompact = (s: Store) => s.layout === 'compact'

const SIDE = { map: RegisterMap, inspector: Inspector, tpm: TpmState, platform: Platform } as const
const TITLE = {
  map: 'All registers',
  inspector: 'Explanation',
  tpm: 'TPM state',
  platform: 'Power and firmware',
  events: 'Events',
} as const

function Drawer({ wide }: { wide: boolean }) {
  const drawer = useSim(selectDrawer)
  // The wide layout shows all of them all the time.
  if (!drawer || (wide && drawer !== 'platform')) return null
  const close = (
    <button
      type="button"
      className="button"
      style={{ alignSelf: 'flex-end', margin: '0.5rem 0' }}
      onClick={() => set({ drawer: undefined })}
    >
      Close
    </button>
  )
  if (drawer === 'events') {
    return (
      <aside className="drawer" aria-label={TITLE.events}>
        {close}
        <Suspense>
          <Events />
        </Suspense>
      </aside>
    )
  }
  const Body = SIDE[drawer]
  return (
    <aside className={`drawer side ${drawer}`} aria-label={TITLE[drawer]} data-drawer-open={drawer}>
      {close}
      <Suspense>
        <Body pair={false} />
      </Suspense>
    </aside>
  )
}

export function App() {
  const ready = useSim(selectReady)
  const drawer = useSim(selectDrawer)
  const dialog = useSim(selectDialog)
  const playing = useSim(selectPlaying)
  const wide = useWide()
  const compact = useSim(selectCompact)
  useEffect(() => {
    // The effect runs in the commit when the render was a short one: the paint comes first.
    const timer = setTimeout(stageStands)
    return () => clearTimeout(timer)
  }, [])
  useEffect(() => {
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
  const guest = <Guest key="guest" />
  const device = (
    <Turn key="device" value={1}>
      <Device />
    </Turn>
  )
  const tpm = (
    <Turn key="tpm" value={2}>
      <Tpm />
    </Turn>
  )
  const stage = (
    <main key="stage" className="stage" aria-label="Stage">
      {ready && (
        <>
          {compact ? [device, tpm, guest] : [guest, device, tpm]}
          {wide && (
            <Suspense>
              <Inspector />
            </Suspense>
          )}
          <Suspense>
            <Wires />
          </Suspense>
        </>
      )}
    </main>
  )
  const sentence = ready ? (
    <Turn key="sentence" value={3}>
      <Sentence />
    </Turn>
  ) : (
    <section key="sentence" className="sentence" aria-label="Now and next" />
  )
  const low = (
    <div key="low" className="low">
      {ready && (
        <Turn value={3}>
          <Suspense>
            <Lanes />
          </Suspense>
        </Turn>
      )}
      {wide && ready && (
        <Suspense>
          <Events />
        </Suspense>
      )}
    </div>
  )
  const transport = <Transport key="transport" />
  return (
    <div
      className="app"
      data-drawer={wide && drawer !== 'platform' ? undefined : drawer}
      data-ready={ready || undefined}
      data-playing={playing || undefined}
    >
      <Bar />
      {/* One column is read from the top: what happens and the buttons come before what it happened to. */}
      {compact ? [sentence, transport, stage, low] : [stage, sentence, low, transport]}
      {ready && <Drawer wide={wide} />}
      {dialog && (
        <Suspense>
          <Dialogs />
        </Suspense>
      )}
    </div>
  )
}
