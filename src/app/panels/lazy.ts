// The panels that load late, as components.

import { lazy } from 'react'

const extras = () => import('./extras.ts')

export const Inspector = lazy(async () => ({ default: (await extras()).Inspector }))
export const RegisterMap = lazy(async () => ({ default: (await extras()).RegisterMap }))
export const TpmState = lazy(async () => ({ default: (await extras()).TpmState }))
