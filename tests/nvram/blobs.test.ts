// The three blobs of a TPM: what goes into which, and that a TPM comes back from them as if only its power had gone.

import { describe, expect, it } from 'vitest'
import { writeMembers, write } from '../../src/codec/value.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { fromBlobs, membersOf, toBlobs } from '../../src/nvram/blobs.ts'
import { BLOB_NAMES, permanentBlob } from '../../src/nvram/members.ts'
import { StateError } from '../../src/nvram/state-error.ts'
import { Shutdown, Startup } from '../../src/spec/commands/startup.ts'
import { nvChanged, powerOn, type Tpm } from '../../src/tpm/tpm.ts'
import { Driver } from '../support/driver.ts'
import { fresh, shutDown, withIndex } from '../support/states.ts'

describe('members of the state', () => {
  it('are in one blob each, but what Shutdown(STATE) keeps of RAM', () => {
    const all = Object.keys(Driver.started().tpm).sort()
    const twice = ['objectCounter', 'sessionCounter', 'sessions']
    const kept = BLOB_NAMES.flatMap(membersOf)
    expect([...kept].sort()).toEqual([...all, ...twice].sort())
  })

  it('in the volatile blob are those whose change need not reach NV memory', () => {
    const { tpm } = Driver.started()
    const differs = (m: string): Tpm => ({ ...tpm, [m]: {} })
    for (const m of membersOf('volatile')) expect(nvChanged(tpm, differs(m)), m).toBe(false)
    // The generator is kept, although losing its last state is harmless where fresh entropy comes with every start.
    for (const m of membersOf('permanent').filter(x => x !== 'drbg' && x !== 'clock' && x !== 'timeEpoch')) {
      expect(nvChanged(tpm, differs(m)), m).toBe(true)
    }
  })
})

describe('blobs', () => {
  it('of a running TPM give it back whole', () => {
    const d = withIndex('running')
    d.rc('8001 0000000e 00000186 0000 000b')
    expect(fromBlobs(toBlobs(d.tpm, true), fresh)).toEqual({ ...d.tpm })
    const off = shutDown()
    expect(fromBlobs(toBlobs(off, true), fresh)).toEqual({ ...off })
  })

  /** Both TPMs get power and TPM2_Startup; RAM that Startup does not touch is an input of the platform. */
  const startedAgain = (tpm: Tpm, type: number): Tpm => {
    const d = new Driver()
    d.tpm = powerOn(tpm)
    d.ok(Startup, {}, { startupType: type })
    return d.tpm
  }

  it.each([
    ['reset, without a shutdown', undefined, 0],
    ['reset, in order', 0, 0],
    ['restart', 1, 0],
    ['resume', 1, 1],
  ])('without the volatile one: TPM %s goes on as after a power cycle', (_, shutdown, startup) => {
    const d = withIndex('power')
    d.rc('8001 0000000e 00000186 0000 000b')
    if (shutdown !== undefined) d.ok(Shutdown, {}, { shutdownType: shutdown })
    const back = fromBlobs(toBlobs(d.tpm, false), fresh)
    expect(startedAgain(back, startup)).toEqual(startedAgain(d.tpm, startup))
  })

  it('have a save state only between Shutdown and Startup', () => {
    const d = withIndex('x')
    expect(toBlobs(d.tpm, false)['save-state']).toBeUndefined()
    d.ok(Shutdown, {}, { shutdownType: 0 })
    const clear = toBlobs(d.tpm, false)['save-state']
    expect(clear).toBeDefined()
    expect(toBlobs(shutDown(), false)['save-state']?.length).toBeGreaterThan(100 + (clear?.length ?? 0))
  })

  it('are written from members that are kept as bytes, and no different for it', () => {
    const { tpm } = withIndex('cached')
    const members = Object.fromEntries(
      membersOf('permanent').map(m => [m, (tpm as unknown as Record<string, unknown>)[m]]),
    )
    expect(toHex(permanentBlob(tpm))).toBe(toHex(write({ ...members, profile: tpm.profile.id })))
    expect(toHex(permanentBlob(tpm))).toBe(toHex(permanentBlob({ ...tpm })))
  })

  it.each([
    ['no value', Uint8Array.of(99), /^damaged: blob "permanent": an unknown kind of value/, 'damaged'],
    ['a list', write([]), /^damaged: blob "permanent" holds no members/, 'damaged'],
    [
      'a member of later',
      write({ profile: 'crbscope', tea: 1 }),
      /^newer than this program knows: blob "permanent"/,
      'newer',
    ],
    ['no profile', write({}), /^of an unknown profile, undefined/, 'damaged'],
    [
      'a member of another kind',
      write({ profile: 'crbscope', nv: [] }),
      /^no state of this TPM: nv is a list/,
      'damaged',
    ],
    ['a volatile member', write({ profile: 'crbscope', pcrs: {} }), /member "pcrs"/, 'newer'],
  ])('are refused in words: %s', (_, permanent, what, reason) => {
    expect(() => fromBlobs({ permanent }, fresh)).toThrow(what)
    try {
      fromBlobs({ permanent }, fresh)
    } catch (e) {
      expect((e as StateError).reason).toBe(reason)
    }
  })
})

describe('members written already', () => {
  it('make the object that they are members of', () => {
    const v: { [name: string]: unknown } = { a: 1, b: new Uint8Array(3), c: undefined, d: { e: 'text' }, f: null }
    expect(toHex(writeMembers(Object.keys(v), n => v[n], write))).toBe(toHex(write(v)))
  })
})
