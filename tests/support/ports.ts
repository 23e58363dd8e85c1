// A port of loopback that is free, and the one after it too: what `crbscope serve` needs.

import { createServer, type Server } from 'node:net'

const bound = (port: number): Promise<Server | undefined> =>
  new Promise(done => {
    const server = createServer()
    server.once('error', () => done(undefined))
    server.listen({ host: '127.0.0.1', port }, () => done(server))
  })

const closed = (s: Server): Promise<void> => new Promise(done => void s.close(() => done()))

export async function freePort(): Promise<number> {
  for (;;) {
    const first = await bound(0)
    if (!first) continue
    const { port } = first.address() as { port: number }
    const second = await bound(port + 1)
    await closed(first)
    if (!second) continue
    await closed(second)
    return port
  }
}
