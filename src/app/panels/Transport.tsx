// The buttons that move through time, with words on them, and what a step is.

import './Transport.css'
import {
  ChevronFirst,
  ChevronLast,
  ChevronLeft,
  ChevronRight,
  ChevronsLeft,
  ChevronsRight,
  Pause,
  Play,
} from 'lucide-react'
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
          <ChevronFirst size={20} aria-hidden /> First
        </ActionButton>
        <ActionButton id="chunk-back" label="Previous chunk">
          <ChevronsLeft size={20} aria-hidden /> Chunk
        </ActionButton>
        <ActionButton id="back">
          <ChevronLeft size={20} aria-hidden /> Back
        </ActionButton>
        <ActionButton id="play" pressed={playing}>
          {playing ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />} {playing ? 'Pause' : 'Play'}
        </ActionButton>
        <ActionButton id="step" className="step">
          Step <ChevronRight size={20} aria-hidden />
        </ActionButton>
        <ActionButton id="chunk" label="Next chunk">
          Chunk <ChevronsRight size={20} aria-hidden />
        </ActionButton>
        <ActionButton id="last">
          Last <ChevronLast size={20} aria-hidden />
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
