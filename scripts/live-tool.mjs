// For npm run pictures: `crbscope serve --live`, and software that sends a TPM2_Quote to it. That is tpm2_quote where there
// are tpm2-tools, and otherwise a client of its own over swtpm's command channel: there a command is sent as it is.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './serve.mjs'

/** A port of loopback that is free, and the one after it too. */
async function freePort() {
  const listen = port =>
    new Promise(done => {
      const server = createServer()
      server.once('error', () => done(undefined)).listen({ host: '127.0.0.1', port }, () => done(server))
    })
  for (;;) {
    const first = await listen(0)
    const port = first?.address().port
    const second = port && (await listen(port + 1))
    first?.close()
    second?.close()
    if (second) return port
  }
}

const SETUP = [
  'tpm2_startup -c',
  'tpm2_createprimary -Q -C e -G ecc -c prim.ctx',
  'tpm2_create -Q -C prim.ctx -G ecc:ecdsa -u k.pub -r k.priv',
  'tpm2_load -Q -C prim.ctx -u k.pub -r k.priv -c k.ctx',
]
const QUOTE = 'tpm2_quote -Q -c k.ctx -l sha256:0,1,7 -q c0ffee -m q.msg -s q.sig -g sha256'

/** TPM2_Startup; TPM2_CreatePrimary of a P-256 key that signs, from an empty template; TPM2_Quote with it, 30 octets of data. */
const SETUP_BYTES = [
  '80010000000c000001440000',
  '80020000004100000131400000010000000940000009000000000000040000000000180023000b0004007200000010001800' +
    '0b0003001000000000000000000000',
]
const QUOTE_BYTES = `800200000047000001588000000000000009400000090000000000001e${'c0ffee'.repeat(10)}001000000001000b03830000`

const SIZE_AT = 2

/** Sends one command. @returns the answer, once all of it is there */
async function exchange(port, hex) {
  const socket = connect(port, '127.0.0.1')
  socket.write(Buffer.from(hex, 'hex'))
  let got = Buffer.alloc(0)
  for await (const part of socket) {
    got = Buffer.concat([got, part])
    if (got.length > 5 && got.length >= got.readUInt32BE(SIZE_AT)) break
  }
  socket.destroy()
  const rc = got.length < 10 ? 'nothing' : got.readUInt32BE(6)
  if (rc !== 0) throw new Error(`the TPM answers ${rc}`)
}

async function run(port, folder, line) {
  const [program, ...args] = line.split(' ')
  const env = { ...process.env, TPM2TOOLS_TCTI: `swtpm:host=127.0.0.1,port=${port}` }
  const tool = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = await once(tool, 'exit')
  if (code !== 0) throw new Error(`${program} ends with ${code}`)
}

/**
 * A server with a key in it.
 * @returns its page; `quote`, which resolves once the quote was answered; and `close`
 */
export async function liveTool() {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'crbscope-pictures-'))
  const args = ['--import', 'tsx', 'src/cli/main.ts', 'serve', '--live', '--port', String(port)]
  const server = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const close = () => {
    server.kill('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
  }
  let out = ''
  while (!out.includes('live at')) out += String((await once(server.stdout, 'data'))[0])
  const tools = spawnSync('tpm2_quote', ['--version']).error === undefined
  const send = step => (tools ? run(port, folder, step) : exchange(port, step))
  return {
    url: /live at (\S+)/.exec(out)?.[1],
    setup: async () => {
      for (const step of tools ? SETUP : SETUP_BYTES) await send(step)
    },
    quote: () => send(tools ? QUOTE : QUOTE_BYTES),
    close,
  }
}
