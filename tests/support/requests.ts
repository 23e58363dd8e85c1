// The requests that the platform functions take, for tests that write them by hand.

import type { act, control } from '../../src/backend/platform.ts'

export type PlatformRequest = Parameters<typeof act>[1]
export type ControlRequest = Parameters<typeof control>[1]
