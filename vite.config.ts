// Build and unit-test configuration. The build works from any static server and any sub-path (base './'), loads
// nothing from elsewhere, and says so to the browser with a Content-Security-Policy written into the page.

import { createHash } from 'node:crypto'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

/**
 * Writes the policy into the built page, with the hash of its one inline script. Only in the build: the development
 * server needs inline scripts of its own. Inline styles are allowed because the dialog parts of radix-ui insert one.
 */
const contentSecurityPolicy = (): Plugin => ({
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(html) {
      const hashes = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(
        m =>
          `'sha256-${createHash('sha256')
            .update(m[1] as string)
            .digest('base64')}'`,
      )
      const policy = [
        "default-src 'none'",
        `script-src 'self' ${hashes.join(' ')}`,
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "base-uri 'none'",
        "form-action 'none'",
      ].join('; ')
      return html.replace(
        '<meta charset="utf-8" />',
        `<meta charset="utf-8" />\n    <meta http-equiv="Content-Security-Policy" content="${policy}" />`,
      )
    },
  },
})

const LATE =
  /(?:curves-more|live|Live|image|value|hexinput|arbitrary|recording|digest|describe|prose|meanings|notes|inspect|events|tpm-state|extras|around|Lanes|lane-pictures|Wires|Inspector|TpmState|RegisterMap|Events|HexView|Dialogs|Keys|Paste|Files|main)\.tsx?$/
/** Modules of ours that the page needs before the first step. */
const isCore = (id: string): boolean =>
  /[\\/]src[\\/]/.test(id) && /\.tsx?$/.test(id) && !/node_modules/.test(id) && !LATE.test(id)

export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  plugins: [react(), contentSecurityPolicy()],
  build: {
    target: 'es2023',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    copyPublicDir: !isSsrBuild,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'react', test: /node_modules[\\/](?:react|react-dom|scheduler|zustand)[\\/]/ },
            { name: 'noble', test: /node_modules[\\/]@noble[\\/]/ },
            // One file for what every first step needs: small files compress worse. What loads late is left out.
            { name: 'core', test: isCore },
          ],
        },
      },
    },
  },
  test: {
    environment: 'node',
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/e2e/**', 'tests/bench/**', 'node_modules/**'],
    testTimeout: 30_000,
    coverage: { include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
}))
