import { join } from 'node:path'
import { newError, utf8, type BimsError } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attempt } from '../file/attempt.ts'
import { readIfThere, writeDurably } from '../file/durable.ts'
import type { SignedTransaction } from '../gateway/connection.ts'
import {
  isEntryName,
  isTransactionName,
  parseEntry,
  parseTransaction,
  transactionBytes,
  transactionName,
  type Entry,
  type PendingTransaction
} from './entry.ts'
import { writeEntries, type Outbox } from './outbox.ts'
import { isAttachmentName, parseAttachment, type QueuedAttachment } from './queued-attachment.ts'

/** The files of an outbox as a delivery works on them, under its lock. Every failure is one of the file system. */
export interface OutboxStore {
  /** Names of the entries, oldest first. */
  readonly entryNames: () => Promise<readonly string[]>
  /** Reads an entry; undefined where it is gone, or is not as it was written and was set aside. */
  readonly entry: (name: string) => Promise<Entry | undefined>
  /** Names of the transactions whose outcome is not known. */
  readonly pendingNames: () => Promise<readonly string[]>
  /** Reads one of them; undefined where it is gone, or is not as it was written and was set aside. */
  readonly pending: (name: string) => Promise<PendingTransaction | undefined>
  readonly keep: (entries: readonly string[], transaction: SignedTransaction) => TaskEither<BimsError, void>
  readonly drop: (transaction: Pick<SignedTransaction, 'id'>) => TaskEither<BimsError, void>
  /** Removes entries that stand on the ledger, then their transaction: in the other order a kill between would send them anew. */
  readonly finish: (entries: readonly string[], transaction: string) => TaskEither<BimsError, void>
  /** Puts an entry of several records into two. A kill between leaves records twice, which the ledger counts once. */
  readonly split: (entry: Entry) => TaskEither<BimsError, readonly Entry[]>
  /** Moves an entry that the ledger will never take, with a file that says why. */
  readonly refuse: (entry: Entry, error: BimsError) => TaskEither<BimsError, void>
  /** Names of the files of attachments that wait. */
  readonly attachmentNames: () => Promise<readonly string[]>
  /** Reads one of them; undefined where it is gone, or is not as it was written and was set aside. */
  readonly attachment: (name: string) => Promise<QueuedAttachment | undefined>
  readonly removeAttachment: (name: string) => TaskEither<BimsError, void>
  /** Files that were set aside since the store was opened. */
  readonly corrupt: () => readonly string[]
}

/** The error that tells of files that were set aside. */
export const corruptError = (folder: string, names: readonly string[]): BimsError =>
  newError(
    'outbox-corrupt',
    `${names.length} ${names.length === 1 ? 'file' : 'files'} of the outbox were not as they were written and stand now in ${folder}.`,
    'Check the disk. Save the images that they belong to again, or restore the files from a backup.',
    { issues: names.slice(0, 100).map(name => ({ at: name, what: 'its checksum does not match' })) }
  )

/** The files of an outbox, for a delivery that has its lock. */
export const openStore = ({ folders, system }: Outbox): OutboxStore => {
  const { files } = system
  const corrupt: string[] = []

  const setAside = async (folder: string, name: string): Promise<void> => {
    await files.rename(join(folder, name), join(folders.corrupt, name))
    await files.syncFolder(folders.corrupt)
    await files.syncFolder(folder)
    corrupt.push(name)
  }
  const readWhole = async <A>(
    folder: string,
    name: string,
    parse: (bytes: Uint8Array) => A | undefined
  ): Promise<A | undefined> => {
    const bytes = await readIfThere(files, join(folder, name))
    const whole = bytes === undefined ? undefined : parse(bytes)
    if (bytes !== undefined && whole === undefined) await setAside(folder, name)
    return whole
  }
  const removeEntries = async (names: readonly string[]): Promise<void> => {
    for (const name of names) await files.remove(join(folders.entries, name))
    await files.syncFolder(folders.entries)
  }

  return {
    entryNames: async () => (await files.list(folders.entries)).filter(isEntryName).sort(),
    entry: name => readWhole(folders.entries, name, bytes => parseEntry(name, bytes)),
    pendingNames: async () => (await files.list(folders.transactions)).filter(isTransactionName).sort(),
    pending: name => readWhole(folders.transactions, name, parseTransaction),
    keep: (entries, { id, bytes }) =>
      attempt('Keeping a transaction', () =>
        writeDurably(files, join(folders.transactions, transactionName(id)), transactionBytes({ id, entries, bytes }))
      ),
    drop: ({ id }) =>
      attempt('Removing a transaction', async () => {
        await files.remove(join(folders.transactions, transactionName(id)))
        await files.syncFolder(folders.transactions)
      }),
    finish: (entries, transaction) =>
      attempt('Removing what was delivered', async () => {
        await removeEntries(entries)
        await files.remove(join(folders.transactions, transactionName(transaction)))
      }),
    split: ({ name, records, restricted }) =>
      attempt('Parting an entry', async () => {
        const half = Math.ceil(records.length / 2)
        const parts = [records.slice(0, half), records.slice(half)]
          .filter(part => part.length > 0)
          .map(part => ({ records: part, ...(restricted !== undefined && { restricted }) }))
        const names = await writeEntries(system, folders, parts)
        await removeEntries([name])
        return parts.map((part, i) => ({ ...part, name: names[i] ?? '' }))
      }),
    refuse: ({ name }, { code, what, advice, issues = [] }) =>
      attempt('Setting a refused entry aside', async () => {
        await writeDurably(
          files,
          join(folders.refused, `${name}.json`),
          utf8(`${JSON.stringify({ code, what, advice, issues }, undefined, 2)}\n`)
        )
        await files.rename(join(folders.entries, name), join(folders.refused, name))
        await files.syncFolder(folders.refused)
        await files.syncFolder(folders.entries)
      }),
    attachmentNames: async () => (await files.list(folders.attachments)).filter(isAttachmentName).sort(),
    attachment: name => readWhole(folders.attachments, name, parseAttachment),
    removeAttachment: name =>
      attempt('Removing what was kept', async () => {
        await files.remove(join(folders.attachments, name))
        await files.syncFolder(folders.attachments)
      }),
    corrupt: () => corrupt
  }
}
