// For browser tests: `crbscope serve --live` as a process, and a client without tpm2-tools over swtpm's command channel,
// where a command is sent as it is.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { freePort } from '../support/ports.ts'
import { CLI } from '../support/cli.ts'

const ROOT = join(import.meta.dirname, '..', '..')

export interface Served {
  readonly port: number
  readonly url: string
  complaints: string
  stop(): Promise<void>
}

export async function serve(): Promise<Served> {
  const port = await freePort()
  const args = [CLI, 'serve', '--live', '--port', String(port)]
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  const served = {
    port,
    url: '',
    complaints: '',
    async stop() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
  child.stderr.on('data', d => {
    served.complaints += String(d)
  })
  let out = ''
  while (!out.includes('live at')) out += String(((await once(child.stdout, 'data')) as unknown[])[0])
  return Object.assign(served, { url: /live at (\S+)/.exec(out)?.[1] ?? '' })
}

/** Sends one command and waits for its answer. @returns the response code */
export async function exchange(port: number, command: string): Promise<number> {
  const socket = connect(port, '127.0.0.1')
  socket.write(Buffer.from(command, 'hex'))
  let got = Buffer.alloc(0)
  for await (const part of socket) {
    got = Buffer.concat([got, part as Buffer])
    if (got.length >= 10 && got.length >= got.readUInt32BE(2)) break
  }
  socket.destroy()
  return got.readUInt32BE(6)
}

/** Which command a tool waits for. */
export const waits = (page: Page) => page.locator('[data-live-command]')
