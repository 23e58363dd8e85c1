// Which Chromium drives the browser tests and the pictures: CHROMIUM_PATH, Debian's, or the one Playwright downloaded.

import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chromium } from 'playwright'

const DEBIAN = '/usr/bin/chromium'

/** Whether the program at `path` starts and names its version. */
export const works = path => spawnSync(path, ['--version', '--no-sandbox'], { stdio: 'ignore' }).status === 0

/** The path to use, or undefined when there is none. A path named by CHROMIUM_PATH is never replaced by another. */
export function chromiumPath() {
  const named = process.env.CHROMIUM_PATH
  if (named) return named
  if (existsSync(DEBIAN)) return DEBIAN
  const downloaded = chromium.executablePath()
  return existsSync(downloaded) ? downloaded : undefined
}
