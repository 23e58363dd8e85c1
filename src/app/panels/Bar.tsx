// The top bar: which scenario, on which device, through which window; and how the page looks.

import './Bar.css'
import { count } from '../../lib/count.ts'
import { WINDOW_SIZES, type WindowSize } from '../../machine/machine.ts'
import { faceOf } from '../../view/face.ts'
import { action } from '../actions.ts'
import { useSim } from '../hooks.ts'
import { openScenario, resize } from '../runner.ts'
import { nextMotion, nextTheme, zoomBy } from '../settings.ts'
import { set, type Store } from '../store.ts'

const selectScenario = (s: Store) => s.scenario
const selectScenarios = (s: Store) => s.scenarios
const selectTitle = (s: Store) => s.title
const selectConfig = (s: Store) => s.config
const selectWindow = (s: Store) => s.window
const selectTheme = (s: Store) => s.theme
const selectLive = (s: Store) => s.live !== undefined && !s.live.bridge
const selectMotion = (s: Store) => s.motion

const THEME_NAME = { light: 'Light', dark: 'Dark', contrast: 'Contrast' } as const
const MOTION_NAME = { system: 'Motion', off: 'Motion off', on: 'Motion on' } as const

export function Bar() {
  const scenario = useSim(selectScenario)
  const scenarios = useSim(selectScenarios)
  const title = useSim(selectTitle)
  const config = useSim(selectConfig)
  const size = useSim(selectWindow)
  const theme = useSim(selectTheme)
  const motion = useSim(selectMotion)
  const live = useSim(selectLive)
  return (
    <header className="bar">
      <h1>crbscope</h1>
      <label>
        <span className="hidden">Scenario</span>
        <select
          className="scenario"
          value={scenario ?? ''}
          data-scenario={scenario}
          onChange={e => openScenario(e.target.value)}
        >
          {scenario === undefined && <option value="">{title}</option>}
          {scenarios.map(s => (
            <option key={s.id} value={s.id} title={s.summary}>
              {s.title}
            </option>
          ))}
        </select>
      </label>
      <span className="on">
        <span className="mut">on</span> <b>{faceOf(config).model}</b>
      </span>
      {config?.interface === undefined && (
        <label>
          <span className="mut">window</span>
          <select
            className="plain"
            value={size}
            aria-label="Window size"
            disabled={scenario === undefined && !live}
            onChange={e => resize(Number(e.target.value) as WindowSize)}
          >
            {WINDOW_SIZES.map(w => (
              <option key={w} value={w}>
                {w === 3968 ? '3,968 (real)' : `${count(w)} (teaching window)`}
              </option>
            ))}
          </select>
        </label>
      )}
      <span className="right">
        {!live && (
          <button type="button" className="button" onClick={action('build').run}>
            Send a command
          </button>
        )}
        <button type="button" onClick={() => set({ dialog: 'files' })}>
          Open, save
        </button>
        {!live && (
          <button type="button" onClick={action('migrate').run}>
            Migrate
          </button>
        )}
        <button type="button" onClick={nextTheme} aria-label={`Theme: ${THEME_NAME[theme]}`}>
          {THEME_NAME[theme]}
        </button>
        <button type="button" className="motion" onClick={nextMotion} aria-label={`Motion: ${motion}`}>
          {MOTION_NAME[motion]}
        </button>
        <button type="button" onClick={() => zoomBy(-1)} aria-label="Smaller type">
          A−
        </button>
        <button type="button" onClick={() => zoomBy(1)} aria-label="Larger type">
          A+
        </button>
        <button type="button" onClick={() => set({ dialog: 'keys' })} data-action="keys">
          Help
        </button>
      </span>
    </header>
  )
}
