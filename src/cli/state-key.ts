// The key of a sealed state file, from the options of `serve`: --key, --key-file, --key-format, --passphrase-file. A
// passphrase becomes a key once a run, when the file tells how.

import { readFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { scryptKey } from '../crypto/seal.ts'
import { utf8 } from '../lib/bytes.ts'
import type { Kdf } from '../nvram/der-layout.ts'
import { SALT_SIZE } from '../nvram/der-layout.ts'
import { firstLine, KeyError, readKey, readKeyFile, readKeyFormat } from '../nvram/key-options.ts'
import { type Key, SCRYPT } from '../nvram/sealed.ts'
import { failure, usage } from './errors.ts'

export interface KeyValues {
  readonly key?: string | undefined
  readonly 'key-file'?: string | undefined
  readonly 'key-format'?: string | undefined
  readonly 'passphrase-file'?: string | undefined
}

export const KEY_OPTIONS = {
  key: { type: 'string' },
  'key-file': { type: 'string' },
  'key-format': { type: 'string' },
  'passphrase-file': { type: 'string' },
} as const

/** Gives the key for a file. */
export interface KeySource {
  /** "a key" or "a passphrase". */
  readonly what: string
  /** @param kdf how the file makes its key from a passphrase; undefined when it does not, or when there is no file yet */
  keyFor(kdf: Kdf | undefined, sealed: boolean): Key
}

function readSecret(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path))
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException
    throw failure(
      code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'is a folder' : `cannot be read (${code})`,
      path,
    )
  }
}

function inWords<T>(f: () => T, say: (what: string) => Error): T {
  try {
    return f()
  } catch (e) {
    if (e instanceof KeyError) throw say(e.message)
    throw e
  }
}

/** What stood on the command line is overwritten, so that lists of processes do not show it. */
export function hideArguments(): void {
  process.title = 'crbscope serve'
}

function readPassphrase(path: string): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(readSecret(path))
  } catch (e) {
    if (e instanceof TypeError) throw failure('passphrase is not UTF-8', path)
    throw e
  }
  const line = firstLine(text)
  if (line === '') throw failure('passphrase is empty', path)
  const end = /[\r\n]/.exec(line)
  if (end) throw failure(`passphrase has more than one line, at position ${end.index + 1}`, path)
  return line
}

function fromPassphrase(path: string): KeySource {
  const words = utf8(readPassphrase(path).normalize('NFC'))
  return {
    what: 'a passphrase',
    keyFor(kdf, sealed) {
      // Of a file that is sealed with a key: whoever reads it says that no passphrase fits.
      if (sealed && !kdf)
        return { bytes: new Uint8Array(32), kdf: { name: 'scrypt', salt: new Uint8Array(SALT_SIZE), ...SCRYPT } }
      const how = kdf ?? { name: 'scrypt', salt: new Uint8Array(randomBytes(SALT_SIZE)), ...SCRYPT }
      return { bytes: scryptKey(words, how.salt, how), kdf: how }
    },
  }
}

/** @returns undefined when no key was named @throws CliError */
export function readKeySource(values: KeyValues, state: string | undefined): KeySource | undefined {
  const names = (['key', 'key-file', 'passphrase-file'] as const).filter(n => values[n] !== undefined)
  const [name, other] = names
  const format = values['key-format']
  if (format !== undefined && (name === undefined || name === 'passphrase-file')) {
    throw usage('is about a key, and there is none', '--key-format')
  }
  if (name === undefined) return undefined
  if (other !== undefined) throw usage(`--${name} and --${other} exclude each other`, `--${other}`)
  if (state === undefined) throw usage('is for a state file, and there is no --state', `--${name}`)
  const value = values[name] as string
  if (name === 'passphrase-file') return fromPassphrase(value)
  const how = inWords(
    () => readKeyFormat(format ?? 'hex'),
    () => usage(`must be hex or binary, not "${format}"`, '--key-format'),
  )
  const bytes =
    name === 'key'
      ? inWords(
          () => readKey(value, how),
          what => usage(`key ${what}`, '--key'),
        )
      : inWords(
          () => readKeyFile(readSecret(value), how),
          what => failure(`key ${what}`, value),
        )
  return { what: 'a key', keyFor: () => ({ bytes, kdf: undefined }) }
}
