// The HTTP side of `serve --live`: beside the built page, a stream of events to it, and what it posts back.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { LiveError, readDone } from '../backend/live.ts'
import type { Platform, Stage } from './live.ts'
import { body, refuse, type Served, servePage } from './page-http.ts'

/** Octets of the longest post: a response and two numbers, in hexadecimal. */
const MOST = 1 << 16

interface Surroundings {
  readonly stage: Stage
  readonly folder: string
  now(): Platform
}

function stream({ stage, now }: Surroundings, request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  request.socket.setNoDelay(true)
  const leave = stage.join({ write: text => void response.write(text), end: () => void response.end() }, now())
  response.on('close', leave)
}

function post({ stage }: Surroundings, request: IncomingMessage, response: ServerResponse): void {
  body(request, response, MOST, text => {
    try {
      const known = stage.done(readDone(text))
      if (!known) return refuse(response, 409, 'nobody waits for that')
      response.writeHead(204).end()
    } catch (e) {
      if (!(e instanceof LiveError)) throw e
      refuse(response, 400, e.message)
    }
  })
}

/** Serves on a free port. */
export const serveLive = (around: Surroundings): Promise<Served> =>
  servePage({
    folder: around.folder,
    name: 'live',
    option: '--live',
    handle(path, request, response) {
      if (path === 'GET /events') stream(around, request, response)
      else if (path === 'POST /done') post(around, request, response)
      else return false
      return true
    },
    close: () => around.stage.close(),
  })
