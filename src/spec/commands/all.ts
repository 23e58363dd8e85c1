// Every declared command.

import type { CommandRow } from '../command.ts'
import { addDeclarations } from './index.ts'
import * as asymmetric from './asymmetric.ts'
import * as attestation from './attestation.ts'
import * as act from './act.ts'
import * as attached from './attached.ts'
import * as audit from './audit.ts'
import * as capability from './capability.ts'
import * as clock from './clock.ts'
import * as context from './context.ts'
import * as create from './create.ts'
import * as duplication from './duplication.ts'
import * as ecdh from './ecdh.ts'
import * as ephemeral from './ephemeral.ts'
import * as hierarchy from './hierarchy.ts'
import * as hierarchyControl from './hierarchy-control.ts'
import * as nv from './nv.ts'
import * as object from './object.ts'
import * as pcr from './pcr.ts'
import * as pcrAdmin from './pcr-admin.ts'
import * as policyBind from './policy-bind.ts'
import * as policySign from './policy-sign.ts'
import * as random from './random.ts'
import * as sequence from './sequence.ts'
import * as session from './session.ts'
import * as signing from './signing.ts'
import * as startup from './startup.ts'
import * as symmetric from './symmetric.ts'
import * as testing from './testing.ts'

const CHAPTERS: readonly { readonly [name: string]: CommandRow }[] = [
  asymmetric,
  attestation,
  act,
  attached,
  audit,
  capability,
  clock,
  context,
  create,
  duplication,
  ecdh,
  ephemeral,
  hierarchy,
  hierarchyControl,
  nv,
  object,
  pcr,
  pcrAdmin,
  policyBind,
  policySign,
  random,
  sequence,
  session,
  signing,
  startup,
  symmetric,
  testing,
]

/** In rising order of their codes. */
export const COMMANDS: readonly CommandRow[] = CHAPTERS.flatMap(c => Object.values(c)).sort((a, b) => a.code - b.code)

/** From now on every command can be explained. */
export const declareAll = (): void => addDeclarations(COMMANDS)
