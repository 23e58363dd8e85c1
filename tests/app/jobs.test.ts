// The page's side of long work: one worker at a time, results remembered, and nobody told who does not wait any more.

import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ask, stop } from '../../src/app/jobs.ts'
import { drbg } from '../../src/crypto/drbg.ts'
import { type Job, type JobResult } from '../../src/crypto/jobs.ts'
import { runJob } from '../../src/crypto/run-job.ts'

class FakeWorker {
  static made: FakeWorker[] = []
  job: Job | undefined
  ended = false
  private readonly on: { [type: string]: (e: { data: JobResult }) => void } = {}
  constructor() {
    FakeWorker.made.push(this)
  }
  addEventListener(type: string, listener: (e: { data: JobResult }) => void): void {
    this.on[type] = listener
  }
  postMessage(job: Job): void {
    this.job = job
  }
  terminate(): void {
    this.ended = true
  }
  emit(type: 'message' | 'error'): void {
    this.on[type]?.({ data: runJob(this.job as Job) })
  }
}

const job = (n: number): Job => ({ kind: 'rsa-key', keyBits: 1024, exponent: 65_537, drbg: drbg(Uint8Array.of(n)) })
const worker = (n: number): FakeWorker => FakeWorker.made[n] as FakeWorker
const soon = (): Promise<void> => new Promise(done => setTimeout(done))

beforeEach(() => {
  FakeWorker.made = []
  vi.stubGlobal('Worker', FakeWorker)
})
afterEach(() => {
  stop()
  vi.unstubAllGlobals()
})

it('gives the result of the worker, ends it, and remembers the result', async () => {
  const told = vi.fn<(r: JobResult) => void>()
  ask(job(1), told)
  expect(told).not.toHaveBeenCalled()
  worker(0).emit('message')
  expect(told).toHaveBeenCalledExactlyOnceWith(runJob(job(1)))
  expect(worker(0).ended).toBe(true)
  ask(job(1), told)
  await soon()
  expect([told.mock.calls.length, FakeWorker.made.length]).toEqual([2, 1])
})

it('asked again while it works, it goes on, and tells who asked last', () => {
  const [first, second] = [vi.fn<(r: JobResult) => void>(), vi.fn<(r: JobResult) => void>()]
  ask(job(2), first)
  ask(job(2), second)
  expect(FakeWorker.made).toHaveLength(1)
  worker(0).emit('message')
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 1])
})

it('drops what it does for another job, or when it is told to stop', () => {
  const [first, second] = [vi.fn<(r: JobResult) => void>(), vi.fn<(r: JobResult) => void>()]
  ask(job(3), first)
  ask(job(4), second)
  expect(worker(0).ended).toBe(true)
  worker(0).emit('message')
  expect([first.mock.calls.length, second.mock.calls.length]).toEqual([0, 0])
  stop()
  expect(worker(1).ended).toBe(true)
  worker(1).emit('message')
  expect(second).not.toHaveBeenCalled()
})

it('a worker that cannot start is no reason to wait for ever', async () => {
  const told = vi.fn<(r: JobResult) => void>()
  ask(job(5), told)
  worker(0).emit('error')
  await vi.waitFor(() => expect(told).toHaveBeenCalled())
  expect(told).toHaveBeenCalledExactlyOnceWith(runJob(job(5)))
})
