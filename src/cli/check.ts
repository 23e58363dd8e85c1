// `crbscope check`: replays recordings against this build, shows the first differences in words and counts.

import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type Command, readArgs, readInput, readNumber } from './command.ts'
import { CliError, usage } from './errors.ts'
import { eventKind, type Json, type Kind, kindOf, openReplayer, type Replayer, type TpmChoice } from './replay.ts'

/** What the recordings beside a seeds.json were made with, unless the command line says otherwise. */
const SEEDED_PROFILE = 'libtpms-0.9'

/** A failure to show: where, what about, and what was wrong. */
interface Failure {
  readonly file: string
  readonly line: number | undefined
  readonly text: string
}

interface Exclusion {
  readonly key: string
  readonly reason: string
  used: boolean
}

class Tally {
  passed = 0
  failed = 0
  excluded = 0
  readonly shown: Failure[] = []
  /** What files have to tell beside their failures. */
  readonly notes: string[] = []
  private readonly show: number
  constructor(show: number) {
    this.show = show
  }

  fail(failure: Failure): void {
    this.failed++
    if (this.shown.length < this.show) this.shown.push(failure)
  }
}

function readExclusions(path: string | undefined): Exclusion[] {
  if (path === undefined) return []
  const out: Exclusion[] = []
  for (const [i, line] of readInput(path).split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const m = /^(\S+)\s+(\S.*)$/.exec(line.trim())
    if (!m) throw usage('an exclusion needs a reason', `${path}:${i + 1}`)
    out.push({ key: m[1] as string, reason: m[2] as string, used: false })
  }
  return out
}

/** Every object of a file with its line number; a broken line is a failure that names it. */
function* objects(file: string, text: string, tally: Tally): Generator<readonly [number, Json]> {
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    let json: unknown
    try {
      json = JSON.parse(line)
    } catch {
      tally.fail({ file, line: i + 1, text: `broken line: not JSON (${line.trim().length} characters)` })
      continue
    }
    if (typeof json !== 'object' || json === null || Array.isArray(json)) {
      tally.fail({ file, line: i + 1, text: 'broken line: not a JSON object' })
      continue
    }
    yield [i + 1, json as Json]
  }
}

const text = (v: unknown): string => (typeof v === 'string' || typeof v === 'number' ? String(v) : '')
const labelOf = (json: Json): string =>
  [text(json['id']), text(json['test']), text(json['name']) || text(json['commandName']) || text(json['title'])]
    .filter(s => s !== '')
    .join(', ')

async function checkFile(
  file: string,
  choice: TpmChoice,
  tally: Tally,
  exclusions: readonly Exclusion[],
): Promise<void> {
  const before = tally.passed + tally.failed + tally.excluded
  const replayers = new Map<Kind, Replayer>()
  const refused = new Set<string>()
  const name = file === '-' ? 'standard input' : file
  let source: string
  try {
    source = readInput(file)
  } catch (e) {
    if (!(e instanceof CliError)) throw e
    tally.fail({ file: name, line: undefined, text: e.what })
    return
  }
  const lines = [...objects(name, source, tally)]
  const events = eventKind(lines.map(([, json]) => json))
  for (const [line, json] of lines) {
    const kind = json['event'] !== undefined && kindOf(json) === 'transcript' ? events : kindOf(json)
    if (kind === undefined) continue
    if (typeof kind === 'object') {
      // Once a file: the lines after it say the same.
      if (!refused.has(kind.cannot)) tally.fail({ file: name, line, text: kind.cannot })
      refused.add(kind.cannot)
      continue
    }
    let replayer = replayers.get(kind)
    if (!replayer) {
      replayer = await openReplayer(kind, choice)
      replayers.set(kind, replayer)
    }
    const keys = [`${basename(file)}:${line}`, text(json['id']), text(json['test'])]
    const exclusion = exclusions.find(e => keys.includes(e.key))
    try {
      const verdict = replayer.line(json)
      if (verdict === 'ignored') continue
      if (exclusion) {
        exclusion.used = true
        tally.excluded++
      } else if (verdict === 'passed') tally.passed++
      else {
        const step = verdict.step === undefined ? '' : `, step ${verdict.step}`
        const what = `${verdict.name}${step}: wanted ${verdict.wanted}, came ${verdict.came}`
        tally.fail({ file: name, line, text: what })
      }
    } catch (e) {
      tally.fail({ file: name, line, text: `${labelOf(json) || kind}: ${(e as Error).message}` })
    }
  }
  for (const replayer of replayers.values()) {
    const note = replayer.summary?.()
    if (note !== undefined) tally.notes.push(note)
  }
  if (tally.passed + tally.failed + tally.excluded === before) {
    tally.fail({ file: name, line: undefined, text: 'nothing in it can be compared' })
  }
}

/** @throws CliError for a profile that is not there */
async function checkProfile(id: string): Promise<void> {
  const { anyProfile } = await import('../tpm/profiles/index.ts')
  if (!anyProfile(id)) throw usage(`unknown profile: "${id}"`, '--profile')
}

/** @throws CliError for seeds that are none */
async function checkSeeds(path: string): Promise<void> {
  const { readSeeds } = await import('./seeds.ts')
  readSeeds(path)
}

/** The TPM that a file is replayed on: what was asked for, else what lies beside the file. */
function choiceFor(file: string, profile: string | undefined, seeds: string | undefined): TpmChoice {
  const beside = join(dirname(file), 'seeds.json')
  const given = seeds ?? (file !== '-' && existsSync(beside) ? beside : undefined)
  return { profile: profile ?? (given === beside ? SEEDED_PROFILE : undefined), seeds: given }
}

export const check: Command = {
  async run(args) {
    const { values, positionals } = readArgs('check', args, {
      profile: { type: 'string' },
      seeds: { type: 'string' },
      show: { type: 'string' },
      exclude: { type: 'string' },
    })
    if (values.profile !== undefined) await checkProfile(values.profile)
    if (values.seeds !== undefined) await checkSeeds(values.seeds)
    if (positionals.length === 0) throw usage('no file to check', 'check (see crbscope check --help)')
    const tally = new Tally(readNumber(values.show ?? '10', 0, 1_000_000, '--show'))
    const exclusions = readExclusions(values.exclude)
    for (const file of positionals) {
      await checkFile(file, choiceFor(file, values.profile, values.seeds), tally, exclusions)
    }
    const out: string[] = []
    for (const f of tally.shown) out.push(`${f.file}${f.line === undefined ? '' : `:${f.line}`}: ${f.text}`)
    const hidden = tally.failed - tally.shown.length
    if (hidden > 0) out.push(`and ${hidden} more`)
    for (const e of exclusions) if (e.used) out.push(`excluded ${e.key}: ${e.reason}`)
    out.push(...tally.notes)
    const excluded = values.exclude === undefined ? '' : `, ${tally.excluded} excluded`
    out.push(`${tally.passed} passed, ${tally.failed} failed${excluded}`)
    process.stdout.write(`${out.join('\n')}\n`)
    return tally.failed > 0 ? 1 : 0
  },
}
