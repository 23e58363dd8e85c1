// A TPM beside a model of what it has promised: what it acknowledged and what is not orderly stays, counters never go
// back, and no orderly counter shows a value twice. Part 1, 34; Part 3, 9.

import { type Bytes, bytes, concat, EMPTY, readBe32, toHex } from '../../src/lib/bytes.ts'
import { readImage, writeImage } from '../../src/nvram/image.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { SU } from '../../src/spec/codes.ts'
import { EvictControl, FlushContext } from '../../src/spec/commands/context.ts'
import { HierarchyChangeAuth } from '../../src/spec/commands/hierarchy-control.ts'
import { NV_DefineSpace, NV_Extend, NV_Increment, NV_Read, NV_SetBits, NV_Write } from '../../src/spec/commands/nv.ts'
import { ReadPublic } from '../../src/spec/commands/object.ts'
import { Shutdown, Startup } from '../../src/spec/commands/startup.ts'
import { password } from '../../src/spec/frame.ts'
import { RH } from '../../src/spec/handles.ts'
import { NT, NV } from '../../src/spec/nv.ts'
import { hash } from '../../src/crypto/hash.ts'
import { nvChanged, powerOn, type Tpm } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'
import { create, templates } from '../support/keys.ts'

export const DATA = 0x01000001
export const ORDERLY_DATA = 0x01000002
export const COUNTER = 0x01000003
export const ORDERLY_COUNTER = 0x01000004
const BITS = 0x01000005
const EXTEND = 0x01000006
const RIGHTS = NV.AUTHREAD | NV.AUTHWRITE | NV.OWNERREAD | NV.OWNERWRITE | NV.NO_DA

function same<T>(is: T, promised: T): void {
  if (is !== promised) throw new Error(`${String(is)}, promised was ${String(promised)}`)
}
function must(holds: boolean): void {
  if (!holds) throw new Error('a counter went back, or came by a value again')
}

const number = (data: Bytes): number => readBe32(data, 0) * 2 ** 32 + readBe32(data, 4)

/** A TPM beside what it must remember. */
export class Model {
  readonly d = new Driver()
  /** What a loss of power leaves of it: the last state of which NV memory had to be written. */
  private stored: Tpm = this.d.tpm
  private ownerAuth: Bytes = EMPTY
  private data: Bytes = new Uint8Array(8)
  /** Undefined after a TPM Reset, orderly or not, until it is written again. Part 3, 9.3 */
  private orderlyData: Bytes | undefined
  private counter = 0
  private bits = 0
  private extended: Bytes = new Uint8Array(32)
  private readonly persistent = new Map<number, Bytes>()
  private readonly orderlySeen = new Set<number>()
  private orderlyLast = 0
  readonly cycles = { orderly: 0, disorderly: 0, resume: 0, restart: 0, reset: 0 }

  constructor() {
    const { d } = this
    d.ok(Startup, {}, { startupType: SU.CLEAR })
    this.define(DATA, NT.ORDINARY, 8)
    this.define(ORDERLY_DATA, NT.ORDINARY, 8, NV.ORDERLY)
    this.define(COUNTER, NT.COUNTER, 8)
    this.define(ORDERLY_COUNTER, NT.COUNTER, 8, NV.ORDERLY)
    this.define(BITS, NT.BITS, 8)
    this.define(EXTEND, NT.EXTEND, 32)
    this.write(DATA, this.data)
    this.increment(COUNTER)
    this.increment(ORDERLY_COUNTER)
    this.setBit(0)
    this.fold(bytes(1))
    this.keep()
  }

  private get auths() {
    return [password(this.ownerAuth)]
  }
  private define(nvIndex: number, type: number, dataSize: number, more = 0): void {
    const attributes = (RIGHTS | more | (type << 4)) >>> 0
    const publicInfo = { nvIndex, nameAlg: ALG.SHA256, attributes, authPolicy: EMPTY, dataSize }
    this.d.ok(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: EMPTY, publicInfo })
  }
  private at(nvIndex: number) {
    return { authHandle: nvIndex, nvIndex }
  }
  private read(nvIndex: number, size = 8): Bytes | undefined {
    const r = this.d.run(NV_Read, this.at(nvIndex), { size, offset: 0 })
    return r.returns?.data
  }

  /** What a server does after every command. */
  keep(): void {
    if (nvChanged(this.stored, this.d.tpm)) this.stored = this.d.tpm
  }

  write(nvIndex: number, data: Bytes): void {
    this.d.ok(NV_Write, this.at(nvIndex), { data, offset: 0 })
    if (nvIndex === DATA) this.data = data
    else this.orderlyData = data
  }
  increment(nvIndex: number): void {
    this.d.ok(NV_Increment, this.at(nvIndex), {})
    const value = number(this.read(nvIndex) as Bytes)
    if (nvIndex === COUNTER) {
      must(value > this.counter)
      this.counter = value
      return
    }
    must(value > this.orderlyLast)
    same(this.orderlySeen.has(value), false)
    this.orderlySeen.add(value)
    this.orderlyLast = value
  }
  setBit(n: number): void {
    this.bits = (this.bits | (1 << n)) >>> 0
    this.d.ok(NV_SetBits, this.at(BITS), { bits: 1n << BigInt(n) })
  }
  fold(data: Bytes): void {
    this.d.ok(NV_Extend, this.at(EXTEND), { data })
    this.extended = hash(ALG.SHA256, concat(this.extended, data))
  }
  changeAuth(newAuth: Bytes): void {
    this.d.ok(HierarchyChangeAuth, { authHandle: RH.OWNER }, { newAuth }, this.auths)
    this.ownerAuth = newAuth
  }
  /** Makes a key persistent, or takes it away. */
  evict(persistentHandle: number): void {
    const { d } = this
    const old = this.persistent.get(persistentHandle)
    if (old) {
      d.ok(EvictControl, { auth: RH.OWNER, objectHandle: persistentHandle }, { persistentHandle }, this.auths)
      this.persistent.delete(persistentHandle)
      return
    }
    const { handle, name } = create(d, templates.hmacKey(), { hierarchy: RH.PLATFORM })
    const platform = { auth: RH.PLATFORM, objectHandle: handle }
    d.ok(EvictControl, platform, { persistentHandle: persistentHandle + 0x800000 })
    d.ok(FlushContext, {}, { flushHandle: handle })
    this.persistent.set(persistentHandle + 0x800000, name)
  }
  drop(handle: number): void {
    if (!this.persistent.delete(handle)) return
    this.d.ok(EvictControl, { auth: RH.PLATFORM, objectHandle: handle }, { persistentHandle: handle })
  }

  cycle(shutdown: number | undefined, startup: number): void {
    const { d } = this
    if (shutdown !== undefined) d.ok(Shutdown, {}, { shutdownType: shutdown })
    this.keep()
    // Power is lost: what comes back is what was stored, through its bytes.
    d.tpm = powerOn(readImage(writeImage(this.stored), () => this.stored))
    const resume = shutdown === SU.STATE && startup === SU.STATE
    if (startup === SU.STATE && !resume) {
      same(d.fails(Startup, {}, { startupType: SU.STATE }), 'TPM_RC_VALUE, parameter 1')
    }
    d.ok(Startup, {}, { startupType: resume ? SU.STATE : SU.CLEAR })
    this.keep()
    this.cycles[shutdown === undefined ? 'disorderly' : 'orderly']++
    this.cycles[resume ? 'resume' : shutdown === SU.STATE ? 'restart' : 'reset']++
    this.check(shutdown !== undefined, shutdown !== SU.STATE)
  }

  private check(orderly: boolean, reset: boolean): void {
    same(toHex(this.read(DATA) as Bytes), toHex(this.data))
    same(number(this.read(COUNTER) as Bytes), this.counter)
    same(readBe32(this.read(BITS) as Bytes, 4), this.bits)
    same(toHex(this.read(EXTEND, 32) as Bytes), toHex(this.extended))
    for (const [objectHandle, name] of this.persistent) {
      same(toHex(this.d.ok(ReadPublic, { objectHandle }, {}).returns.name), toHex(name))
    }
    same(toHex(this.d.tpm.hierarchies.owner.auth), toHex(this.ownerAuth))
    const data = this.read(ORDERLY_DATA)
    if (reset) this.orderlyData = undefined
    same(data && toHex(data), this.orderlyData && toHex(this.orderlyData))
    const value = number(this.read(ORDERLY_COUNTER) as Bytes)
    // Never back; not even to where it was when it was counted up unseen.
    must(value >= this.orderlyLast)
    if (!orderly) this.orderlyLast = Math.max(this.orderlyLast, value)
  }
}
