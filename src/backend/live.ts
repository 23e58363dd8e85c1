// What `crbscope serve --live` and its page say to each other, without sockets: server-sent events one way, JSON posts the
// other. Whatever comes in is checked; bytes travel as hexadecimal.

import { type Bytes, readBe32, toHex } from '../lib/bytes.ts'
import { bytes, flag, int, LiveError, object, text } from './posted.ts'

/** To the page that drives. */
export type Told =
  /** The TPM as it is, and the address that tools use. */
  | { readonly t: 'hello'; readonly where: string; readonly image: Bytes; readonly locality: number }
  /** Another page drives. Nothing follows. */
  | { readonly t: 'refused'; readonly why: string }
  /** A tool waits. `image` is there when the TPM is not the one that the last command left, `elapsed` in microseconds. */
  | {
      readonly t: 'command'
      readonly id: number
      readonly command: Bytes
      readonly locality: number
      readonly elapsed: number
      readonly image?: Bytes
    }
  /** The tool gave up waiting for the command and asks for its end. */
  | { readonly t: 'cancel'; readonly id: number }
  /** Something besides commands changed the TPM. @see Outside in src/machine/machine.ts for `reset` */
  | {
      readonly t: 'platform'
      readonly label: string
      readonly image: Bytes
      readonly locality: number
      readonly reset: boolean
    }
  /** Something that the viewer must know. */
  | { readonly t: 'note'; readonly text: string; readonly wrong: boolean }

/** From the page: what the tool may be given. */
export interface Done {
  readonly id: number
  /** What the driver returned: the length of the response, or a negative errno. */
  readonly rc: number
  readonly response: Bytes
  /** The digest that ends the image of the TPM after the command. */
  readonly digest: Bytes
}

const HEADER = 10

/** Octets of the largest message that the interface of the page's machine collects. */
export const ROOM = 8192

/** Whether the interface hands the TPM these very bytes: its header says how many it collects. */
export const carries = (command: Bytes): boolean =>
  command.length >= HEADER && command.length <= ROOM && readBe32(command, 2) === command.length

/** An event as it goes over the connection. */
export function writeTold(e: Told): string {
  const plain = Object.entries(e).map(([k, v]) => [k, v instanceof Uint8Array ? toHex(v) : v])
  return `data: ${JSON.stringify(Object.fromEntries(plain))}\n\n`
}

const MOST = Number.MAX_SAFE_INTEGER

/** The event of the data of a message. @throws LiveError */
export function readTold(data: string): Told {
  const o = object(data)
  const locality = (): number => int(o, 'locality', 0, 4)
  switch (o.t) {
    case 'hello':
      return { t: o.t, where: text(o, 'where'), image: bytes(o, 'image'), locality: locality() }
    case 'refused':
      return { t: o.t, why: text(o, 'why') }
    case 'command':
      return {
        t: o.t,
        id: int(o, 'id', 0, MOST),
        command: bytes(o, 'command'),
        locality: locality(),
        elapsed: int(o, 'elapsed', 0, MOST),
        ...(o.image === undefined ? {} : { image: bytes(o, 'image') }),
      }
    case 'cancel':
      return { t: o.t, id: int(o, 'id', 0, MOST) }
    case 'platform':
      return {
        t: o.t,
        label: text(o, 'label'),
        image: bytes(o, 'image'),
        locality: locality(),
        reset: flag(o, 'reset'),
      }
    case 'note':
      return { t: o.t, text: text(o, 'text'), wrong: flag(o, 'wrong') }
    default:
      throw new LiveError(`unknown event ${JSON.stringify(o.t)}`)
  }
}

export const writeDone = (d: Done): string =>
  JSON.stringify({ id: d.id, rc: d.rc, response: toHex(d.response), digest: toHex(d.digest) })

/** @throws LiveError */
export function readDone(data: string): Done {
  const o = object(data)
  const response = bytes(o, 'response')
  return { id: int(o, 'id', 0, MOST), rc: int(o, 'rc', -MOST, MOST), response, digest: bytes(o, 'digest') }
}

/** What is looked at before anything is answered. */
export interface Asked {
  readonly method: string
  readonly host: string | undefined
  readonly origin: string | undefined
}

/**
 * Why a request is refused: a name that another site pointed at this machine, or a page of another site. Undefined when it
 * may be answered.
 * @param host of this server, as browsers write it
 */
export function refusal(asked: Asked, host: string): string | undefined {
  const { port } = new URL(`http://${host}`)
  const hosts = [host, `localhost:${port}`]
  if (asked.host === undefined || !hosts.includes(asked.host)) return 'wrong Host'
  const origin = `http://${asked.host}`
  if (asked.origin === undefined ? asked.method !== 'GET' : asked.origin !== origin) return 'wrong Origin'
  return undefined
}
