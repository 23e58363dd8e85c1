// TPM2_SetCommandCodeAuditStatus. Part 3, 21.2.

import { ALG } from '../../spec/algorithms.ts'
import { CC } from '../../spec/codes.ts'
import { SetCommandCodeAuditStatus } from '../../spec/commands/audit.ts'
import { RC } from '../../spec/return-codes.ts'
import { cleared } from '../audit.ts'
import { type Command, implement } from '../command.ts'
import { fail } from '../errors.ts'
import { amend } from '../amend.ts'

/** @param all the commands of the engine */
export const audit = (all: () => readonly Command[]): readonly Command[] => [
  implement(SetCommandCodeAuditStatus, (c, _, { auditAlg, setList, clearList }) => {
    const { audit: old } = c.tpm
    const changes = auditAlg !== ALG.NULL && auditAlg !== old.hash
    if (changes && setList.length + clearList.length > 0) throw fail(RC.VALUE)

    if (changes) c.tpm = amend(c.tpm, { audit: cleared({ ...old, hash: auditAlg }) })
    else {
      const known = all().map(({ row }) => row.code)
      const audited = new Set([...old.codes, ...setList.filter(code => code !== CC.Shutdown)])
      for (const code of clearList) if (code !== CC.SetCommandCodeAuditStatus) audited.delete(code)
      c.tpm = amend(c.tpm, { audit: { ...old, codes: known.filter(code => audited.has(code)) } })
    }
    c.emit({ kind: 'audit-status', hash: c.tpm.audit.hash, codes: c.tpm.audit.codes.length })
  }),
]
