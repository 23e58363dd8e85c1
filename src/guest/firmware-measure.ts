// Measured boot: each thing is hashed for every bank, the digests extend a PCR, and the log says what it was. TCG PC Client
// Platform Firmware Profile, 3.3 and 10.

import { encode } from '../codec/codec.ts'
import { hash } from '../crypto/hash.ts'
import { type Bytes, utf8 } from '../lib/bytes.ts'
import { ALG, algName, digestSize } from '../spec/algorithms.ts'
import { CAP } from '../spec/codes.ts'
import { GetCapability } from '../spec/commands/capability.ts'
import { PCR_Extend } from '../spec/commands/pcr.ts'
import {
  EV,
  eventTypeName,
  type LogEvent,
  SPEC_ID_EVENT,
  SPEC_ID_SIGNATURE,
  TCG_PCR_EVENT,
  TCG_PCR_EVENT2,
} from '../spec/event-log.ts'
import { decodeResponse, encodeCommand } from '../spec/frame.ts'
import { appendLog, bootOf, call, command, giveUp, local, own, ret, v, withBoot, withLocals } from './firmware.ts'
import { measurement, measurements } from './firmware-events.ts'
import type { Guest } from './guest.ts'
import { func, line, loop, type Scope, when } from './program.ts'

/** What the firmware can hash. */
const HASHES: readonly number[] = [ALG.SHA1, ALG.SHA256, ALG.SHA384, ALG.SHA512]

/** The algorithms of the banks that have PCRs, of an answer to TPM2_GetCapability(PCRS). */
function activeBanks(answer: Bytes): readonly number[] {
  const data = decodeResponse(GetCapability, answer).returns?.capabilityData
  if (data?.capability !== CAP.PCRS) return []
  return data.assignedPCR
    .filter(s => HASHES.includes(s.hash) && s.pcrSelect.some(octet => octet !== 0))
    .map(s => s.hash)
}

/** Width of UINTN: 32 bits for the firmware that SeaBIOS stands for, 64 for UEFI. */
const UINTN = { seabios: 1, uefi: 2 } as const

function header(g: Guest): Bytes {
  const { banks, kind } = bootOf(g)
  const event = encode(SPEC_ID_EVENT, {
    signature: utf8(SPEC_ID_SIGNATURE),
    platformClass: 0,
    specVersionMinor: 0,
    specVersionMajor: 2,
    specErrata: 0,
    uintnSize: UINTN[kind],
    digestSizes: banks.map(algorithmId => ({ algorithmId, digestSize: digestSize(algorithmId) })),
    vendorInfo: new Uint8Array(0),
  })
  return encode(TCG_PCR_EVENT, { pcrIndex: 0, eventType: EV.NO_ACTION, digest: new Uint8Array(20), event })
}

/** The event of measurement `i`, as it goes into the log. */
export function logEvent(g: Guest, i: number): LogEvent {
  const { pcr, type, data, content } = measurement(bootOf(g), i)
  const digests = bootOf(g).banks.map(hashAlg => ({ hashAlg, digest: hash(hashAlg, content) }))
  return { pcrIndex: pcr, eventType: type, digests: digests as LogEvent['digests'], event: data }
}

const extend = (g: Guest): Bytes => {
  const { pcrIndex, digests } = logEvent(g, local(g, 'i'))
  return encodeCommand(PCR_Extend, { pcrHandle: pcrIndex }, { digests })
}

/** The PCR banks, and the log that begins with them. */
export const prepareLog = () => [
  ...command(
    'TPM2_GetCapability(PCRS)',
    () => encodeCommand(GetCapability, {}, { capability: CAP.PCRS, property: 0, propertyCount: 1 }),
    'Find the PCR banks',
  ),
  giveUp('if (rc)', s => v(s, 'rc') !== 0),
  line(
    'banks = pcr_banks(rsp);',
    own((g, events) => {
      const banks = activeBanks(g.rx)
      const names = banks.map(b => algName(b).replace('TPM_ALG_', '')).join(', ')
      events.push({
        t: 'platform',
        what: 'log',
        say: `The firmware will measure into ${banks.length} banks: ${names}.`,
      })
      return withBoot(g, { banks })
    }),
  ),
  line(
    'log_begin(banks);',
    own((g, events) => {
      events.push({ t: 'platform', what: 'log', say: 'The firmware begins the event log: Spec ID Event03.' })
      return withBoot(g, { log: header(g) })
    }),
  ),
]

const at = (s: Scope): boolean => v(s, 'i') < v(s, 'to')

const measure = func('measure', 'int measure(i, to)', [
  loop('while (i < to)', at, [
    ...command('TPM2_PCR_Extend(ev[i].pcr, hash(ev[i]))', extend, s => (v(s, 'i') === 0 ? 'Measure' : 'Measure on')),
    when('if (rc)', s => v(s, 'rc') !== 0, [
      line(
        'return rc;',
        ret(s => v(s, 'rc')),
      ),
    ]),
    line(
      'log_append(ev[i]);',
      own((g, events) => {
        const i = local(g, 'i')
        const { pcr, type, what } = measurement(bootOf(g), i)
        const say = `The firmware logged event ${i + 1}: ${eventTypeName(type)} (${what}), PCR ${pcr}.`
        events.push({ t: 'platform', what: 'log', say })
        return appendLog(g, encode(TCG_PCR_EVENT2, logEvent(g, i)))
      }),
    ),
    line('i++;', { kind: 'set', run: s => ({ i: v(s, 'i') + 1 }) }),
  ]),
  line('return 0;', ret(0)),
])

/** The first things are measured before the menu, the rest after it. */
export const measureEarly = () => [
  line(
    'n = early(ev), all = count(ev);',
    own((g, events) => {
      const { early, late } = measurements(bootOf(g))
      return withLocals(g, { n: early.length, all: early.length + late.length }, events)
    }),
  ),
  line(
    'rc = measure(0, n);',
    call('measure', s => ({ i: 0, to: v(s, 'n') }), 'rc'),
  ),
]
export const measureLate = () => [
  line(
    'rc = measure(n, all);',
    call('measure', s => ({ i: v(s, 'n'), to: v(s, 'all') }), 'rc'),
  ),
]

export const MEASURE = [measure]
