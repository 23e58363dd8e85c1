// The dialogs, loaded when the first one is opened: keys, recordings, and sending any command.

import './Dialogs.css'
import { Dialog } from 'radix-ui'
import { lazy, type ReactNode, Suspense } from 'react'
import { useSim } from '../hooks.ts'
import { type Dialog as Which, set, type Store } from '../store.ts'
import { Compare } from './Compare.tsx'
import { Files } from './Files.tsx'
import { Keys } from './Keys.tsx'
import { Paste } from './Paste.tsx'

const Builder = lazy(async () => ({ default: (await import('./Builder.tsx')).Builder }))
const Migration = lazy(async () => ({ default: (await import('./Migration.tsx')).Migration }))
const Reference = lazy(async () => ({ default: (await import('./Reference.tsx')).Reference }))

const Storage = lazy(async () => ({ default: (await import('./Storage.tsx')).Storage }))

const selectDialog = (s: Store) => s.dialog
const CONTENT: { readonly [W in Which]: { readonly title: string; readonly body: ReactNode; readonly about: string } } =
  {
    keys: { title: 'Keys', body: <Keys />, about: 'What every key does.' },
    files: { title: 'Recordings', body: <Files />, about: 'Open and save runs.' },
    build: { title: 'Build a command', body: <Builder />, about: 'Fill in the fields of a TPM command and send it.' },
    reference: { title: 'Reference', body: <Reference />, about: 'Commands, structures, registers and return codes.' },
    compare: { title: 'CRB and TIS', body: <Compare />, about: 'The same commands over both interfaces.' },
    migrate: { title: 'Migration', body: <Migration />, about: 'Move the machine to another host, or save it.' },
    storage: {
      title: 'Stored state',
      body: <Storage />,
      about: 'The blobs of the TPM as bytes, in the layouts of 2011 and today, and how they are sealed.',
    },
    paste: { title: 'Send any command', body: <Paste />, about: 'Paste the bytes of a TPM command.' },
  }

export default function Dialogs() {
  const which = useSim(selectDialog)
  const content = which && CONTENT[which]
  return (
    <Dialog.Root open={which !== undefined} onOpenChange={open => !open && set({ dialog: undefined })}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        {content && (
          <Dialog.Content className={`dialog ${which}`}>
            <header>
              <Dialog.Title>{content.title}</Dialog.Title>
              <Dialog.Close className="button">Close</Dialog.Close>
            </header>
            <Dialog.Description className="hidden">{content.about}</Dialog.Description>
            <Suspense>{content.body}</Suspense>
          </Dialog.Content>
        )}
      </Dialog.Portal>
    </Dialog.Root>
  )
}
