// TPMs with something to keep, and keys to keep them under, for the tests of what is stored.

import { manufacture, type Tpm } from '../../src/tpm/tpm.ts'
import { anyProfile } from '../../src/tpm/profiles/index.ts'
import { EMPTY } from '../../src/lib/bytes.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { NV_DefineSpace, NV_Write } from '../../src/spec/commands/nv.ts'
import { Shutdown } from '../../src/spec/commands/startup.ts'
import { RH } from '../../src/spec/handles.ts'
import { NV } from '../../src/spec/nv.ts'
import type { Key } from '../../src/nvram/sealed.ts'
import { Driver } from './driver.ts'

export const fresh = (id: string): Tpm | undefined => {
  const profile = anyProfile(id)
  return profile && manufacture(new Uint8Array(32), profile)
}

export const NV_INDEX = 0x01000001

/** A started TPM with an NV Index that holds `text`. */
export function withIndex(text: string, size = 64): Driver {
  const d = Driver.started()
  const publicInfo = {
    nvIndex: NV_INDEX,
    nameAlg: ALG.SHA256,
    attributes: NV.AUTHREAD | NV.AUTHWRITE | NV.OWNERREAD | NV.OWNERWRITE | NV.NO_DA,
    authPolicy: EMPTY,
    dataSize: size,
  }
  d.ok(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: EMPTY, publicInfo })
  const data = new TextEncoder().encode(text.padEnd(size).slice(0, size))
  d.ok(NV_Write, { authHandle: NV_INDEX, nvIndex: NV_INDEX }, { data, offset: 0 })
  return d
}

/** After Shutdown(STATE): all three blobs have something in them. */
export function shutDown(): Tpm {
  const d = withIndex('kept over power-off')
  d.rc('8001 0000000e 00000186 0000 000b')
  d.ok(Shutdown, {}, { shutdownType: 1 })
  return d.tpm
}

export const keyOf = (bits: number, fill = 7): Key => ({ bytes: new Uint8Array(bits / 8).fill(fill), kdf: undefined })
/** Distinct octets; a count tells one from another. */
export const noncesOf = (n: number): Uint8Array => Uint8Array.from({ length: 72 }, (_, i) => (i * 7 + n * 13) & 255)
