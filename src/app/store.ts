// The one store of the page: the moment at the cursor, and small slices of what the user chose. History itself stays
// outside, in the runner; a selector that returns a part of a moment re-renders only when that part changed.

import { createStore } from 'zustand/vanilla'
import type { Scenario } from '../lessons/scenario.ts'
import { FIRST } from '../lessons/scenarios/opening.ts'
import type { Grain } from '../machine/grains.ts'
import type { Branch } from '../machine/history.ts'
import type { MachineConfig, Moment, UserAct, WindowSize } from '../machine/machine.ts'
import type { Selection } from '../view/selection.ts'
import { NO_TIMELINE, type Timeline } from '../view/timeline.ts'

export type Theme = 'light' | 'dark' | 'contrast'
export type Motion = 'system' | 'off' | 'on'
export type WindowView = 'fields' | 'hex' | 'picture'
export type Drawer = 'events' | 'map' | 'inspector' | 'tpm' | 'platform'
export type Dialog = 'keys' | 'paste' | 'files' | 'build' | 'reference' | 'compare' | 'migrate' | 'storage'
export const SPEEDS = ['0.25', '0.5', '1', '2', '4', 'instant'] as const
export type Speed = (typeof SPEEDS)[number]

/** The TPM on stage is that of `crbscope serve --live`. */
export interface Live {
  /** The address that tools use. */
  readonly where: string
  /** The command for which a tool waits. */
  readonly command: string | undefined
  /** Commands wait at their first step until the viewer goes on. */
  readonly hold: boolean
  /** A TPM outside is passed through to the machine on stage, instead of tools to the TPM. */
  readonly bridge?: { readonly retry: () => void; readonly giveUp: () => void }
  /** Why the page no longer shows what the server does. */
  readonly trouble: string | undefined
  setHold(hold: boolean): void
  resize(size: WindowSize): void
  /** Why the viewer may not do this now. */
  refuses(act: UserAct['kind']): string | undefined
}

/** A step as a part of the screen shows it. */
export interface Shown {
  readonly at: Moment | undefined
  readonly before: Moment | undefined
  readonly next: Moment | undefined
  readonly cursor: number
  /** How the cursor came here: the sentence says so when it went back. */
  readonly moved: 'forward' | 'back' | 'jump'
}

/** Parts of the screen that are drawn in turn while every frame has another step: more is no work for a sixtieth of a second. */
export const TURNS = 4

export interface Store extends Shown {
  /** What the list offers: the opening one, and all of them once the whole program is there. */
  readonly scenarios: readonly Scenario[]
  /** By turn. All are the step at the cursor, unless one plays a step a frame: then each is at most three steps behind. */
  readonly shown: readonly Shown[]
  /** Number of moments computed so far; all of them when `complete`. */
  readonly length: number
  readonly complete: boolean
  readonly timeline: Timeline
  readonly branches: readonly Branch[]
  readonly playing: boolean
  readonly grain: Grain
  readonly speed: Speed
  /** Id of the scenario, or undefined for an opened recording. */
  readonly scenario: string | undefined
  readonly title: string
  readonly summary: string
  readonly config: MachineConfig | undefined
  readonly window: WindowSize
  readonly selection: Selection | undefined
  readonly windowView: WindowView
  readonly theme: Theme
  readonly motion: Motion
  readonly zoom: number
  readonly layout: 'compact' | 'learn' | 'wide'
  readonly keys: boolean
  readonly drawer: Drawer | undefined
  readonly dialog: Dialog | undefined
  /** What the reference is to be opened at. */
  readonly lookup: string
  readonly live: Live | undefined
  /** A sentence about something that could not be done. */
  readonly notice: string
}

export const store = createStore<Store>(() => ({
  at: undefined,
  before: undefined,
  next: undefined,
  cursor: 0,
  shown: [],
  length: 1,
  complete: false,
  timeline: NO_TIMELINE,
  branches: [],
  moved: 'jump',
  playing: false,
  grain: 'access',
  speed: '1',
  scenarios: [FIRST],
  scenario: undefined,
  title: '',
  summary: '',
  config: undefined,
  window: 3968,
  selection: undefined,
  windowView: 'fields',
  theme: 'light',
  motion: 'system',
  zoom: 100,
  layout: 'learn',
  keys: true,
  drawer: undefined,
  dialog: undefined,
  lookup: '',
  live: undefined,
  notice: '',
}))

export const set = store.setState
export const get = store.getState
