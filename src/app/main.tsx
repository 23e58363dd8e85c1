// Entry of the page: styles, the first scenario, and React.

import '@fontsource-variable/atkinson-hyperlegible-next/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/layout.css'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { FIRST } from '../lessons/scenarios/first.ts'
import { App } from './App.tsx'
import { ErrorBoundary } from './panels/ErrorBoundary.tsx'
import { restoreSettings } from './settings.ts'
import { openLive } from './open-live.ts'
import { openScenario } from './runner.ts'

// Switched off by the page's first lines.
Error.stackTraceLimit = 10
restoreSettings()
// Before React draws anything: one drawing of a stage that is there is sooner than two.
const live = new URLSearchParams(location.search).get('live')
if (live === null) openScenario(FIRST.id, 3968)
else void openLive(live)
const root = createRoot(document.getElementById('root') as HTMLElement)
// At once: between this task and another the browser would draw a page with nothing on it.
flushSync(() =>
  root.render(
    <ErrorBoundary>
      <App />
    </ErrorBoundary>,
  ),
)
