// Entry of the page: styles, the first scenario, and React.

import '@fontsource-variable/atkinson-hyperlegible-next/wght.css'
import '@fontsource-variable/jetbrains-mono/wght.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/layout.css'
import { createRoot } from 'react-dom/client'
import { App } from './App.tsx'
import { ErrorBoundary } from './panels/ErrorBoundary.tsx'
import { restoreSettings } from './settings.ts'
import { openScenario } from './runner.ts'

restoreSettings()
createRoot(document.getElementById('root') as HTMLElement).render(
  <ErrorBoundary>
    <App />
  </ErrorBoundary>,
)
// After the first paint, so that the frame of the page is there while the TPM of the first scenario makes its key.
requestAnimationFrame(() => setTimeout(() => openScenario('verify-mldsa87', 3968)))
