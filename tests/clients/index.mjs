// Tasks for tpm2-tools, as data. A task has a name and steps, one shell command a line: the first that fails ends it.
// `@restart` stops the server and starts it again with its state; `keep` leaves objects loaded between the steps;
// `protocols` and `needs` say where it can be run. Every task begins on a fresh TPM with TPM2_Startup(CLEAR).

import admin from './admin.mjs'
import attestation from './attestation.mjs'
import basics from './basics.mjs'
import nv from './nv.mjs'
import objects from './objects.mjs'
import policies from './policies.mjs'

export const TASKS = [...basics, ...objects, ...policies, ...nv, ...attestation, ...admin]
