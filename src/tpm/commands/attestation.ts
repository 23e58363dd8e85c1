// TPM2_Certify, TPM2_CertifyCreation, TPM2_Quote, TPM2_GetSessionAuditDigest, TPM2_GetCommandAuditDigest, TPM2_GetTime. Part 3, 18.

import { EMPTY, equal } from '../../lib/bytes.ts'
import { ALG } from '../../spec/algorithms.ts'
import { NO, ST, YES } from '../../spec/codes.ts'
import {
  Certify,
  CertifyCreation,
  GetCommandAuditDigest,
  GetSessionAuditDigest,
  GetTime,
  Quote,
} from '../../spec/commands/attestation.ts'
import { RH } from '../../spec/handles.ts'
import { RC } from '../../spec/return-codes.ts'
import { attest, firmwareVersion, signerOf } from '../attest.ts'
import { cleared, commandDigest } from '../audit.ts'
import { reportTime } from '../time.ts'
import { implement } from '../command.ts'
import { pcrDigest } from '../creation.ts'
import { atHandle, badHandle, badParameter } from '../errors.ts'
import { creationTicket } from '../tickets.ts'
import { hierarchyName } from '../tpm.ts'
import { amend } from '../amend.ts'

export const attestation = [
  implement(Certify, (c, { objectHandle, signHandle }, { qualifyingData, inScheme }) => {
    const { name, qualifiedName } = c.object(objectHandle, atHandle(1, RC.KEY))
    const signer = signerOf(c, signHandle, 2, inScheme, 2)

    // Part 1, 28.5: an anonymous signer does not tell where the object is either.
    const shown = signer.scheme.alg === ALG.ECDAA ? EMPTY : qualifiedName
    const attested = { name, qualifiedName: shown }
    const { attest: certifyInfo, signature } = attest(
      c,
      signer,
      qualifyingData,
      { type: ST.ATTEST_CERTIFY, attested },
      2,
    )

    return { certifyInfo, signature }
  }),

  implement(CertifyCreation, (c, { signHandle, objectHandle }, given) => {
    const { qualifyingData, creationHash, inScheme, creationTicket: ticket } = given
    const { name } = c.object(objectHandle, atHandle(2, RC.KEY))
    const signer = signerOf(c, signHandle, 1, inScheme, 3)
    if (!hierarchyName(ticket.hierarchy)) throw badParameter(4, RC.TICKET)
    const wanted = creationTicket(c.tpm, ticket.hierarchy, name, creationHash)
    if (!equal(wanted.digest, ticket.digest)) throw badParameter(4, RC.TICKET)

    const attested = { objectName: name, creationHash }
    const { attest: certifyInfo, signature } = attest(
      c,
      signer,
      qualifyingData,
      { type: ST.ATTEST_CREATION, attested },
      3,
    )

    return { certifyInfo, signature }
  }),

  implement(Quote, (c, { signHandle }, { qualifyingData, inScheme, PCRselect }) => {
    const signer = signerOf(c, signHandle, 1, inScheme, 2)
    if (signer.scheme.hash === ALG.NULL) throw badParameter(2, RC.SCHEME)

    const attested = pcrDigest(c.tpm, signer.scheme.hash, PCRselect)
    const { attest: quoted, signature } = attest(c, signer, qualifyingData, { type: ST.ATTEST_QUOTE, attested }, 2)

    return { quoted, signature }
  }),

  implement(GetSessionAuditDigest, (c, { signHandle, sessionHandle }, { qualifyingData, inScheme }) => {
    const signer = signerOf(c, signHandle, 2, inScheme, 2)
    const { audit, handle } = c.session(sessionHandle)
    if (!audit) throw badHandle(3, RC.TYPE)

    const attested = { exclusiveSession: c.tpm.exclusiveAudit === handle ? YES : NO, sessionDigest: audit }
    const said = attest(c, signer, qualifyingData, { type: ST.ATTEST_SESSION_AUDIT, attested }, 2)

    return { auditInfo: said.attest, signature: said.signature }
  }),

  implement(GetCommandAuditDigest, (c, { signHandle }, { qualifyingData, inScheme }) => {
    const signer = signerOf(c, signHandle, 2, inScheme, 2)

    const { audit } = c.tpm
    const attested = {
      auditCounter: BigInt(audit.counter),
      digestAlg: audit.hash,
      auditDigest: audit.digest,
      commandDigest: commandDigest(audit),
    }
    const said = attest(c, signer, qualifyingData, { type: ST.ATTEST_COMMAND_AUDIT, attested }, 2)
    if (signHandle !== RH.NULL) c.tpm = amend(c.tpm, { audit: cleared(c.tpm.audit) })

    return { auditInfo: said.attest, signature: said.signature }
  }),

  implement(GetTime, (c, { signHandle }, { qualifyingData, inScheme }) => {
    const signer = signerOf(c, signHandle, 2, inScheme, 2)

    const attested = { time: reportTime(c), firmwareVersion: firmwareVersion(c) }
    const said = attest(c, signer, qualifyingData, { type: ST.ATTEST_TIME, attested }, 2)

    return { timeInfo: said.attest, signature: said.signature }
  }),
]
