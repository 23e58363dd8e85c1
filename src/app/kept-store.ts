// Where the page keeps a TPM: one record in the browser's database, written in one transaction, and the lock that keeps a
// second tab away from it.

import type { Bytes } from '../lib/bytes.ts'
import { raw } from '../lib/bytes.ts'

const DATABASE = 'crbscope'
const STORE = 'state'
const RECORD = 'tpm'
const LOCK = 'crbscope-kept-tpm'
/** Says without opening the database that there may be something in it. */
const FLAG = 'crbscope-kept'

export function mayBeKept(): boolean {
  try {
    return localStorage.getItem(FLAG) !== null
  } catch {
    return false
  }
}

const asked = <T>(r: IDBRequest<T>): Promise<T> =>
  new Promise((done, fail) => {
    r.addEventListener('success', () => done(r.result))
    r.addEventListener('error', () => fail(r.error as Error))
  })

function database(): Promise<IDBDatabase> {
  const open = indexedDB.open(DATABASE, 1)
  open.addEventListener('upgradeneeded', () => open.result.createObjectStore(STORE))
  return asked(open)
}

/** One transaction: whatever stops it, the record is the old one or the new one. */
async function write(act: (s: IDBObjectStore) => void): Promise<void> {
  const db = await database()
  try {
    const t = db.transaction(STORE, 'readwrite', { durability: 'strict' })
    act(t.objectStore(STORE))
    await new Promise<void>((done, fail) => {
      t.addEventListener('complete', () => done())
      t.addEventListener('abort', () => fail(t.error ?? new Error('the browser has broken it off')))
    })
  } finally {
    db.close()
  }
}

export async function readKept(): Promise<Bytes | undefined> {
  const db = await database()
  try {
    const found: unknown = await asked(db.transaction(STORE).objectStore(STORE).get(RECORD))
    return found instanceof Uint8Array ? found : undefined
  } finally {
    db.close()
  }
}

export async function writeKept(image: Bytes): Promise<void> {
  await write(s => s.put(raw(image), RECORD))
  localStorage.setItem(FLAG, '1')
}

export async function forgetKept(): Promise<void> {
  await write(s => s.delete(RECORD))
  localStorage.removeItem(FLAG)
}

let release: (() => void) | undefined

/** Takes the lock for as long as this tab is open. @returns false when another tab has it */
export function takeLock(): Promise<boolean> {
  if (release) return Promise.resolve(true)
  // Pages from elsewhere than this machine or https have no locks, and must not race.
  if (!('locks' in navigator)) {
    return Promise.reject(new Error('A TPM can be kept only by a page from this machine or over https'))
  }
  return new Promise(done => {
    void navigator.locks.request(LOCK, { ifAvailable: true }, lock => {
      done(lock !== null)
      if (!lock) return undefined
      return new Promise<void>(free => {
        release = free
      })
    })
  })
}

export function giveLockBack(): void {
  release?.()
  release = undefined
}
