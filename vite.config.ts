// Build and unit-test configuration. The build works from any static server and any sub-path (base './'), loads
// nothing from elsewhere, and says so to the browser with a Content-Security-Policy written into the page.

import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import react from '@vitejs/plugin-react'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { firstModules } from './scripts/first-load.mjs'

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

/** Files whose content is in the page. */
const inPage = new Set<string>()

/**
 * Writes the styles of the first screen into the page: a script waits for the style sheets before it, and they come after
 * the page itself. Addresses in them are then the page's.
 */
const stylesInPage = (): Plugin => ({
  name: 'styles-in-page',
  apply: 'build',
  // Parts that load later name the sheet among what they need, and could not load without it: they name the script instead.
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      const core = Object.values(bundle).find(f => f.type === 'chunk' && f.name === 'core')
      for (const f of Object.values(bundle)) {
        if (f.type !== 'chunk' || !core) continue
        for (const sheet of inPage) f.code = f.code.replaceAll(basename(sheet), basename(core.fileName))
      }
    },
  },
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      return html.replace(
        /[ \t]*<link rel="stylesheet"[^>]* href="\.\/(assets\/[^"]+\.css)">\n?/g,
        (link, file: string) => {
          const sheet = bundle?.[file]
          if (sheet?.type !== 'asset') return link
          delete bundle?.[file]
          inPage.add(file)
          return `    <style>${String(sheet.source).trim().replaceAll('url(./', 'url(./assets/')}</style>\n`
        },
      )
    },
  },
})

/**
 * Nearly all functions of the files before the first step are called at once: said so, V8 compiles them beside the main
 * thread (explicit compile hints), and the page stands a sixth sooner. Other browsers pass over the comment.
 */
const compiledAtOnce = (): Plugin => ({
  name: 'compiled-at-once',
  apply: 'build',
  generateBundle: {
    order: 'post',
    handler(_, bundle) {
      for (const f of Object.values(bundle)) {
        if (f.type === 'chunk' && ['core', 'react', 'noble'].includes(f.name)) {
          f.code = `//# allFunctionsCalledOnLoad\n${f.code}`
        }
      }
    },
  },
})

/** Modules that the page needs before the first step. */
const FIRST = firstModules(import.meta.dirname, 'src/app/main.tsx')
const isFirst = (id: string): boolean => FIRST.has(id.split('?')[0] as string)
const isEntry = (id: string): boolean => /[\\/]src[\\/]app[\\/]main\.tsx$/.test(id)

export default defineConfig(({ isSsrBuild }) => ({
  base: './',
  plugins: [react(), contentSecurityPolicy(), stylesInPage(), compiledAtOnce()],
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
            { name: 'noble', test: id => /[\\/]@noble[\\/]/.test(id) && isFirst(id) },
            // One file for what every first step needs: small files compress worse.
            { name: 'core', test: id => /[\\/]src[\\/]/.test(id) && isFirst(id) && !isEntry(id) },
          ],
        },
      },
    },
  },
  test: {
    environment: 'node',
    setupFiles: ['tests/support/whole.ts'],
    globalSetup: ['tests/support/cli.ts'],
    // Test files of a worker share the program, compiled and warm; none of them changes it.
    isolate: false,
    include: ['tests/**/*.test.{ts,tsx}'],
    exclude: ['tests/e2e/**', 'tests/bench/**', 'node_modules/**'],
    testTimeout: 30_000,
    coverage: { include: ['src/**'], reporter: ['text-summary', 'html'] },
  },
}))
