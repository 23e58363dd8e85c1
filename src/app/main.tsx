// Entry of the page: styles, the first scenario, and React.

import '@fontsource-variable/atkinson-hyperlegible-next/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/layout.css'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { FIRST } from '../lessons/scenarios/opening.ts'
import { App } from './App.tsx'
import { ErrorBoundary } from './panels/ErrorBoundary.tsx'
import { restoreSettings } from './settings.ts'
import { openBridge, openLive } from './open-live.ts'
import { openScenario } from './runner.ts'

// Switched off by the page's first lines.
Error.stackTraceLimit = 10
restoreSettings()
// Before React draws anything: one drawing of a stage that is there is sooner than two.
const asked = new URLSearchParams(location.search)
const live = asked.get('live')
const bridge = asked.get('bridge')
if (live !== null) void openLive(live)
else if (bridge !== null) void openBridge(bridge)
else openScenario(FIRST.id, 3968)
const root = createRoot(document.getElementById('root') as HTMLElement)
// At once: between this task and another the browser would draw a page with nothing on it.
flushSync(() =>
  root.render(
    <ErrorBoundary>
      <App />
    </ErrorBoundary>,
  ),
)
