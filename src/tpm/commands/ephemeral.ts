// TPM2_Commit and TPM2_EC_Ephemeral. Part 3, 19; Part 1, 44.2.3 and 44.2.4.

import { eccGenerator, eccMultiply, eccPublic, isOnCurve, type Point } from '../../crypto/ecc.ts'
import { eccCoordinate } from '../../crypto/ecc-schemes.ts'
import { hash } from '../../crypto/hash.ts'
import { EMPTY } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { Commit, EC_Ephemeral } from '../../spec/commands/ephemeral.ts'
import { RC } from '../../spec/return-codes.ts'
import { implement } from '../command.ts'
import { nextCommit } from '../commit.ts'
import { atHandle, badHandle, badParameter, fail } from '../errors.ts'

const NOTHING: Point = { x: EMPTY, y: EMPTY }

export const ephemeral = [
  implement(Commit, (c, { signHandle }, { P1, s2, y2 }) => {
    const { publicArea: p, sensitive, name } = c.object(signHandle, atHandle(1, RC.KEY))
    if (p.type !== ALG.ECC || !sensitive) throw badHandle(1, RC.KEY)
    const { curveID, scheme } = p.parameters
    if (scheme.scheme !== ALG.ECDAA) throw badHandle(1, RC.SCHEME)
    if (s2.length === 0 && y2.length > 0) throw badParameter(3, RC.SIZE)
    if (s2.length > 0 && y2.length === 0) throw badParameter(2, RC.SIZE)
    const base = s2.length > 0 ? { x: eccCoordinate(curveID, hash(p.nameAlg, s2)), y: y2 } : undefined
    if (base && !isOnCurve(curveID, base)) throw badParameter(2, RC.ECC_POINT)
    const hasP1 = P1.x.length > 0 || P1.y.length > 0
    if (hasP1 && !isOnCurve(curveID, P1)) throw badParameter(1, RC.ECC_POINT)

    const { r, counter } = nextCommit(c, curveID, p.nameAlg, name)
    const K = base ? eccMultiply(curveID, sensitive.sensitive, base) : NOTHING
    const L = base ? eccMultiply(curveID, r, base) : NOTHING
    const other = hasP1 ? P1 : base ? undefined : eccGenerator(curveID)
    const E = other ? eccMultiply(curveID, r, other) : NOTHING
    if (!K || !L || !E) throw fail(RC.NO_RESULT)
    c.emit({ kind: 'ephemeral', curve: curveID, counter })

    return { K, L, E, counter }
  }),

  implement(EC_Ephemeral, (c, _, { curveID }) => {
    const { r, counter } = nextCommit(c, curveID, c.tpm.profile.contextHash, EMPTY)
    c.emit({ kind: 'ephemeral', curve: curveID, counter })

    return { Q: eccPublic(curveID, r) as Point, counter }
  }),
]
