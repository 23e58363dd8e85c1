// The buttons that move through time, with words on them, and what a step is.

import './Transport.css'
import type { ReactNode } from 'react'
import { GRAINS } from '../../machine/grains.ts'
import { action, toggleDrawer } from '../actions.ts'
import { useSim } from '../hooks.ts'
import { switchBranch } from '../runner.ts'
import { SPEEDS, type Speed, set, type Store } from '../store.ts'

const selectPlaying = (s: Store) => s.playing
const selectGrain = (s: Store) => s.grain
const selectSpeed = (s: Store) => s.speed
const selectBranches = (s: Store) => s.branches
const selectDrawer = (s: Store) => s.drawer
const selectSelection = (s: Store) => s.selection
const selectPending = (s: Store) => s.at?.machine.backend.pending !== undefined

/** Eight shapes: too few for an icon library in the first load. */
const SHAPES = {
  first: 'M4 3v12M14 3 7 9l7 6z',
  last: 'M14 3v12M4 3l7 6-7 6z',
  back: 'M13 3 5 9l8 6z',
  step: 'M5 3l8 6-8 6z',
  'chunk-back': 'M9 3 2 9l7 6zM16 3 9 9l7 6z',
  chunk: 'M2 3l7 6-7 6zM9 3l7 6-7 6z',
  pause: 'M4 3h3v12H4zM11 3h3v12h-3z',
  play: 'M4 2l11 7-11 7z',
} as const

const Icon = ({ name }: { name: keyof typeof SHAPES }) => (
  <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true" fill="currentColor" stroke="currentColor">
    <path d={SHAPES[name]} />
  </svg>
)

interface ButtonProps {
  readonly id: string
  readonly className?: string
  readonly label?: string
  readonly pressed?: boolean
  readonly children: ReactNode
}

/** A button of the action list: its key in the tooltip, off while the action is not possible. */
function ActionButton({ id, className, label, pressed, children }: ButtonProps) {
  const a = action(id)
  const enabled = useSim(s => a.enabled?.(s) ?? true)
  return (
    <button
      type="button"
      className={className}
      data-action={id}
      disabled={!enabled}
      onClick={a.run}
      title={`${a.label} (${a.keys.split(' ')[0]})`}
      aria-label={label}
      aria-pressed={pressed}
    >
      {children}
    </button>
  )
}

export function Transport() {
  const playing = useSim(selectPlaying)
  const grain = useSim(selectGrain)
  const speed = useSim(selectSpeed)
  const branches = useSim(selectBranches)
  const drawer = useSim(selectDrawer)
  const selection = useSim(selectSelection)
  const pending = useSim(selectPending)
  return (
    <nav className="transport" aria-label="Time">
      <div className="buttons">
        <ActionButton id="first">
          <Icon name="first" /> First
        </ActionButton>
        <ActionButton id="chunk-back" label="Previous chunk">
          <Icon name="chunk-back" /> Chunk
        </ActionButton>
        <ActionButton id="back">
          <Icon name="back" /> Back
        </ActionButton>
        <ActionButton id="play" pressed={playing}>
          {playing ? <Icon name="pause" /> : <Icon name="play" />} {playing ? 'Pause' : 'Play'}
        </ActionButton>
        <ActionButton id="step" className="step">
          Step <Icon name="step" />
        </ActionButton>
        <ActionButton id="chunk" label="Next chunk">
          Chunk <Icon name="chunk" />
        </ActionButton>
        <ActionButton id="last">
          Last <Icon name="last" />
        </ActionButton>
        {pending && (
          <ActionButton id="cancel" className="extra">
            Cancel command
          </ActionButton>
        )}
        {selection && !pending && (
          <>
            <ActionButton id="until-back" className="extra" label="Run back until it changed">
              ◂ Until
            </ActionButton>
            <ActionButton id="until" className="extra" label="Run until it changes">
              Until ▸
            </ActionButton>
          </>
        )}
      </div>
      <div className="grains" role="group" aria-label="Step by">
        <span>Step by</span>
        <span className="tabs">
          {GRAINS.map(g => (
            <button type="button" key={g} aria-pressed={g === grain} onClick={() => set({ grain: g })}>
              {g.replace(/^./, c => c.toUpperCase())}
            </button>
          ))}
        </span>
        <label>
          Speed{' '}
          <select className="plain" value={speed} onChange={e => set({ speed: e.target.value as Speed })}>
            {SPEEDS.map(s => (
              <option key={s} value={s}>
                {s === 'instant' ? s : `${s}×`}
              </option>
            ))}
          </select>
        </label>
        {branches.length > 0 && (
          <label>
            <span className="hidden">Other futures</span>
            <select
              className="plain"
              value=""
              data-branches={branches.length}
              onChange={e => switchBranch(Number(e.target.value))}
            >
              <option value="" disabled>
                {branches.length + 1} futures
              </option>
              {branches.map(b => (
                <option key={b.id} value={b.id}>
                  {b.label}, {b.length - 1} steps
                </option>
              ))}
            </select>
          </label>
        )}
        <ActionButton id="platform" className="power-button" pressed={drawer === 'platform'}>
          Power
        </ActionButton>
        <button
          type="button"
          className="events-button"
          data-action="events"
          aria-expanded={drawer === 'events'}
          onClick={() => toggleDrawer('events')}
        >
          Events
        </button>
      </div>
    </nav>
  )
}
