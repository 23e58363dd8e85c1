// What the firmware measures, in its order: the list of a SeaBIOS-like and of a UEFI-like start-up, with event data in the
// forms that the TCG PC Client Platform Firmware Profile gives them (10.4). Contents are short texts that stand for code.

import { type Bytes, concat, fromHex, utf8 } from '../lib/bytes.ts'
import { EV } from '../spec/event-log.ts'
import type { Boot } from './guest.ts'

export interface Measured {
  readonly pcr: number
  readonly type: number
  /** What it is, in a few words. */
  readonly what: string
  /** The event data of the log. */
  readonly data: Bytes
  /** What is hashed: the event data itself, or the thing that it tells of. */
  readonly content: Bytes
}

/** What somebody can change between two boots, as the screen calls it. */
export const CHANGEABLE = ['firmware', 'option ROM', 'boot loader'] as const

const code = (what: string, changed: readonly string[]): Bytes =>
  utf8(`crbscope ${what}, version ${changed.includes(what) ? '1, changed by somebody' : '1'}`)

const le = (value: number, size: number): Bytes =>
  Uint8Array.from({ length: size }, (_, i) => Math.floor(value / 2 ** (8 * i)))
const utf16 = (text: string): Bytes => concat(...Array.from(text, c => le(c.charCodeAt(0), 2)))

/** The thing itself is the event data, and is what is hashed. */
const itself = (pcr: number, type: number, what: string, data: Bytes): Measured => ({
  pcr,
  type,
  what,
  data,
  content: data,
})
const action = (pcr: number, type: number, text: string): Measured => itself(pcr, type, text, utf8(text))

/** Four zero octets: the pre-boot measurements of a PCR end here. 10.4.3 */
const separators = (): readonly Measured[] =>
  Array.from({ length: 8 }, (_, pcr) => itself(pcr, EV.SEPARATOR, 'separator', new Uint8Array(4)))

interface Measurements {
  /** Before somebody is asked for a key. */
  readonly early: readonly Measured[]
  readonly late: readonly Measured[]
}

function seabios(changed: readonly string[]): Measurements {
  const of = (pcr: number, type: number, what: string, text: string): Measured => ({
    pcr,
    type,
    what,
    data: utf8(text),
    content: code(what, changed),
  })
  return {
    early: [
      itself(0, EV.S_CRTM_VERSION, 'version of the firmware', utf8('crbscope-seabios-1\0')),
      of(0, EV.POST_CODE, 'firmware', 'POST CODE'),
      of(1, EV.EVENT_TAG, 'SMBIOS tables', 'SMBIOS'),
      of(2, EV.EVENT_TAG, 'option ROM', 'Option ROM'),
    ],
    late: [
      action(4, EV.ACTION, 'Calling INT 19h'),
      ...separators(),
      action(4, EV.ACTION, 'Booting BCV device 80h (HDD)'),
      of(4, EV.IPL, 'boot loader', 'MBR'),
      of(5, EV.IPL_PARTITION_DATA, 'partition table', 'MBR PARTITION TABLE'),
    ],
  }
}

/** GUIDs as UEFI has them in memory: of global variables, and of the image security databases. */
const GLOBAL = fromHex('61dfe48bca93d211aa0d00e098032b8c')
const SECURITY = fromHex('cbb219d73a3d9645a3bcdad00e67656f')

/** UEFI_VARIABLE_DATA: 10.4.2. */
const variable = (pcr: number, type: number, guid: Bytes, name: string, value: Bytes): Measured =>
  itself(pcr, type, name, concat(guid, le(name.length, 8), le(value.length, 8), utf16(name), value))

function uefi(changed: readonly string[]): Measurements {
  const firmware = code('firmware', changed)
  const rom = code('option ROM', changed)
  const loader = code('boot loader', changed)
  const secure = (name: string, guid: Bytes, value: Bytes): Measured =>
    variable(7, EV.EFI_VARIABLE_DRIVER_CONFIG, guid, name, value)
  /** UEFI_IMAGE_LOAD_EVENT: where it lies, how long it is, where it was linked for, and no device path. */
  const image = (type: number, pcr: number, what: string, content: Bytes, at: number): Measured => ({
    pcr,
    type,
    what,
    data: concat(le(at, 8), le(content.length, 8), le(0, 8), le(0, 8)),
    content,
  })
  return {
    early: [
      itself(0, EV.S_CRTM_VERSION, 'version of the firmware', utf16('crbscope-uefi-1\0')),
      // UEFI_PLATFORM_FIRMWARE_BLOB: base and length.
      {
        pcr: 0,
        type: EV.EFI_PLATFORM_FIRMWARE_BLOB,
        what: 'firmware',
        data: concat(le(0xff_c0_00_00, 8), le(firmware.length, 8)),
        content: firmware,
      },
      secure('SecureBoot', GLOBAL, Uint8Array.of(1)),
      secure('PK', GLOBAL, utf8('platform key')),
      secure('KEK', GLOBAL, utf8('key exchange keys')),
      secure('db', SECURITY, utf8('allowed signers')),
      secure('dbx', SECURITY, utf8('forbidden images')),
      image(EV.EFI_BOOT_SERVICES_DRIVER, 2, 'option ROM', rom, 0x7e00_0000),
      variable(1, EV.EFI_VARIABLE_BOOT, GLOBAL, 'BootOrder', Uint8Array.of(0, 0)),
      variable(1, EV.EFI_VARIABLE_BOOT, GLOBAL, 'Boot0000', utf8('disk')),
    ],
    late: [
      action(4, EV.EFI_ACTION, 'Calling EFI Application from Boot Option'),
      ...separators(),
      itself(5, EV.EFI_GPT_EVENT, 'partition table', concat(utf8('EFI PART'), le(0x10000, 4), le(92, 4))),
      image(EV.EFI_BOOT_SERVICES_APPLICATION, 4, 'boot loader', loader, 0x7d00_0000),
      action(5, EV.EFI_ACTION, 'Exit Boot Services Invocation'),
      action(5, EV.EFI_ACTION, 'Exit Boot Services Returned with Success'),
    ],
  }
}

const made = new WeakMap<readonly string[], { [K in Boot['kind']]?: Measurements }>()

/** Everything that a boot measures; a list that was made for the same changes is the same one. */
export function measurements({ kind, changed }: Pick<Boot, 'kind' | 'changed'>): Measurements {
  const known = made.get(changed) ?? {}
  made.set(changed, known)
  known[kind] ??= kind === 'uefi' ? uefi(changed) : seabios(changed)
  return known[kind]
}

export const measurement = (b: Pick<Boot, 'kind' | 'changed'>, i: number): Measured => {
  const { early, late } = measurements(b)
  return (early[i] ?? late[i - early.length]) as Measured
}
