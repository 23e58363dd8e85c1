// A CRB device for tests: its configuration, short ways to drive it as a guest does, and commands of any length.

import { busRead, busWrite } from '../../src/hw/bus.ts'
import { CRB, WINDOW_AT } from '../../src/hw/crb.map.ts'
import { type Crb, qemuCrb } from '../../src/hw/crb.ts'
import type { DeviceConfig, Effect } from '../../src/hw/device.ts'
import { be32, type Bytes, concat } from '../../src/lib/bytes.ts'

export const CONFIG: DeviceConfig = {
  capChunk: true,
  backendBufferSize: 4096,
  allowChunkMigration: true,
  established: false,
  windowSize: 3968,
}

export const fresh = (config: Partial<DeviceConfig> = {}): Crb => qemuCrb.create({ ...CONFIG, ...config })

/** A message of `length` bytes with a header that says so, or says `claims`. */
export const message = (length: number, seed = 1, claims = length): Bytes => {
  const body = Uint8Array.from({ length: Math.max(length - 6, 0) }, (_, i) => (seed + i * 37 + (i >> 8) * 11) & 255)
  return concat(Uint8Array.of(0x80, 0x01), be32(claims), body)
}

/** Drives a device as a guest does; `effects` are those of the last write or completion. */
export class Driver {
  d: Crb
  effects: readonly Effect[] = []

  constructor(config: Partial<DeviceConfig> = {}) {
    this.d = fresh(config)
  }

  write(register: { readonly at: number }, value: number): this {
    const done = busWrite(qemuCrb, this.d, register.at, 4, value)
    this.d = done.device
    this.effects = done.effects
    return this
  }

  read(register: { readonly at: number }): number {
    return busRead(qemuCrb, this.d, register.at, 4)
  }

  acquire(): this {
    return this.write(CRB.LOC_CTRL, 1).write(CRB.CTRL_REQ, 1)
  }

  store(data: Bytes, at = 0): this {
    this.d = qemuCrb.writeWindow(this.d, WINDOW_AT + at, data)
    return this
  }

  show(length = this.d.config.windowSize, at = 0): Bytes {
    return qemuCrb.readWindow(this.d, WINDOW_AT + at, length)
  }

  start(): this {
    return this.write(CRB.CTRL_START, 1)
  }

  next(): this {
    return this.write(CRB.CTRL_START, 4)
  }

  retry(): this {
    return this.write(CRB.CTRL_START, 2)
  }

  /** Sends in chunks of the window, the last by Start. */
  send(command: Bytes): this {
    const size = this.d.config.windowSize
    for (let at = 0; at < command.length; at += size) {
      this.store(command.slice(at, at + size))
      if (at + size < command.length) this.next()
      else this.start()
    }
    return this
  }

  complete(answer: Bytes | 'failed'): this {
    const done = qemuCrb.complete(this.d, answer)
    this.d = done.device
    this.effects = done.effects
    return this
  }

  /** Reads a response of `length` bytes, asking for chunks. */
  receive(length: number): Bytes {
    const size = this.d.config.windowSize
    const parts = [this.show(Math.min(size, length))]
    for (let at = size; at < length; at += size) parts.push(this.next().show(Math.min(size, length - at)))
    return concat(...parts)
  }

  /** The effects in short: "taken 0+10/10". */
  get did(): string {
    return this.effects
      .map(e => {
        if (e.kind === 'taken' || e.kind === 'filled') {
          return `${e.kind} ${e.offset}+${e.length}/${e.total}${e.kind === 'filled' && e.retry ? ' retry' : ''}`
        }
        if (e.kind === 'submit') return `submit ${e.command.length}, room ${e.room}`
        if (e.kind === 'completed') return `completed ${e.length}`
        return e.kind === 'ignored' ? `ignored: ${e.why}` : e.kind
      })
      .join('; ')
  }
}
