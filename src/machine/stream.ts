// A machine as QEMU's migration stream, as far as a TPM is concerned: file header, configuration, RAM, the device, and two
// sections of our own for the TPM and the guest. Framing after migration/savevm.c, vmstate.c and ram.c of QEMU; a stream has
// no lengths, so a reader that does not know a section cannot step over it. Read strictly: each section once, in this order.

import { type Codec, encode } from '../codec/codec.ts'
import { opaque, struct, u32 } from '../codec/combinators.ts'
import type { Malformed } from '../codec/malformed.ts'
import type { Reader } from '../codec/reader.ts'
import { anyValue, block, exactly, longText, shortText } from '../codec/stream.ts'
import { CHUNK_SECTION, CRB_CHUNK, CRB_REGISTERS, CRB_SECTION, WINDOW_BLOCK } from '../hw/crb-section.ts'
import type { SavedDevice } from '../hw/device.ts'
import { type Bytes, concat, raw } from '../lib/bytes.ts'
import { crc32 } from '../lib/crc32.ts'

export interface Stream {
  readonly machine: string
  /** The RAM block of the window: one page. */
  readonly page: Bytes
  readonly device: Omit<SavedDevice, 'window'>
  /** Of the backend: the image of the TPM, and what surrounds it. */
  readonly tpm: { readonly image: Bytes; readonly backend: unknown }
  /** Everything of the machine that is neither device nor backend: guest, time, what the screen shows. */
  readonly guest: unknown
}

/** What the reading host has; undefined: everything that is known, to explain a stream. */
export interface Known {
  readonly machine: string
  readonly ramBlock: boolean
  readonly chunkSection: boolean
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

/** Sections in their order. QEMU numbers them as their devices register; the number ties a section to its footer. */
const SECTIONS = [
  { name: 'ram', part: PART.START, version: 4 },
  { name: 'ram', part: PART.END, version: 4 },
  { name: CRB_SECTION.name, part: PART.FULL, version: CRB_SECTION.version },
  { name: 'crbscope/tpm', part: PART.FULL, version: 1 },
  { name: 'crbscope/guest', part: PART.FULL, version: 1 },
] as const
type SectionName = (typeof SECTIONS)[number]['name']
const ids = new Map<SectionName, number>([...new Set(SECTIONS.map(s => s.name))].map((name, i) => [name, i + 1]))
const labelOf = (s: (typeof SECTIONS)[number]): string =>
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
  constructor(r: Reader, known: Known | undefined) {
    this.r = r
    this.known = known
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
  section<T>(index: number, body: () => T): T {
    const s = SECTIONS[index] as (typeof SECTIONS)[number]
    const wanted = labelOf(s)
    this.expect(index)
    return this.r.field(wanted, {
      name: 'section',
      shape: { kind: 'struct', fields: {} },
      read: r => {
        r.field('type', mark(s.part))
        const idAt = r.at
        const id = r.field('section id', SECTION_ID)
        if (id !== ids.get(s.name))
          throw this.refuse(
            'section',
            `section ${id} is no section of this machine, ${s.name} has ${ids.get(s.name)}`,
            idAt,
          )
        if (s.part !== PART.END) {
          r.field('name', SECTION_NAME)
          r.field('instance id', INSTANCE)
          r.field(
            'version',
            exactly('version', 4, s.version, 'version', v =>
              v > s.version
                ? `section ${s.name} is of version ${v}, newer than this host knows (${s.version})`
                : `section ${s.name} is of version ${v}, too old for this host (${s.version})`,
            ),
          )
        }
        const v = body()
        this.footer(s.name, id)
        return v
      },
      write: () => undefined,
    })
  }

  /** Something else than what must come now is named: repeated, too early, unknown, or no section at all. */
  private expect(index: number): void {
    const s = SECTIONS[index] as (typeof SECTIONS)[number]
    const next = this.next
    if (next === undefined) throw this.refuse('truncated', `the stream ends before ${labelOf(s)}`)
    if (next === s.part && (next === PART.END || this.nameAt(5) === s.name)) return
    if (next === PART.EOF) throw this.refuse('order', `the stream says that it ends before ${labelOf(s)}`)
    if (next === PART.SUBSECTION) throw this.refuse('section', `a subsection "${this.nameAt(1)}" belongs to no section`)
    if (next !== PART.START && next !== PART.FULL && next !== PART.END) {
      throw this.refuse('order', `${PART_NAMES[next] ?? hex(next, 2)} where ${labelOf(s)} belongs`)
    }
    const name = next === PART.END ? 'ram' : this.nameAt(5)
    const there = SECTIONS.findIndex(x => x.part === next && x.name === name)
    if (there < 0) throw this.refuse('unknown', `unknown section or instance '${name}' 0`)
    throw this.refuse(
      'order',
      there < index
        ? `${labelOf(SECTIONS[there] as (typeof SECTIONS)[number])} is repeated`
        : `${labelOf(SECTIONS[there] as (typeof SECTIONS)[number])} comes before ${labelOf(s)}`,
    )
  }

  private footer(name: string, id: number): void {
    const { r } = this
    if (this.next === PART.SUBSECTION) {
      throw this.refuse('subsection', `section ${name} has no subsection '${this.nameAt(1)}' here`)
    }
    r.field('footer', FOOTER(name, id))
  }

  /** The block of the window is announced, and is one that this host has. */
  ramSetup(): void {
    const { r } = this
    r.field('total', TOTAL)
    this.ramBlock()
    r.field('length', LENGTH)
    r.field('end', END_OF_RAM)
  }
  private ramBlock(): void {
    const at = this.r.at
    const name = this.r.field('block', BLOCK_NAME)
    if (name !== WINDOW_BLOCK || this.known?.ramBlock === false) {
      throw this.refuse('ram', `unknown RAM block "${name}"`, at)
    }
  }
  ramPage(): Bytes {
    const { r } = this
    const flag = r.field('page', PAGE_AT)
    this.ramBlock()
    let page: Bytes = new Uint8Array(PAGE)
    if (flag === ZERO) r.field('fill', ZERO_FILL)
    else page = r.field('bytes', BODY)
    r.field('end', END_OF_RAM)
    return page
  }
  crb(): Stream['device'] {
    const { r } = this
    const registers = r.field('registers', CRB_REGISTERS)
    if (this.next !== PART.SUBSECTION) return { registers }
    if (this.nameAt(1) !== CHUNK_SECTION.name || this.known?.chunkSection === false) {
      throw this.refuse('subsection', `section ${CRB_SECTION.name} has no subsection '${this.nameAt(1)}' here`)
    }
    return { registers, chunk: r.field('subsection tpm-crb/chunk', SUBSECTION) }
  }
}

const FOOTER = (name: string, id: number): Codec<unknown> =>
  struct('footer', {
    mark: exactly(
      'mark',
      1,
      PART.FOOTER,
      'footer',
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
    l.section(0, () => l.ramSetup())
    const page = l.section(1, () => l.ramPage())
    const device = l.section(2, () => l.crb())
    const tpm = l.section(3, () => r.field('tpm', TPM))
    const guest = l.section(4, () => r.field('guest', GUEST))
    r.field('end of stream', mark(PART.EOF))
    return { machine, page, device, tpm, guest }
  },
  write(w, v) {
    FILE_HEADER.write(w, { magic: MAGIC, version: FILE_VERSION })
    CONFIGURATION.write(w, { mark: PART.CONFIGURATION, machine: v.machine })
    const section = (index: number, body: () => void): void => {
      const s = SECTIONS[index] as (typeof SECTIONS)[number]
      const id = ids.get(s.name) as number
      w.u8(s.part)
      w.u32(id)
      if (s.part !== PART.END) {
        SECTION_NAME.write(w, s.name)
        w.u32(0)
        w.u32(s.version)
      }
      body()
      w.u8(PART.FOOTER)
      w.u32(id)
    }
    const zero = v.page.every(x => x === 0)
    section(0, () => {
      TOTAL.write(w, PAGE | MEM_SIZE)
      BLOCK_NAME.write(w, WINDOW_BLOCK)
      LENGTH.write(w, PAGE)
      END_OF_RAM.write(w, EOS)
    })
    section(1, () => {
      PAGE_AT.write(w, zero ? ZERO : PAGE_FLAG)
      BLOCK_NAME.write(w, WINDOW_BLOCK)
      if (zero) w.u8(0)
      else w.put(v.page)
      END_OF_RAM.write(w, EOS)
    })
    section(2, () => {
      CRB_REGISTERS.write(w, v.device.registers)
      if (v.device.chunk) SUBSECTION.write(w, v.device.chunk)
    })
    section(3, () => TPM.write(w, v.tpm))
    section(4, () => GUEST.write(w, v.guest))
    w.u8(PART.EOF)
  },
})

/** The window as its page: QEMU rounds the block up. */
export const pageOf = (window: Bytes): Bytes => concat(window, new Uint8Array(PAGE - window.length))
