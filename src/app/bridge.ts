// The page of `crbscope bridge`: the machine on stage has a TPM outside passed through. Each command that leaves is posted to
// the bridge, and its answer goes in as an input. A bridge that is down, or a TPM that goes away in mid-command, changes
// nothing in the machine: one may try again, or end the command.

import type { Came, Hello } from '../backend/bridge.ts'
import { readCame, readHello, writeSent } from '../backend/bridge.ts'
import { LiveError } from '../backend/live.ts'
import { FIRST } from '../lessons/scenarios/opening.ts'
import { History } from '../machine/history.ts'
import type { MachineConfig, WindowSize } from '../machine/machine.ts'
import { readBe32 } from '../lib/bytes.ts'
import { commandName } from '../spec/codes.ts'
import { wholeEngine } from './engine.ts'
import { answerFromOutside, momentAt, openScenario, start } from './runner.ts'
import { get, type Live, set, store } from './store.ts'

const STARTUP = { '1.2': '00c10000000c000000990001', '2.0': '80010000000c000001440000' } as const

const configOf = ({ where, version, bufferSize }: Hello, window: WindowSize): MachineConfig => ({
  device: 'qemu',
  profile: 'crbscope',
  capChunk: true,
  backendBufferSize: bufferSize,
  window,
  seed: '00'.repeat(32),
  prepare: [],
  tasks: [{ id: 'startup', label: 'The guest’s firmware starts the TPM', parts: [{ hex: STARTUP[version] }] }],
  backend: { kind: 'passthrough', bridge: { where, bufferSize } },
  ...(version === '1.2' ? { tpmVersion: version } : {}),
})

let token = ''
let hello: Hello
/** Which command was posted, so that none is posted twice by itself. */
let posted = 0

const waiting = () => {
  const { at, length } = get()
  return at === undefined ? undefined : momentAt(length - 1).machine.backend.pending
}

function tell(change: Partial<Live>): void {
  const { live } = get()
  if (live?.bridge) set({ live: { ...live, ...change } })
}

const HERE = location.host

async function ask(path: string, init?: RequestInit): Promise<string> {
  let answer: Response
  try {
    answer = await fetch(`./bridge/${path}?bridge=${encodeURIComponent(token)}`, init)
  } catch {
    throw new LiveError(`The bridge at ${HERE} does not answer: it is down. Nothing in this machine has changed.`)
  }
  const text = await answer.text()
  if (!answer.ok) throw new LiveError(`The bridge at ${HERE} refused (${answer.status}): ${text.trim()}.`)
  return text
}

/** Sends what waits, and hands in what comes. */
async function transmit(): Promise<void> {
  const pending = waiting()
  if (!pending?.transmit) return
  const { id } = pending.transmit
  posted = id
  tell({ command: commandName(readBe32(pending.command, 6)), trouble: undefined })
  let came: Came
  try {
    const headers = { 'content-type': 'application/json' }
    came = readCame(
      await ask('command', { method: 'POST', headers, body: writeSent({ id, command: pending.command }) }),
    )
  } catch (e) {
    if (!(e instanceof LiveError)) throw e
    came = { id, why: e.message }
  }
  // Given up meanwhile, or another machine is on stage.
  if (!get().live?.bridge || waiting()?.transmit?.id !== came.id) return
  if ('why' in came) return tell({ trouble: came.why })
  tell({ command: undefined })
  answerFromOutside(came)
}

function giveUp(): void {
  const { trouble } = get().live ?? {}
  const id = waiting()?.transmit?.id
  if (id === undefined || trouble === undefined) return
  tell({ command: undefined, trouble: undefined })
  answerFromOutside({ id, why: `The command was given up. ${trouble}` })
}

function stage(window: WindowSize): void {
  const config = configOf(hello, window)
  const live: Live = {
    where: hello.where,
    command: undefined,
    hold: false,
    trouble: undefined,
    bridge: { retry: () => void transmit(), giveUp },
    setHold: () => undefined,
    resize: stage,
    refuses: () =>
      get().cursor === get().length - 1
        ? undefined
        : 'The TPM outside cannot go back: act at the end of the run (End), or open a scenario.',
  }
  posted = 0
  const title = `Passed through: ${hello.where}`
  const summary = `The host’s TPM ${hello.version} is real; the guest’s firmware tries to start it.`
  start(History.start(config), 0, { scenario: undefined, title, summary, config, window, live })
}

/** Connects the page to the bridge that it came from. @param given the token of the page's address */
export async function connect(given: string): Promise<void> {
  await wholeEngine()
  token = given
  try {
    hello = readHello(await ask('hello'))
  } catch (e) {
    if (!(e instanceof LiveError)) throw e
    openScenario(FIRST.id)
    return set({ notice: `${e.message} Open the address that crbscope bridge prints.` })
  }
  store.subscribe(s => {
    const id = waiting()?.transmit?.id
    if (s.live?.bridge && id !== undefined && id !== posted) void transmit()
  })
  stage(get().window)
}
