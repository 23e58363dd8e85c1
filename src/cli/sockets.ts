// Sockets around a protocol: bytes that come go into a queue, whole requests come out of it one after the other, and each
// is answered in a single write before the next of the same connection is looked at.

import { createServer, type Server, type Socket } from 'node:net'
import { type Bytes, raw } from '../lib/bytes.ts'
import { ByteQueue } from '../lib/queue.ts'
import { stayAwake } from './awake.ts'
import { failure } from './errors.ts'

/** What becomes of a connection after a request. */
export interface Reply {
  readonly bytes?: Bytes
  /** The connection ends after the answer. */
  readonly close?: boolean
}

export interface Channel<R> {
  /** The next whole request; undefined until all of it has come. */
  next(queue: ByteQueue): R | undefined
  /** A promise only for what takes long: a cheap command is answered before anything else happens. */
  handle(request: R): Reply | Promise<Reply>
}

/** Bytes that may wait while a request is being answered; the socket is read no further until they are fewer. */
const MOST_WAITING = 1 << 16

function converse<R>(socket: Socket, channel: Channel<R>): void {
  const queue = new ByteQueue()
  let busy = false
  let ended = false
  const pump = async (): Promise<void> => {
    if (busy) return
    busy = true
    try {
      for (;;) {
        const request = channel.next(queue)
        if (request === undefined) break
        const handled = channel.handle(request)
        const reply = handled instanceof Promise ? await handled : handled
        if (socket.destroyed) return
        if (reply.close) {
          if (reply.bytes !== undefined) socket.write(raw(reply.bytes))
          socket.end()
          return
        }
        if (reply.bytes !== undefined) socket.write(raw(reply.bytes))
        stayAwake()
      }
    } finally {
      busy = false
    }
    if (ended) socket.end()
    else if (socket.isPaused()) socket.resume()
  }
  socket.setNoDelay(true)
  socket.on('data', (chunk: Uint8Array) => {
    queue.push(chunk)
    if (busy && queue.length > MOST_WAITING) socket.pause()
    void pump()
  })
  // The end of what a client sends is the end of its session and nothing more.
  socket.on('end', () => {
    ended = true
    if (!busy) socket.end()
  })
  // A connection that breaks concerns nobody else.
  socket.on('error', () => socket.destroy())
}

export interface Listener {
  readonly port: number
  close(): void
}

/** Accepts connections. @throws CliError when the port cannot be had */
export function listen<R>(host: string, port: number, channel: () => Channel<R>): Promise<Listener> {
  const open = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, socket => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    converse(socket, channel())
  })
  return new Promise((done, refuse) => {
    server.once('error', (e: NodeJS.ErrnoException) => {
      const why =
        e.code === 'EADDRINUSE'
          ? 'port in use'
          : e.code === 'EACCES'
            ? 'port not allowed'
            : `cannot listen (${e.code ?? e.message})`
      refuse(failure(why, addressOf(host, port)))
    })
    server.listen({ host, port, exclusive: true }, () => {
      done({
        port,
        close() {
          server.close()
          for (const socket of open) socket.destroy()
        },
      })
    })
  })
}

export const addressOf = (host: string, port: number): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
