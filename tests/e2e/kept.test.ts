// A TPM that outlives the page: NV Indexes and persistent keys after a reload, sealed or not; what a second tab is told; and
// images that are opened with the wrong key, without one, and with one that they do not need.

import { AxeBuilder } from '@axe-core/playwright'
import { expect, type Page, test } from '@playwright/test'
import { EMPTY, toHex } from '../../src/lib/bytes.ts'
import { MLDSA_87 } from '../../src/lessons/more-keys.ts'
import { FIRST } from '../../src/lessons/scenarios/index.ts'
import { writeBlocks } from '../../src/nvram/block-layout.ts'
import { toBlobs } from '../../src/nvram/blobs.ts'
import { seal } from '../../src/nvram/sealed.ts'
import { ALG } from '../../src/spec/algorithms.ts'
import { CreatePrimary } from '../../src/spec/commands/hierarchy.ts'
import { EvictControl } from '../../src/spec/commands/context.ts'
import { NV_DefineSpace } from '../../src/spec/commands/nv.ts'
import { encodeCommand } from '../../src/spec/frame.ts'
import { PERSISTENT_FIRST, RH, TRANSIENT_FIRST } from '../../src/spec/handles.ts'
import { NV } from '../../src/spec/nv.ts'
import { keyOf, NV_INDEX, noncesOf, withIndex } from '../support/states.ts'
import { dress, tooSmall } from './measure.ts'
import { open } from './stage.ts'

const PUBLIC = {
  nvIndex: NV_INDEX,
  nameAlg: ALG.SHA256,
  attributes: NV.AUTHREAD | NV.AUTHWRITE | NV.NO_DA,
  authPolicy: EMPTY,
  dataSize: 8,
}
const SENSITIVE = { userAuth: EMPTY, data: EMPTY }
const COMMANDS = [
  encodeCommand(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: EMPTY, publicInfo: PUBLIC }),
  encodeCommand(
    CreatePrimary,
    { primaryHandle: RH.OWNER },
    { inSensitive: SENSITIVE, inPublic: MLDSA_87, outsideInfo: EMPTY, creationPCR: [] },
  ),
  // The scenario has a key of its own in the first slot.
  encodeCommand(
    EvictControl,
    { auth: RH.OWNER, objectHandle: TRANSIENT_FIRST + 1 },
    { persistentHandle: PERSISTENT_FIRST },
  ),
].map(toHex)

/** Sends commands by hand, after all that the scenario does. */
async function send(page: Page): Promise<void> {
  await page.keyboard.press('End')
  for (const hex of COMMANDS) {
    await page.keyboard.press('n')
    await page.getByLabel(/^Bytes of a command/).fill(hex)
    await page.getByRole('button', { name: 'Send it' }).click()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await page.keyboard.press('End')
    await expect(page.locator('[data-rc]')).toContainText('SUCCESS')
  }
}

const panel = (page: Page) => page.getByRole('region', { name: 'Kept TPM' })
const state = async (page: Page): Promise<void> => {
  if ((await panel(page).count()) === 0) await page.keyboard.press('s')
  await expect(panel(page)).toBeVisible()
}
async function hasBoth(page: Page): Promise<void> {
  await expect(panel(page)).toHaveAttribute('data-kept-on-stage', 'true')
  const drawer = page.locator('.tpm-state')
  await expect(drawer.getByRole('list', { name: 'NV Indexes' })).toContainText('01000001')
  await expect(drawer.getByRole('list', { name: 'Persistent objects' })).toContainText('81000000')
}

test('a reload keeps NV Indexes and persistent keys, and what came later', async ({ page }) => {
  test.slow()
  await open(page, FIRST)
  await send(page)
  await state(page)
  await panel(page).getByRole('button', { name: 'Keep this TPM' }).click()
  await expect(panel(page)).toHaveAttribute('data-kept-status', 'open')
  for (let i = 0; i < 2; i++) {
    await page.reload()
    await page.locator('[data-ready]').waitFor()
    await state(page)
    await hasBoth(page)
    await expect(page.locator('.scenario')).toContainText('The kept TPM')
  }
  // One more Index, and it is there after the next reload.
  await page.keyboard.press('n')
  const publicInfo = { ...PUBLIC, nvIndex: NV_INDEX + 1 }
  const more = toHex(encodeCommand(NV_DefineSpace, { authHandle: RH.OWNER }, { auth: EMPTY, publicInfo }))
  await page.getByLabel(/^Bytes of a command/).fill(more)
  await page.getByRole('button', { name: 'Send it' }).click()
  await page.keyboard.press('End')
  await expect(page.locator('.tpm-state')).toContainText('01000002')
  const end = await page.locator('#step-field').inputValue()
  await expect(panel(page).locator('[data-kept-state]')).toContainText(`as it is at step ${end}.`)
  await page.reload()
  await page.locator('[data-ready]').waitFor()
  await state(page)
  await hasBoth(page)
  await expect(page.locator('.tpm-state')).toContainText('01000002')
  // Forgotten, nothing comes back.
  await panel(page).getByRole('button', { name: 'Forget it' }).click()
  await expect(panel(page)).toHaveAttribute('data-kept-status', 'none')
  await page.reload()
  await page.locator('[data-ready]').waitFor()
  await expect(page.locator('.scenario')).toHaveAttribute('data-scenario', FIRST.id)
})

test('a sealed TPM comes back with its passphrase, and with no other', async ({ page }) => {
  test.slow()
  await open(page, FIRST)
  await send(page)
  await state(page)
  await panel(page).getByLabel('Passphrase, or none').fill('correct horse')
  await panel(page).getByRole('button', { name: 'Keep this TPM' }).click()
  await expect(panel(page).locator('[data-kept-state]')).toContainText('sealed', { timeout: 20_000 })
  const stored = await page.evaluate(
    () =>
      new Promise<string>(done => {
        const asked = indexedDB.open('crbscope', 1)
        asked.addEventListener('success', () => {
          const found = asked.result.transaction('state').objectStore('state').get('tpm')
          found.addEventListener('success', () => {
            done(new TextDecoder('latin1').decode(found.result as Uint8Array))
            asked.result.close()
          })
        })
      }),
  )
  expect(stored).toContain('xchacha20-poly1305')
  expect(stored).not.toContain('publicArea')

  await page.reload()
  await page.locator('[data-ready]').waitFor()
  await expect(page.locator('body')).toContainText('A sealed TPM is kept in this browser')
  await state(page)
  await expect(panel(page)).toHaveAttribute('data-kept-status', 'locked')
  const unlock = async (words: string): Promise<void> => {
    if (words !== '') await panel(page).getByLabel('Passphrase').fill(words)
    await panel(page).getByRole('button', { name: 'Put it on stage' }).click()
  }
  await unlock('')
  await expect(panel(page).getByRole('alert')).toHaveText(
    'The kept TPM is sealed with a passphrase (xchacha20-poly1305), and none was given.',
  )
  await unlock('wrong horse')
  await expect(panel(page).getByRole('alert')).toContainText('cannot be read with this passphrase', { timeout: 20_000 })
  // Nothing was changed by that, and the scenario is still on stage.
  await expect(page.locator('.scenario')).toHaveAttribute('data-scenario', FIRST.id)
  await unlock('correct horse')
  await expect(panel(page)).toHaveAttribute('data-kept-status', 'open', { timeout: 20_000 })
  await hasBoth(page)
})

test('a second tab is told that the first has the TPM, and gets it afterwards', async ({ page, context }) => {
  test.slow()
  await open(page, FIRST)
  await state(page)
  await panel(page).getByRole('button', { name: 'Keep this TPM' }).click()
  await expect(panel(page)).toHaveAttribute('data-kept-status', 'open')
  const second = await context.newPage()
  await open(second, FIRST)
  await expect(second.locator('body')).toContainText('Another tab of this browser has the kept TPM')
  await state(second)
  await expect(panel(second)).toHaveAttribute('data-kept-status', 'elsewhere')
  await panel(second).getByRole('button', { name: 'Try again' }).click()
  await expect(panel(second).getByRole('alert')).toContainText('This one leaves it alone')
  await page.close()
  await panel(second).getByRole('button', { name: 'Try again' }).click()
  await expect(panel(second)).toHaveAttribute('data-kept-on-stage', 'true')
})

test('a tab that finds the TPM taken when it wants to keep one is refused too', async ({ page, context }) => {
  await open(page, FIRST)
  const second = await context.newPage()
  await open(second, FIRST)
  await state(page)
  await state(second)
  await panel(page).getByRole('button', { name: 'Keep this TPM' }).click()
  await expect(panel(page)).toHaveAttribute('data-kept-status', 'open')
  await panel(second).getByRole('button', { name: 'Keep this TPM' }).click()
  await expect(panel(second)).toHaveAttribute('data-kept-status', 'elsewhere')
})

const storage = async (page: Page) => {
  await state(page)
  await panel(page).getByRole('button', { name: 'Stored state as bytes' }).click()
  const dialog = page.getByRole('dialog', { name: 'Stored state' })
  await expect(dialog.locator('[data-storage-field]').first()).toBeVisible()
  return dialog
}

test('images: wrong key, missing key, needless key, a slip of the pen, and the right one', async ({ page }) => {
  await open(page, FIRST)
  const dialog = await storage(page)
  const blobs = toBlobs(withIndex('opened').tpm, false)
  const file = (name: string, image: ReturnType<typeof writeBlocks>) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(image as Uint8Array),
  })
  const sealed = file('sealed.der', seal(blobs, keyOf(256), noncesOf(1)).image)
  const clear = file('clear.der', seal(blobs, undefined, noncesOf(1)).image)
  const old = file('old.img', writeBlocks(blobs, { key: keyOf(128).bytes }))
  const right = toHex(keyOf(256).bytes)
  const attempt = async (image: typeof sealed, key: string): Promise<void> => {
    await dialog.getByLabel('Image file').setInputFiles(image)
    await dialog.getByLabel('Its key, in hexadecimal').fill(key)
    await dialog.getByRole('button', { name: 'Open the image' }).click()
  }
  const problem = dialog.getByRole('region', { name: 'Open an image' }).getByRole('alert')
  for (const [image, key, said] of [
    [sealed, toHex(keyOf(256, 8).bytes), 'sealed.der cannot be read with this key'],
    [sealed, '', 'sealed.der is sealed with a key (xchacha20-poly1305), and none was given'],
    [clear, right, 'clear.der is in clear, and a key was given'],
    [old, toHex(keyOf(128, 8).bytes), 'old.img cannot be read: is this the wrong key'],
    [old, '', 'old.img is encrypted (AES-CBC), and no key was given'],
    [sealed, `070707O7${right.slice(8)}`, 'The key: letter O at position 7 is no hexadecimal digit; is it a zero?'],
    [sealed, right.slice(2), 'has 62 hexadecimal digits'],
    [file('other', Uint8Array.of(137, 80, 78, 71)), '', 'other no state of crbscope: wrong first bytes at offset 0'],
    [file('nothing', new Uint8Array(0)), '', 'nothing empty: 0 bytes'],
  ] as const) {
    await attempt(image, key)
    await expect(problem).toContainText(said)
    await expect(problem).toContainText('The machine on stage is untouched')
  }
  await expect(page.locator('.scenario')).toHaveAttribute('data-scenario', FIRST.id)
  await attempt(old, toHex(keyOf(128).bytes))
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.locator('.scenario')).toContainText('old.img')
  await expect(page.locator('.tpm-state').getByRole('list', { name: 'NV Indexes' })).toContainText('01000001')
})

test('the layouts are explained, the weakness is shown, and what the parser of 2011 made of a key', async ({
  page,
}) => {
  await open(page, FIRST)
  const dialog = await storage(page)
  await dialog.locator('[data-storage-way]').selectOption('blocks-cbc')
  await expect(dialog.locator('[data-storage-field=enctype]')).toContainText('1: AES-CBC')
  await expect(dialog.locator('[data-storage-field=enctype]')).toContainText('[text]')
  await expect(dialog.locator('[data-storage-field="entries[0].space"]')).toContainText('[ours]')
  await dialog.locator('[data-storage-way]').selectOption('der-none')
  await expect(dialog.locator('[data-storage-field="encryption.content"]')).toContainText('"none"')

  const equal = async (label: string): Promise<number> =>
    Number(await dialog.locator(`[data-compared="${label}"]`).getAttribute('data-equal'))
  expect(await equal('AES-CBC')).toBeGreaterThan(20)
  expect(await equal('XChaCha20-Poly1305')).toBe(0)
  await dialog.getByLabel(/^Flip bit 0/).fill('100')
  await expect(dialog.locator('[data-flipped-next]')).toContainText('plain byte 116 is')
  await expect(dialog.locator('[data-flipped-aead]')).toContainText('refused')

  await dialog.getByLabel('Value of key=').fill('aes-cbc:HELLOWORLD')
  await expect(dialog.locator('[data-old-posted]')).toHaveText(
    'AES-128, 6165732d6362633a48454c4c4f574f52; "LD" ignored',
  )
  const options = dialog.getByLabel('Options')
  await options.fill('enc_mode=aes-cbc,key_format=hex,key=001122O3445566778899aabbccddeeff')
  await expect(dialog.locator('[data-old-now]')).toHaveText(
    'refused: key letter O at position 7 is no hexadecimal digit; is it a zero?',
  )
  await options.fill('key_format=binary,key=0123456789abcdef')
  await expect(dialog.locator('[data-old-now]')).toHaveText('aes-cbc, binary: a key of 128 bits')
})

for (const theme of ['light', 'dark', 'contrast'] as const) {
  test(`panel and dialog can be read by everybody in ${theme}`, async ({ page }) => {
    await dress(page, { theme })
    await open(page, FIRST)
    const dialog = await storage(page)
    const found = await new AxeBuilder({ page }).include('[role=dialog]').analyze()
    expect(found.violations.map(v => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([])
    expect(await tooSmall(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Close' }).click()
    const side = await new AxeBuilder({ page }).include('.kept').analyze()
    expect(side.violations.map(v => `${v.id}: ${v.nodes[0]?.html}`)).toEqual([])
  })
}
