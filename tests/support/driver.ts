// One TPM that tests send commands to, as bytes or as declared commands with their values.

import './whole.ts'
import type { AnyCodec, Of } from '../../src/codec/codec.ts'
import { type Bytes, fromHex, readBe32 } from '../../src/lib/bytes.ts'
import type { CommandRow, Handles, HandleValues, ResponseHandle } from '../../src/spec/command.ts'
import { Startup } from '../../src/spec/commands/startup.ts'
import { type AuthCommand, type DecodedResponse, decodeResponse, encodeCommand } from '../../src/spec/frame.ts'
import { returnCodeName } from '../../src/spec/return-codes.ts'
import type { TpmEvent } from '../../src/tpm/events.ts'
import { executeNow } from '../../src/tpm/execute-now.ts'
import { type Profile } from '../../src/tpm/profile.ts'
import { PROFILES } from '../../src/tpm/profiles/index.ts'
import { elapse, manufacture, powerOn, type Tpm } from '../../src/tpm/tpm.ts'

/** Same entropy in every test. */
const SEED: Bytes = new Uint8Array(32)

export class Driver {
  tpm: Tpm
  /** Of the last command. */
  events: readonly TpmEvent[] = []
  private readonly profile: Profile
  private at = 0

  constructor(profile: Profile = PROFILES.crbscope) {
    this.profile = profile
    this.tpm = powerOn(manufacture(SEED, profile))
  }

  /** A TPM on which TPM2_Startup(CLEAR) was done. */
  static started(profile?: Profile): Driver {
    const d = new Driver(profile)
    d.ok(Startup, {}, { startupType: 0 })
    return d
  }

  reset(): void {
    this.tpm = powerOn(manufacture(SEED, this.profile))
    this.at = 0
  }

  powerCycle(): void {
    this.tpm = powerOn(this.tpm)
    this.at = 0
  }

  locality(locality: number): void {
    this.at = locality
  }

  elapse(microseconds: number): void {
    this.tpm = elapse(this.tpm, microseconds)
  }

  command(bytes: Bytes): Bytes {
    const { response, tpm, events } = executeNow(this.tpm, bytes, this.at)
    this.tpm = tpm
    this.events = events
    return response
  }

  /** The return code, in words, of a command given in hexadecimal (spaces allowed). */
  rc(hex: string): string {
    return returnCodeName(readBe32(this.command(fromHex(hex.replaceAll(' ', ''))), 6))
  }

  run<H extends Handles, P extends AnyCodec, R extends AnyCodec, O extends ResponseHandle | undefined>(
    row: CommandRow<H, P, R, O>,
    handles: HandleValues<H>,
    params: Of<P>,
    auths?: readonly AuthCommand[],
  ): DecodedResponse<Of<R>> {
    return decodeResponse(row, this.command(encodeCommand(row, handles, params, auths)))
  }

  /** @throws Error when the command does not succeed */
  ok<H extends Handles, P extends AnyCodec, R extends AnyCodec, O extends ResponseHandle | undefined>(
    row: CommandRow<H, P, R, O>,
    handles: HandleValues<H>,
    params: Of<P>,
    auths?: readonly AuthCommand[],
  ): DecodedResponse<Of<R>> & { readonly returns: Of<R> } {
    const r = this.run(row, handles, params, auths)
    if (r.returns === undefined) throw new Error(`${row.name}: ${returnCodeName(r.rc)}`)
    return r as DecodedResponse<Of<R>> & { readonly returns: Of<R> }
  }

  /** The return code in words. */
  fails<H extends Handles, P extends AnyCodec, R extends AnyCodec, O extends ResponseHandle | undefined>(
    row: CommandRow<H, P, R, O>,
    handles: HandleValues<H>,
    params: Of<P>,
    auths?: readonly AuthCommand[],
  ): string {
    return returnCodeName(this.run(row, handles, params, auths).rc)
  }
}
