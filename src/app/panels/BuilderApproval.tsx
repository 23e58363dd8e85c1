// Who approves the use of a handle, in the command builder: a password, or a session that the TPM has; and what that
// session has to show.

import type { Role } from '../../spec/command.ts'
import { approvalText, approvalWarning, approversOf, asksPassword, type Known } from '../../view/builder-approve.ts'
import type { Approval } from '../../view/builder.ts'
import { FieldView, Labelled } from './BuilderFields.tsx'

const ROLES: { readonly [R in Role]: string } = {
  user: 'USER role: who may use it',
  admin: 'ADMIN role: who may administer it',
  dup: 'DUP role: who may duplicate it, by policy only',
}

const NONCE = 'The nonce is nonceTPM with every bit turned over: a replay comes to the same.'

interface Props {
  readonly approval: Approval
  readonly known: Known
  /** The entity, where its handle can be read. */
  readonly handle: number | undefined
  readonly choose: (by: number) => void
}

export function ApprovalView({ approval, known, handle, choose }: Props) {
  const { by, password, role } = approval
  const session = known.sessions.find(s => s.handle === by)
  const entity = handle === undefined ? undefined : known.entity(handle)
  const warning = session && approvalWarning(session, entity)
  const path = ['approvals', approval.handle]
  return (
    <>
      <Labelled
        path={path}
        name="approved by"
        type="TPMI_SH_AUTH_SESSION"
        doc={session ? `${ROLES[role]}. ${NONCE}` : ROLES[role]}
      >
        <select
          className="field"
          value={by}
          aria-label={`${approval.handle} approved by`}
          onChange={e => choose(Number(e.target.value))}
        >
          {approversOf(known.sessions, by).map(a => (
            <option key={a.value} value={a.value}>
              {a.text}
            </option>
          ))}
        </select>
        {session && <span data-proof>{approvalText(session, entity)}</span>}
        {warning && <span className="approval-warning">{warning}</span>}
      </Labelled>
      {asksPassword(known.sessions, by) && (
        <FieldView form={password} path={['passwords', approval.handle]} name="password" />
      )}
    </>
  )
}
