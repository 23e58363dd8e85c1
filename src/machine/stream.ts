// A machine as QEMU's migration stream, as far as a TPM is concerned: file header, configuration, the window as RAM where it
// is a CRB, the device, and two sections of our own for the TPM and the guest. Framing after migration/savevm.c, vmstate.c and ram.c of QEMU; a stream has
// no lengths, so a reader that does not know a section cannot step over it. Read strictly: each section once, in this order.

import { type Codec, encode } from '../codec/codec.ts'
import { choice, constant, opaque, struct, u32 } from '../codec/combinators.ts'
import type { Malformed } from '../codec/malformed.ts'
import type { Reader } from '../codec/reader.ts'
import { anyValue, block, exactly, longText, shortText } from '../codec/stream.ts'
import { CHUNK_SECTION, CRB_CHUNK, CRB_REGISTERS, CRB_SECTION, WINDOW_BLOCK } from '../hw/crb-section.ts'
import type { SavedDevice } from '../hw/device.ts'
import { bufferOf, TIS_SECTION, TIS_STATE, TIS_UNCHECKED, TIS_VERSION, type TisBuffer } from '../hw/tis-section.ts'
import type { SavedTis } from '../hw/tis.ts'
import { type Bytes, concat, raw } from '../lib/bytes.ts'
import { count } from '../lib/count.ts'
import { crc32 } from '../lib/crc32.ts'

/** What a device leaves in the stream; the window of a CRB is a RAM block: one page. */
type Sections =
  | { readonly page: Bytes; readonly device: Omit<SavedDevice, 'window'>; readonly tis?: never }
  | { readonly tis: SavedTis }

export type Stream = Sections & {
  readonly machine: string
  /** Of the backend: the image of the TPM, and what surrounds it. */
  readonly tpm: { readonly image: Bytes; readonly backend: unknown }
  /** Everything of the machine that is neither device nor backend: guest, time, what the screen shows. */
  readonly guest: unknown
}

/** What the reading host has; undefined: everything that is known, to explain a stream. */
export interface Known {
  readonly machine: string
  readonly device: 'tpm-crb' | 'tpm-tis'
  /** Of a tpm-crb. */
  readonly chunkSection: boolean
  /** Of a tpm-tis, and whether it takes whatever version comes for its own. */
  readonly buffer: TisBuffer
  readonly careless: boolean
}

const hex = (v: number, digits = 8): string => `0x${v.toString(16).padStart(digits, '0')}`

/** migration/migration.h: "QEVM", and what an octet at the head of a part says. */
const MAGIC = 0x5145564d
const FILE_VERSION = 3
export const PART = { EOF: 0, START: 1, END: 3, FULL: 4, SUBSECTION: 5, CONFIGURATION: 7, FOOTER: 0x7e } as const
const PART_NAMES = Object.fromEntries(
  Object.entries(PART).map(([name, v]) => [
    v,
    `QEMU_VM_${name === 'EOF' || name === 'CONFIGURATION' || name === 'SUBSECTION' ? '' : 'SECTION_'}${name}`,
  ]),
)
const mark = (v: number) =>
  exactly('mark', 1, v, 'order', got => `${PART_NAMES[got] ?? hex(got, 2)} where ${PART_NAMES[v]} belongs`, PART_NAMES)

const FILE_HEADER = struct('file header', {
  magic: exactly(
    'magic',
    4,
    MAGIC,
    'magic',
    got => `not a migration stream: it begins with ${hex(got)}, not with "QEVM"`,
    {
      [MAGIC]: '"QEVM"',
    },
  ),
  version: exactly('version', 4, FILE_VERSION, 'version', got =>
    got > FILE_VERSION
      ? `stream version ${got} is newer than this program knows (${FILE_VERSION})`
      : `stream version ${got}, only ${FILE_VERSION} is read`,
  ),
})
const CONFIGURATION = struct('configuration', {
  mark: mark(PART.CONFIGURATION),
  machine: longText('machine type', 256),
})

/** migration/ram.c: flags in the low bits of a page's offset. */
const MEM_SIZE = 0x04
const ZERO = 0x02
const PAGE_FLAG = 0x08
const EOS = 0x10
const FLAG_NAMES: { readonly [v: number]: string } = {
  [ZERO]: 'ZERO',
  [MEM_SIZE]: 'MEM_SIZE',
  [PAGE_FLAG]: 'PAGE',
  [EOS]: 'EOS',
}
const PAGE = 4096

const flagged = (name: string, allowed: readonly number[], say: string): Codec<number> => ({
  name,
  shape: { kind: 'uint', size: 8 },
  read(r) {
    const at = r.at
    const v = r.u64()
    if (!allowed.some(a => BigInt(a) === v)) throw r.malformed('ram', `${say}: 0x${v.toString(16)}`, at)
    return Number(v)
  },
  write: (w, v) => w.u64(BigInt(v)),
  text: v => (v >= PAGE ? `${v & ~0xfff} bytes, ${FLAG_NAMES[v & 0xfff]}` : `offset 0, ${FLAG_NAMES[v]}`),
})
const TOTAL = flagged('total', [PAGE | MEM_SIZE], 'RAM of one page, RAM_SAVE_FLAG_MEM_SIZE, is announced otherwise')
const END_OF_RAM = flagged('end', [EOS], 'RAM_SAVE_FLAG_EOS is missing')
const PAGE_AT = flagged('page', [PAGE_FLAG, ZERO], 'a page of RAM has an unknown place or flag')
const LENGTH: Codec<number> = {
  name: 'used_length',
  shape: { kind: 'uint', size: 8 },
  read(r) {
    const at = r.at
    const v = r.u64()
    if (v !== BigInt(PAGE))
      throw r.malformed('ram', `RAM block "${WINDOW_BLOCK}" has ${v} bytes there and ${PAGE} here`, at)
    return PAGE
  },
  write: (w, v) => w.u64(BigInt(v)),
  text: v => `${v} bytes`,
}
const BLOCK_NAME = shortText('RAM block')
const ZERO_FILL = exactly('fill', 1, 0, 'ram', v => `a page of zeros that says it is filled with ${v}`)
const BODY = opaque('page of RAM', PAGE)

interface Part {
  readonly name: string
  readonly part: 1 | 3 | 4
  readonly version: number
}
const OURS: readonly Part[] = [
  { name: 'crbscope/tpm', part: PART.FULL, version: 1 },
  { name: 'crbscope/guest', part: PART.FULL, version: 1 },
]
/** Sections in their order, with a CRB and with a TIS, which has no memory that migrates as RAM. */
const LAYOUTS = {
  'tpm-crb': [
    { name: 'ram', part: PART.START, version: 4 },
    { name: 'ram', part: PART.END, version: 4 },
    { name: CRB_SECTION.name, part: PART.FULL, version: CRB_SECTION.version },
    ...OURS,
  ],
  'tpm-tis': [{ name: TIS_SECTION, part: PART.FULL, version: TIS_VERSION[4096] }, ...OURS],
} as const satisfies { readonly [device: string]: readonly Part[] }
type Layout = keyof typeof LAYOUTS
/** QEMU numbers sections as their devices register, RAM before all others; the number ties a section to its footer. */
const IDS: { readonly [name: string]: number } = {
  ram: 1,
  [CRB_SECTION.name]: 2,
  [TIS_SECTION]: 2,
  'crbscope/tpm': 3,
  'crbscope/guest': 4,
}
const labelOf = (s: Part): string =>
  s.part === PART.START ? 'section ram, start' : s.part === PART.END ? 'section ram, end' : `section ${s.name}`

const SECTION_ID = { ...u32, name: 'section id' }
const SECTION_NAME = shortText('section')
const INSTANCE = exactly('instance id', 4, 0, 'section', v => `instance ${v} of a device of which there is one`)

/** Ours say how long they are, and have the CRC-32 of their content before it: whoever reads on knows that it is whole. */
const CHECKSUM: Codec<number> = { ...u32, name: 'CRC-32', text: v => hex(v) }

const ours = <T>(name: string, content: Codec<T>): Codec<T> => ({
  name,
  shape: { kind: 'rest' },
  read(r) {
    const length = r.field('length', u32)
    const at = r.at
    const checksum = r.field('checksum', CHECKSUM)
    return r.within(length, () => {
      if (checksum !== crc32(r.bytes.slice(r.at, r.end))) {
        throw r.malformed('checksum', `section ${name} is damaged: this is not the CRC-32 of its content`, at)
      }
      return r.field('content', content)
    })
  },
  write(w, v) {
    const bytes = encode(content, v)
    w.u32(bytes.length)
    w.u32(crc32(bytes))
    w.put(bytes)
  },
})

const STATE = anyValue('state')
const TPM = ours('crbscope/tpm', struct('tpm', { image: block('TPM image'), backend: STATE }))
const GUEST = ours('crbscope/guest', STATE)

/** A section as it is read: what goes wrong inside is told with its name. */
class Loading {
  readonly r: Reader
  readonly known: Known | undefined
  /** Which sections are to come. */
  readonly layout: Layout
  private readonly sections: readonly Part[]
  constructor(r: Reader, known: Known | undefined) {
    this.r = r
    this.known = known
    // What another interface sends is read up to where it says so. With a CRB, RAM comes first.
    const ram = this.next !== undefined && this.nameAt(5) === 'ram'
    const tis = known ? known.device === 'tpm-tis' : this.next !== undefined
    this.layout = tis && !ram ? 'tpm-tis' : 'tpm-crb'
    this.sections = LAYOUTS[this.layout]
  }
  private refuse(reason: string, message: string, at = this.r.at): Malformed {
    return this.r.malformed(reason, message, at)
  }
  /** The octet that comes next, without taking it. */
  private get next(): number | undefined {
    return this.r.left > 0 ? this.r.bytes[this.r.at] : undefined
  }
  /** The name that stands `ahead` octets on. */
  private nameAt(ahead: number): string {
    const { r } = this
    const at = r.at + ahead
    return String.fromCharCode(...raw(r.bytes.slice(at + 1, at + 1 + (r.bytes[at] ?? 0))))
  }

  /** Head, body and footer of the section that must come now. */
  section<T>(index: number, body: (version: number) => T, version?: Codec<number>): T {
    const s = this.sections[index] as Part
    let has = s.version
    const wanted = labelOf(s)
    this.expect(index)
    return this.r.field(wanted, {
      name: 'section',
      shape: { kind: 'struct', fields: {} },
      read: r => {
        r.field('type', mark(s.part))
        const idAt = r.at
        const id = r.field('section id', SECTION_ID)
        if (id !== IDS[s.name])
          throw this.refuse(
            'section',
            `section ${id} is no section of this machine, ${s.name} has ${IDS[s.name]}`,
            idAt,
          )
        if (s.part !== PART.END) {
          r.field('name', SECTION_NAME)
          r.field('instance id', INSTANCE)
          has = r.field('version', version ?? exactly('version', 4, s.version, 'version', wrongVersion(s)))
        }
        const v = body(has)
        this.footer(s.name, id, has)
        return v
      },
      write: () => undefined,
    })
  }

  /** Something else than what must come now is named: repeated, too early, unknown, or no section at all. */
  private expect(index: number): void {
    const s = this.sections[index] as Part
    const next = this.next
    if (next === undefined) throw this.refuse('truncated', `the stream ends before ${labelOf(s)}`)
    if (next === s.part && (next === PART.END || this.nameAt(5) === s.name)) return
    if (next === PART.EOF) throw this.refuse('order', `the stream says that it ends before ${labelOf(s)}`)
    if (next === PART.SUBSECTION) throw this.refuse('section', `a subsection "${this.nameAt(1)}" belongs to no section`)
    if (next !== PART.START && next !== PART.FULL && next !== PART.END) {
      throw this.refuse('order', `${PART_NAMES[next] ?? hex(next, 2)} where ${labelOf(s)} belongs`)
    }
    const name = next === PART.END ? 'ram' : this.nameAt(5)
    const there = this.sections.findIndex(x => x.part === next && x.name === name)
    if (there < 0) throw this.refuse('unknown', `unknown section or instance '${name}' 0`)
    const what = labelOf(this.sections[there] as Part)
    throw this.refuse('order', there < index ? `${what} is repeated` : `${what} comes before ${labelOf(s)}`)
  }

  private footer(name: string, id: number, version: number): void {
    const { r } = this
    if (this.next === PART.SUBSECTION) {
      throw this.refuse('subsection', `section ${name} has no subsection '${this.nameAt(1)}' here`)
    }
    const misread = this.known?.careless && name === TIS_SECTION && version !== TIS_VERSION[this.known.buffer]
    r.field('footer', FOOTER(name, id, misread ? 'misread' : 'footer'))
  }

  /** The section of a tpm-tis: its version says how long the buffer is, to those who look. */
  tis(): SavedTis {
    const { known } = this
    if (!known) {
      return this.section(0, v => TIS_STATE[bufferOf(v) as TisBuffer].read(this.r), TIS_ANY_VERSION)
    }
    const { buffer } = known
    const version = TIS_VERSION[buffer]
    if (known.careless) {
      // With its own version it is as any other.
      const content = (v: number): SavedTis => (v === version ? TIS_STATE : TIS_UNCHECKED)[buffer].read(this.r)
      return this.section(0, content, TIS_UNSEEN_VERSION)
    }
    const wrong = (v: number): string =>
      v > version
        ? `section ${TIS_SECTION} is of version ${v}, newer than this host knows (${version})`
        : `section ${TIS_SECTION} is of version ${v}, too old for a buffer of ${count(buffer)} bytes (${version})`
    return this.section(0, () => TIS_STATE[buffer].read(this.r), exactly('version', 4, version, 'tis-version', wrong))
  }

  /** The window as RAM, then the registers with what is held behind it. */
  crbAndRam(): Sections {
    this.section(0, () => this.ramSetup())
    const page = this.section(1, () => this.ramPage())
    return { page, device: this.section(2, () => this.crb()) }
  }

  /** The block of the window is announced, and is one that this host has. */
  private ramSetup(): void {
    const { r } = this
    r.field('total', TOTAL)
    this.ramBlock()
    r.field('length', LENGTH)
    r.field('end', END_OF_RAM)
  }
  private ramBlock(): void {
    const at = this.r.at
    const name = this.r.field('block', BLOCK_NAME)
    if (name !== WINDOW_BLOCK || this.known?.device === 'tpm-tis') {
      throw this.refuse('ram', `unknown RAM block "${name}"`, at)
    }
  }
  private ramPage(): Bytes {
    const { r } = this
    const flag = r.field('page', PAGE_AT)
    this.ramBlock()
    let page: Bytes = new Uint8Array(PAGE)
    if (flag === ZERO) r.field('fill', ZERO_FILL)
    else page = r.field('bytes', BODY)
    r.field('end', END_OF_RAM)
    return page
  }
  private crb(): Omit<SavedDevice, 'window'> {
    const { r } = this
    const registers = r.field('registers', CRB_REGISTERS)
    if (this.next !== PART.SUBSECTION) return { registers }
    if (this.nameAt(1) !== CHUNK_SECTION.name || this.known?.chunkSection === false) {
      throw this.refuse('subsection', `section ${CRB_SECTION.name} has no subsection '${this.nameAt(1)}' here`)
    }
    return { registers, chunk: r.field('subsection tpm-crb/chunk', SUBSECTION) }
  }
}

const wrongVersion =
  (s: Part) =>
  (v: number): string =>
    v > s.version
      ? `section ${s.name} is of version ${v}, newer than this host knows (${s.version})`
      : `section ${s.name} is of version ${v}, too old for this host (${s.version})`

const TIS_VERSIONS = {
  [TIS_VERSION[4096]]: '0: a buffer of 4,096 bytes',
  [TIS_VERSION[8192]]: '1: a buffer of 8,192 bytes',
}
/** In a stream that is explained and not loaded, and to who does not look. */
const TIS_ANY_VERSION = choice('version of tpm-tis', 4, TIS_VERSIONS, 'version')
const TIS_UNSEEN_VERSION = constant('version', 4, TIS_VERSIONS)

const FOOTER = (name: string, id: number, reason: string): Codec<unknown> =>
  struct('footer', {
    mark: exactly(
      'mark',
      1,
      PART.FOOTER,
      reason,
      v => `section ${name} does not end here: ${hex(v, 2)} instead of its footer`,
      PART_NAMES,
    ),
    'section id': exactly('section id', 4, id, 'footer', v => `the footer of section ${name} is that of section ${v}`),
  })

const CHUNK_HEAD = struct('head', {
  mark: mark(PART.SUBSECTION),
  name: shortText('subsection'),
  version: exactly(
    'version',
    4,
    CHUNK_SECTION.version,
    'version',
    v => `subsection ${CHUNK_SECTION.name} is of version ${v}, newer than this host knows (${CHUNK_SECTION.version})`,
  ),
})
const SUBSECTION: Codec<NonNullable<SavedDevice['chunk']>> = {
  name: 'subsection',
  shape: { kind: 'struct', fields: {} },
  read(r) {
    CHUNK_HEAD.read(r)
    return CRB_CHUNK.read(r)
  },
  write(w, v) {
    CHUNK_HEAD.write(w, { mark: PART.SUBSECTION, name: CHUNK_SECTION.name, version: CHUNK_SECTION.version })
    CRB_CHUNK.write(w, v)
  },
}

/** As a host reads it; `known` undefined reads whatever can be explained. */
export const streamFor = (known?: Known): Codec<Stream> => ({
  name: 'migration stream',
  shape: { kind: 'struct', fields: {} },
  read(r) {
    r.field('file header', FILE_HEADER)
    const at = r.at
    const { machine } = r.field('configuration', CONFIGURATION)
    if (known && machine !== known.machine) {
      throw r.malformed('machine', `the machine type received is '${machine}', here it is '${known.machine}'`, at)
    }
    const l = new Loading(r, known)
    const sections = l.layout === 'tpm-tis' ? { tis: l.tis() } : l.crbAndRam()
    const after = l.layout === 'tpm-tis' ? 1 : 3
    const tpm = l.section(after, () => r.field('tpm', TPM))
    const guest = l.section(after + 1, () => r.field('guest', GUEST))
    r.field('end of stream', mark(PART.EOF))
    return { machine, ...sections, tpm, guest }
  },
  write(w, v) {
    FILE_HEADER.write(w, { magic: MAGIC, version: FILE_VERSION })
    CONFIGURATION.write(w, { mark: PART.CONFIGURATION, machine: v.machine })
    const section = (s: Part, body: () => void, version = s.version): void => {
      const id = IDS[s.name] as number
      w.u8(s.part)
      w.u32(id)
      if (s.part !== PART.END) {
        SECTION_NAME.write(w, s.name)
        w.u32(0)
        w.u32(version)
      }
      body()
      w.u8(PART.FOOTER)
      w.u32(id)
    }
    if (v.tis) {
      const size = v.tis.buffer.length as TisBuffer
      section(LAYOUTS['tpm-tis'][0], () => TIS_STATE[size].write(w, v.tis), TIS_VERSION[size])
    } else {
      const { page, device } = v
      const [setup, end, crb] = LAYOUTS['tpm-crb']
      const zero = page.every(x => x === 0)
      section(setup, () => {
        TOTAL.write(w, PAGE | MEM_SIZE)
        BLOCK_NAME.write(w, WINDOW_BLOCK)
        LENGTH.write(w, PAGE)
        END_OF_RAM.write(w, EOS)
      })
      section(end, () => {
        PAGE_AT.write(w, zero ? ZERO : PAGE_FLAG)
        BLOCK_NAME.write(w, WINDOW_BLOCK)
        if (zero) w.u8(0)
        else w.put(page)
        END_OF_RAM.write(w, EOS)
      })
      section(crb, () => {
        CRB_REGISTERS.write(w, device.registers)
        if (device.chunk) SUBSECTION.write(w, device.chunk)
      })
    }
    section(OURS[0] as Part, () => TPM.write(w, v.tpm))
    section(OURS[1] as Part, () => GUEST.write(w, v.guest))
    w.u8(PART.EOF)
  },
})

/** The window as its page: QEMU rounds the block up. */
export const pageOf = (window: Bytes): Bytes => concat(window, new Uint8Array(PAGE - window.length))
