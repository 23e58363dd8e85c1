// Browser tests: the built page on a static server, in the Chromium of this machine. Build first (npm run build).

import { defineConfig } from '@playwright/test'
import { chromiumPath } from './scripts/chromium.mjs'

const port = 4190
const executablePath = chromiumPath()

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/e2e',
  timeout: 60_000,
  workers: 2,
  fullyParallel: true,
  forbidOnly: Boolean(process.env['CI']),
  reporter: [['line'], ['json', { outputFile: 'test-results/e2e.json' }]],
  use: {
    baseURL: `http://127.0.0.1:${port}/some/sub/path/`,
    viewport: { width: 1280, height: 720 },
    // Recording a trace takes longer than the tests themselves: --trace retain-on-failure, where one is wanted.
    trace: 'off',
    launchOptions: { ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox', '--disable-dev-shm-usage'] },
  },
  webServer: {
    command: `node scripts/serve.mjs --port ${port} --base /some/sub/path/`,
    url: `http://127.0.0.1:${port}/some/sub/path/`,
    reuseExistingServer: false,
    timeout: 15_000,
  },
})
