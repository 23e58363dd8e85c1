// Creation data: where and how an object was made. Part 2, 15; Part 1, 24.8.

import { hash } from '../crypto/hash.ts'
import { type Bytes, concat } from '../lib/bytes.ts'
import { ALG } from '../spec/algorithms.ts'
import { pcrsOf, selectOf } from '../spec/base.ts'
import type { CreationData } from '../spec/keys.ts'
import { handleName } from './names.ts'
import { pcrValue } from './pcr.ts'
import type { Tpm } from './tpm.ts'

type Selection = CreationData['pcrSelect']

/** The digest of the selected PCRs in the order of the selection, and the selection with only those that exist. */
export function pcrDigest(tpm: Tpm, hashAlg: number, wanted: Selection): { pcrSelect: Selection; pcrDigest: Bytes } {
  const values: Bytes[] = []
  const pcrSelect = wanted.map(s => {
    const there = pcrsOf(s.pcrSelect).filter(pcr => pcrValue(tpm, s.hash, pcr) !== undefined)
    for (const pcr of there) values.push(pcrValue(tpm, s.hash, pcr) as Bytes)
    return { hash: s.hash, pcrSelect: selectOf(there, s.pcrSelect.length) }
  })
  return { pcrSelect, pcrDigest: hash(hashAlg, concat(...values)) }
}

/** Under which parent an object is made: a hierarchy has its handle for a Name and no nameAlg. */
export interface Ancestor {
  readonly nameAlg: number
  readonly name: Bytes
  readonly qualifiedName: Bytes
}
export const ancestorOf = (hierarchy: number): Ancestor => {
  const name = handleName(hierarchy)
  return { nameAlg: ALG.NULL, name, qualifiedName: name }
}

export const creationData = (
  tpm: Tpm,
  locality: number,
  parent: Ancestor,
  nameAlg: number,
  select: Selection,
  outsideInfo: Bytes,
): CreationData => {
  const pcrs = pcrDigest(tpm, nameAlg, select)
  return {
    pcrSelect: pcrs.pcrSelect,
    pcrDigest: pcrs.pcrDigest,
    locality: locality < 5 ? 2 ** locality : locality,
    parentNameAlg: parent.nameAlg,
    parentName: parent.name,
    parentQualifiedName: parent.qualifiedName,
    outsideInfo,
  }
}
