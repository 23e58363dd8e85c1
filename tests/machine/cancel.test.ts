// Cancel: a command that is cancelled in time has no effect and answers TPM_RC_CANCELED; too late, nothing changes.

import { expect, it } from 'vitest'
import { EMPTY, toHex } from '../../src/lib/bytes.ts'
import { History } from '../../src/machine/history.ts'
import { config, getRandom, hashOf } from '../support/machines.ts'

it('cancels a running command before it has had any effect', () => {
  const h = History.start(config([getRandom('a')]))
  const running = h.nextStop(0, 'chunk')
  expect(h.at(running).machine.backend.pending).toBeDefined()
  const tpm = h.at(running).machine.backend.tpm
  h.act(running, { kind: 'cancel' })
  h.extend(10_000)
  const last = h.at(h.length - 1).machine
  expect(toHex(last.guest.results[1]?.response ?? EMPTY)).toBe('80010000000a00000909')
  expect(last.backend.tpm).toEqual(tpm)
})

it('does nothing when no command runs', () => {
  const h = History.start(config([hashOf('b', 100)]))
  h.extend(3)
  h.act(3, { kind: 'cancel' })
  h.extend(10_000)
  expect(h.at(h.length - 1).machine.guest.results[1]?.rc).toBe(116)
})
