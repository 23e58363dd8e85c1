// Storing a state, stopped at any step and inside any write: on a disk that forgets what was not flushed, there is the old
// state or the new one. And the same with the steps wrong, which must be noticed.

import { describe, expect, it } from 'vitest'
import { randomFrom, type Random } from '../../src/codec/arbitrary.ts'
import { equal } from '../../src/lib/bytes.ts'
import { besideOf, type Disk, replaceFile } from '../../src/cli/replace.ts'
import { toBlobs } from '../../src/nvram/blobs.ts'
import { NONCES, seal, type Sealed } from '../../src/nvram/sealed.ts'
import { openStored } from '../../src/nvram/stored.ts'
import { fresh, keyOf, withIndex } from '../support/states.ts'

const PATH = '/folder/state'
const FOLDER = 1

class Killed extends Error {}

interface Inode {
  /** As it would be read now, and as much of it as a loss of power surely leaves. */
  now: number[]
  safe: number[]
}

/** Files as a crash leaves them: what was written and not flushed is there in part, names that were not flushed may be old. */
class FaultyDisk implements Disk {
  private names = new Map<string, Inode>()
  /** What each name was before it was changed, until the folder is flushed. */
  private readonly unsure: (() => void)[] = []
  private readonly open = new Map<number, Inode>()
  private next = 10
  /** Operations and bytes until the process is killed. */
  left = Number.POSITIVE_INFINITY
  steps = 0

  constructor(content: Uint8Array) {
    this.names.set(PATH, { now: [...content], safe: [...content] })
  }
  private step(n = 1): void {
    this.steps += n
    this.left -= n
    if (this.left < 0) throw new Killed()
  }
  private name(path: string, inode: Inode | undefined): void {
    const before = new Map(this.names)
    this.unsure.push(() => {
      this.names = before
    })
    if (inode) this.names.set(path, inode)
    else this.names.delete(path)
  }
  create(path: string): number {
    this.step()
    const inode = this.names.get(path) ?? { now: [], safe: [] }
    inode.now = []
    if (!this.names.has(path)) this.name(path, inode)
    this.open.set(this.next, inode)
    return this.next++
  }
  write(file: number, bytes: Uint8Array, from: number): number {
    const inode = this.open.get(file) as Inode
    // Not all at once: a write may be short.
    const n = Math.min(bytes.length - from, 1 + ((from * 7) % 1500))
    const got = Math.min(n, Math.max(0, this.left))
    inode.now.push(...bytes.slice(from, from + got))
    this.step(n)
    return n
  }
  flush(file: number): void {
    this.step()
    const inode = this.open.get(file) as Inode
    inode.safe = [...inode.now]
  }
  close(file: number): void {
    this.step()
    this.open.delete(file)
  }
  rename(from: string, to: string): void {
    this.step()
    const inode = this.names.get(from)
    this.name(to, inode)
    this.names.delete(from)
  }
  flushFolder(): void {
    this.step()
    this.unsure.length = 0
  }
  /** Power goes. @returns what the name leads to afterwards */
  crash(random: Random): Uint8Array | undefined {
    // Some of the last changes of names are lost, in order from the last.
    for (let lose = random() % (this.unsure.length + 1); lose > 0; lose--) this.unsure.pop()?.()
    const inode = this.names.get(PATH)
    if (!inode) return undefined
    const { now, safe } = inode
    // What was not flushed: nothing of it, a part, or all, and its length may be right with zeros for content.
    const way = random() % 4
    if (way === 0) return Uint8Array.from(safe)
    if (way === 1) return Uint8Array.from(now)
    const kept = random() % (now.length + 1)
    const torn = now.map((b, i) => (i < kept || b === safe[i] ? b : 0))
    if (equal(Uint8Array.from(now), Uint8Array.from(safe))) return Uint8Array.from(safe)
    return Uint8Array.from(way === 2 ? torn : torn.slice(0, kept))
  }
}

const KEY = keyOf(256)
const nonces = (random: Random): Uint8Array => Uint8Array.from({ length: NONCES }, () => random() >>> 24)

/** A run of versions of one TPM, each sealed on top of the one before. */
function versions(random: Random, n: number): readonly Sealed[] {
  const out: Sealed[] = []
  for (let i = 0; i < n; i++) {
    const d = withIndex(`version ${i}`, 64 + (i % 3) * 700)
    out.push(seal(toBlobs(d.tpm, false), KEY, nonces(random), out.at(-1)))
  }
  return out
}

interface Outcome {
  old: number
  new: number
  neither: number
}

/** Stores with one step order, killed at `points` random places. */
function kill(points: number, seed: number, store: (disk: Disk, bytes: Uint8Array) => void): Outcome {
  const random = randomFrom(seed)
  const states = versions(random, 12)
  const outcome: Outcome = { old: 0, new: 0, neither: 0 }
  const whole = new FaultyDisk(states[0]?.image as Uint8Array)
  store(whole, states[1]?.image as Uint8Array)
  for (let i = 0; i < points; i++) {
    const before = states[random() % (states.length - 1)] as Sealed
    const after = states[states.indexOf(before) + 1] as Sealed
    const disk = new FaultyDisk(before.image as Uint8Array)
    // Half of the kills fall between the steps after the last byte, which are few.
    const end = after.image.length + 6
    disk.left = random() % 2 ? random() % (end + 1) : after.image.length + (random() % 8)
    let done = false
    try {
      store(disk, after.image as Uint8Array)
      done = true
    } catch (e) {
      if (!(e instanceof Killed)) throw e
    }
    const found = disk.crash(random)
    const is = (s: Sealed): boolean => found !== undefined && equal(found, s.image)
    if (is(after)) outcome.new++
    else if (is(before) && !done) outcome.old++
    else outcome.neither++
    // Whatever it is, it opens, and to the TPM that it was made of.
    if (found && (is(before) || is(after))) openStored(found, KEY, fresh)
  }
  return outcome
}

describe('a state that is stored', () => {
  it('is the old or the new one after a kill at each of 1,000 random points, never neither', {
    timeout: 120_000,
  }, () => {
    const outcome = kill(1000, 2011, (disk, bytes) => replaceFile(disk, PATH, FOLDER, bytes))
    expect(outcome.neither).toBe(0)
    expect(outcome.old).toBeGreaterThan(100)
    expect(outcome.new).toBeGreaterThan(100)
    expect(outcome.old + outcome.new).toBe(1000)
  })

  it.each([
    [
      'written over',
      (disk: Disk, bytes: Uint8Array) => {
        const f = disk.create(PATH)
        for (let at = 0; at < bytes.length; ) at += disk.write(f, bytes, at)
        disk.flush(f)
        disk.close(f)
      },
    ],
    [
      'renamed before it was flushed',
      (disk: Disk, bytes: Uint8Array) => replaceFile({ ...bound(disk), flush: () => undefined }, PATH, FOLDER, bytes),
    ],
    [
      'acknowledged before its name was flushed',
      (disk: Disk, bytes: Uint8Array) =>
        replaceFile({ ...bound(disk), flushFolder: () => undefined }, PATH, FOLDER, bytes),
    ],
  ])('would be lost if it were %s: the disk of this test tells', (_, store) => {
    expect(kill(300, 7, store).neither).toBeGreaterThan(0)
  })

  it('leaves a file beside it only when it was killed, and that one is written over', () => {
    const disk = new FaultyDisk(Uint8Array.of(1))
    disk.left = 3
    expect(() => replaceFile(disk, PATH, FOLDER, new Uint8Array(5000))).toThrow(Killed)
    disk.left = Number.POSITIVE_INFINITY
    replaceFile(disk, PATH, FOLDER, Uint8Array.of(2, 3))
    expect(disk.crash(randomFrom(1))).toEqual(Uint8Array.of(2, 3))
    expect(besideOf(PATH)).toBe('/folder/.state.new')
  })
})

/** The methods of a disk as members of an object. */
const bound = (disk: Disk): Disk => ({
  create: p => disk.create(p),
  write: (f, b, n) => disk.write(f, b, n),
  flush: f => disk.flush(f),
  close: f => disk.close(f),
  rename: (a, b) => disk.rename(a, b),
  flushFolder: f => disk.flushFolder(f),
})
