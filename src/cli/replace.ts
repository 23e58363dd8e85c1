// A file replaced so that there is always a whole one: written beside, flushed, renamed, and the name flushed too. The
// steps are told apart from the file system, so that a test can stop between any two of them, and inside one.

import { closeSync, fdatasyncSync, fsyncSync, openSync, renameSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** What replacing a file needs of a file system. */
export interface Disk {
  /** An empty file that only its owner may read, whatever was there. */
  create(path: string): number
  /** @returns how many of the bytes were written */
  write(file: number, bytes: Uint8Array, from: number): number
  /** Resolves nothing: when it returns, the bytes outlive a loss of power. */
  flush(file: number): void
  close(file: number): void
  rename(from: string, to: string): void
  /** The names in the folder outlive a loss of power. */
  flushFolder(folder: number): void
}

export const DISK: Disk = {
  create: path => openSync(path, 'w', 0o600),
  write: (file, bytes, from) => writeSync(file, bytes, from),
  flush: fdatasyncSync,
  close: closeSync,
  rename: renameSync,
  flushFolder: fsyncSync,
}

/** Where the new content stands until it has the name. */
export const besideOf = (path: string): string => join(dirname(path), `.${basename(path)}.new`)

/** @param folder that of the file, open */
export function replaceFile(disk: Disk, path: string, folder: number, bytes: Uint8Array): void {
  const beside = besideOf(path)
  const file = disk.create(beside)
  try {
    for (let at = 0; at < bytes.length; ) at += disk.write(file, bytes, at)
    disk.flush(file)
  } finally {
    disk.close(file)
  }
  disk.rename(beside, path)
  disk.flushFolder(folder)
}
