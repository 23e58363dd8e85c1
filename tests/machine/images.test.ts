// Machines whose TPM was kept: its image is a part of the configuration, so that a run of it replays like any other.

import { describe, expect, it } from 'vitest'
import { toHex } from '../../src/lib/bytes.ts'
import { History } from '../../src/machine/history.ts'
import { installImages } from '../../src/machine/images.ts'
import { parseRecording, saveRecording, verifyRecording } from '../../src/machine/recording.ts'
import { writeImage } from '../../src/nvram/image.ts'
import { powerOff } from '../../src/tpm/tpm.ts'
import { config, getRandom } from '../support/machines.ts'
import { NV_INDEX, withIndex } from '../support/states.ts'

const image = (): string => toHex(writeImage(powerOff(withIndex('kept').tpm)))

describe('a machine with a TPM that was kept', () => {
  it('has its NV Indexes, and gets power and Startup again', () => {
    installImages()
    const h = History.start({ ...config([getRandom('a')]), image: image() })
    const { tpm } = h.at(0).machine.backend
    expect(tpm.nv.indexes.map(i => i.publicArea.nvIndex)).toEqual([NV_INDEX])
    expect(tpm).toMatchObject({ power: 'on', clock: { resetCount: 2 } })
    h.extend(10_000)
    expect(h.at(h.length - 1).machine.guest.results.at(-1)?.id).toBe('a')
  })

  it('is recorded with its image, and replays to the same digest', () => {
    installImages()
    const h = History.start({ ...config([getRandom('a')]), image: image() })
    h.extend(10_000)
    const recording = saveRecording(h, 'kept')
    expect(recording.config.image).toBe(image())
    const replayed = verifyRecording(parseRecording(JSON.stringify(recording)))
    expect(replayed.at(0).machine.backend.tpm.nv.indexes.length).toBe(1)
    // Without it, it is another run.
    const { image: _, ...without } = recording.config
    expect(() => verifyRecording({ ...recording, config: without })).toThrow(/the replay ends with digest/)
  })

  it.each([
    ['zz', /^config\.image: not a hexadecimal digit at position 1: "z"/],
    ['00', /^config\.image: no state of crbscope: wrong first bytes at offset 0/],
    [image().slice(0, 200), /^config\.image: truncated: ends at offset 100/],
    [1, /^config\.image: must be a text/],
  ])('is refused with a broken image, naming the member: %s', (broken, what) => {
    const h = History.start(config([getRandom('a')]))
    const recording = saveRecording(h, 'x')
    const text = JSON.stringify({ ...recording, config: { ...recording.config, image: broken } })
    expect(() => parseRecording(text)).toThrow(what)
  })
})
