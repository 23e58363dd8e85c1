// Everything a user can do, once: label, key, when it is possible, and what it does. Toolbar, keys and key sheet read it.

import { GRAINS } from '../machine/grains.ts'
import { back, cancel, first, last, play, runUntil, step } from './runner.ts'
import { nextTheme } from './settings.ts'
import { type Dialog, type Drawer, get, type Store, set, type WindowView } from './store.ts'

export interface Action {
  readonly id: string
  readonly label: string
  /** As KeyboardEvent.key, with "Shift+" or "Ctrl+" before it; several separated by a space. */
  readonly keys: string
  readonly group: 'time' | 'view' | 'file' | 'power'
  readonly enabled?: (s: Store) => boolean
  readonly run: () => void
}

const VIEWS: readonly WindowView[] = ['fields', 'hex', 'picture']

export const toggleDrawer = (drawer: Drawer): void => set({ drawer: get().drawer === drawer ? undefined : drawer })

const grainBy = (by: number) => () => {
  const i = GRAINS.indexOf(get().grain)
  set({ grain: GRAINS[Math.max(0, Math.min(i + by, GRAINS.length - 1))] ?? 'access' })
}

function until(direction: 1 | -1): void {
  const { selection } = get()
  if (!selection) return set({ notice: 'Select a register, bit, byte or object first: run until it changes.' })
  if (!runUntil(selection, direction)) {
    set({ notice: `The selection does not change ${direction === 1 ? 'after' : 'before'} this step.` })
  }
}

/** Moves the focus to a panel. */
const focus = (id: string) => () => document.getElementById(id)?.focus()

/** Asks for a command to send; where none may be sent, says so before anything was filled in. */
const ask = (dialog: Dialog) => (): void => {
  const { at, live } = get()
  const notice = live?.refuses('enqueue')
  if (at) set(notice === undefined ? { dialog } : { notice })
}

const started = (s: Store): boolean => s.cursor > 0
const more = (s: Store): boolean => s.cursor < s.length - 1 || !s.complete
const executing = (s: Store): boolean => s.at?.machine.backend.pending !== undefined

/** Parts that come late add theirs. */
export const ACTIONS: Action[] = [
  { id: 'step', label: 'Step', keys: 'ArrowRight', group: 'time', enabled: more, run: () => step() },
  { id: 'back', label: 'Back', keys: 'ArrowLeft', group: 'time', enabled: started, run: () => back() },
  {
    id: 'chunk',
    label: 'Next chunk',
    keys: 'Shift+ArrowRight',
    group: 'time',
    enabled: more,
    run: () => step('chunk'),
  },
  {
    id: 'chunk-back',
    label: 'Previous chunk',
    keys: 'Shift+ArrowLeft',
    group: 'time',
    enabled: started,
    run: () => back('chunk'),
  },
  {
    id: 'command',
    label: 'Next command',
    keys: 'Ctrl+ArrowRight Alt+ArrowRight',
    group: 'time',
    enabled: more,
    run: () => step('command'),
  },
  {
    id: 'command-back',
    label: 'Previous command',
    keys: 'Ctrl+ArrowLeft Alt+ArrowLeft',
    group: 'time',
    enabled: started,
    run: () => back('command'),
  },
  { id: 'beat', label: 'Next beat', keys: 'PageDown', group: 'time', enabled: more, run: () => step('beat') },
  { id: 'beat-back', label: 'Previous beat', keys: 'PageUp', group: 'time', enabled: started, run: () => back('beat') },
  { id: 'play', label: 'Play or pause', keys: 'Space k', group: 'time', run: play },
  { id: 'first', label: 'First', keys: 'Home', group: 'time', enabled: started, run: first },
  { id: 'last', label: 'Last', keys: 'End', group: 'time', enabled: more, run: last },
  { id: 'coarser', label: 'Coarser steps', keys: 'ArrowUp', group: 'time', run: grainBy(-1) },
  { id: 'finer', label: 'Finer steps', keys: 'ArrowDown', group: 'time', run: grainBy(1) },
  { id: 'go', label: 'Go to step', keys: 'g', group: 'time', run: focus('step-field') },
  { id: 'until', label: 'Run until the selection changes', keys: 'r', group: 'time', run: () => until(1) },
  {
    id: 'until-back',
    label: 'Run back until the selection changed',
    keys: 'Shift+R',
    group: 'time',
    run: () => until(-1),
  },
  { id: 'cancel', label: 'Cancel the command', keys: 'c', group: 'time', enabled: executing, run: cancel },
  {
    id: 'view',
    label: 'Window as fields, hex, picture',
    keys: 'v',
    group: 'view',
    run: () => set({ windowView: VIEWS[(VIEWS.indexOf(get().windowView) + 1) % VIEWS.length] as WindowView }),
  },
  { id: 'explain', label: 'Explain the selection', keys: 'e', group: 'view', run: () => toggleDrawer('inspector') },
  { id: 'events', label: 'Events', keys: 'l', group: 'view', run: () => toggleDrawer('events') },
  { id: 'map', label: 'All registers', keys: 'm', group: 'view', run: () => toggleDrawer('map') },
  { id: 'platform', label: 'Power and firmware', keys: 'p', group: 'view', run: () => toggleDrawer('platform') },
  { id: 'tpm', label: 'TPM state', keys: 's', group: 'view', run: () => toggleDrawer('tpm') },
  { id: 'guest-focus', label: 'To the guest', keys: '1', group: 'view', run: focus('guest') },
  { id: 'device-focus', label: 'To the device', keys: '2', group: 'view', run: focus('device') },
  { id: 'tpm-focus', label: 'To the TPM', keys: '3', group: 'view', run: focus('tpm') },
  { id: 'time-focus', label: 'To the timeline', keys: '4', group: 'view', run: focus('scrub') },
  { id: 'theme', label: 'Theme', keys: 't', group: 'view', run: nextTheme },
  { id: 'build', label: 'Build a command', keys: 'b', group: 'file', run: ask('build') },
  {
    id: 'reference',
    label: 'Reference',
    keys: 'h',
    group: 'file',
    run: () => set({ dialog: 'reference', lookup: '' }),
  },
  {
    id: 'compare',
    label: 'Compare CRB and TIS',
    keys: 'd',
    group: 'file',
    enabled: s => s.scenarios.length > 1,
    run: () => set({ dialog: 'compare' }),
  },
  { id: 'send', label: 'Send a command as bytes', keys: 'n', group: 'file', run: ask('paste') },
  { id: 'migrate', label: 'Migrate, take a snapshot', keys: 'x', group: 'file', run: ask('migrate') },
  { id: 'files', label: 'Open or save a recording', keys: 'o', group: 'file', run: () => set({ dialog: 'files' }) },
  { id: 'keys', label: 'Keys', keys: '?', group: 'file', run: () => set({ dialog: 'keys' }) },
  {
    id: 'close',
    label: 'Close',
    keys: 'Escape',
    group: 'view',
    run: () => set(get().drawer ? { drawer: undefined } : { selection: undefined, notice: '' }),
  },
]

export const action = (id: string): Action => ACTIONS.find(a => a.id === id) as Action

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.closest('input:not([type=range]), textarea, select, [role=dialog]') !== null

/** Runs the action of a key, unless the user is typing or has switched keys off. */
export function onKey(e: KeyboardEvent): void {
  if (!get().keys || e.defaultPrevented || typing(e.target)) return
  const name = e.key === ' ' ? 'Space' : e.key
  // A focused button takes Space for itself.
  if (name === 'Space' && e.target instanceof HTMLButtonElement) return
  if (e.target instanceof HTMLInputElement && !/^(Page|Shift|.$)/.test(name) && !e.shiftKey) return
  const shift = e.shiftKey && (name.length > 1 || /^[A-Z]$/.test(name)) ? 'Shift+' : ''
  const key = `${e.ctrlKey ? 'Ctrl+' : ''}${e.altKey ? 'Alt+' : ''}${shift}${name}`
  const found = ACTIONS.find(a => a.keys.split(' ').includes(key))
  if (!found || e.metaKey || (found.enabled && !found.enabled(get()))) return
  e.preventDefault()
  if (get().notice !== '') set({ notice: '' })
  found.run()
}
