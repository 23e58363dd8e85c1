// Every command that the engine carries out, with what only some of them need: all curves, all self-tests.

import { registerCurves } from '../../crypto/curves.ts'
import { registerMlkem } from '../../crypto/mlkem-sets.ts'
import { declareAll } from '../../spec/commands/all.ts'
import type { Command } from '../command.ts'
import { addEcc } from '../kinds/ecc.ts'
import { addMlkem } from '../kinds/mlkem.ts'
import { addRsa } from '../kinds/rsa.ts'
import { addSymmetric } from '../kinds/symmetric.ts'
import { addSessionParts } from '../late.ts'
import { cryptCfb } from '../parameter-cipher.ts'
import { checkPolicy } from '../policy-check.ts'
import { addProfiles } from '../profile.ts'
import { PROFILES } from '../profiles/index.ts'
import { addSelfTests } from '../selftests-more.ts'
import { addCommands, engineCommand } from './index.ts'
import { attestation } from './attestation.ts'
import { attached } from './attached.ts'
import { audit } from './audit.ts'
import { act } from './act.ts'
import { asymmetric } from './asymmetric.ts'
import { capability } from './capability.ts'
import { certifyX509 } from './certify-x509.ts'
import { cipher } from './cipher.ts'
import { clock } from './clock.ts'
import { context } from './context.ts'
import { create } from './create.ts'
import { createLoaded } from './create-loaded.ts'
import { credential } from './credential.ts'
import { duplication } from './duplication.ts'
import { ecdh } from './ecdh.ts'
import { ephemeral } from './ephemeral.ts'
import { hash } from './hash.ts'
import { hierarchy } from './hierarchy.ts'
import { hierarchyControl } from './hierarchy-control.ts'
import { kem } from './kem.ts'
import { mac } from './mac.ts'
import { nv } from './nv.ts'
import { nvData } from './nv-data.ts'
import { object } from './object.ts'
import { pcr } from './pcr.ts'
import { pcrAdmin } from './pcr-admin.ts'
import { policyBind } from './policy-bind.ts'
import { policySign } from './policy-sign.ts'
import { random } from './random.ts'
import { sequence } from './sequence.ts'
import { session } from './session.ts'
import { signSequence } from './sign-sequence.ts'
import { signing } from './signing.ts'
import { startup } from './startup.ts'
import { testParms } from './test-parms.ts'
import { testing } from './testing.ts'

const implemented = (code: number): boolean => engineCommand(code) !== undefined

const CHAPTERS: readonly (readonly Command[])[] = [
  ...[startup, testing, hash, random, sequence, signSequence, signing, pcr, clock],
  ...[hierarchy, object, context, kem, testParms],
  ...[nv, nvData, pcrAdmin, create, createLoaded, credential, duplication],
  ...[session, policySign, policyBind(() => ENGINE), hierarchyControl(implemented)],
  ...[act, attached, cipher, mac, ecdh, ephemeral, attestation, certifyX509],
  audit(() => ENGINE),
  asymmetric,
  capability(() => ENGINE),
]

/** In rising order of their codes. */
export const ENGINE: readonly Command[] = CHAPTERS.flat().sort((a, b) => a.row.code - b.row.code)

/** From now on the engine is whole. Whoever runs commands of his own calls this first; again does no harm. */
export function wholeEngine(): void {
  registerCurves()
  registerMlkem()
  for (const add of [addSymmetric, addRsa, addEcc, addMlkem]) add()
  addSessionParts({ cryptCfb, checkPolicy })
  declareAll()
  addSelfTests()
  addCommands(ENGINE)
  addProfiles(PROFILES)
}
