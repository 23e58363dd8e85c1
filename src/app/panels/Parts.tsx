// Small parts that several panels use.

import { memo } from 'react'
import type { Actor } from '../../machine/describe.ts'

const WHO: { readonly [A in Actor]: string } = { G: 'guest', D: 'device', T: 'TPM' }

/** Who acts: letter, shape and pattern besides the colour. */
export const Badge = ({ actor }: { actor: Actor }) => (
  <span className="badge" data-actor={actor} role="img" aria-label={WHO[actor]}>
    <span aria-hidden="true">{actor}</span>
  </span>
)

interface HeadProps {
  readonly actor: Actor
  readonly title: string
  readonly status: string
  readonly children?: React.ReactNode
}

export const Head = memo(({ actor, title, status, children }: HeadProps) => (
  <header className="head">
    <Badge actor={actor} />
    <h2>{title}</h2>
    {children}
    <span data-status={actor}>{status}</span>
  </header>
))

export const Check = ({ ok }: { ok: boolean }) => (
  <svg className={ok ? 'good' : 'wrong'} width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
    {ok ? (
      <path d="M3 9.5 7 13.5 15 4.5" fill="none" stroke="currentColor" strokeWidth="2.6" />
    ) : (
      <path d="M9 1 17 16H1Z M6.5 8 11.5 13 M11.5 8 6.5 13" fill="none" stroke="currentColor" strokeWidth="1.8" />
    )}
  </svg>
)
