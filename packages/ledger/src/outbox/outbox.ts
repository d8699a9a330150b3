import { join, resolve } from 'node:path'
import { newLedgerRecord, type BimsError, type LedgerRecord, type RecordRef } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { defaultBatchLimits, planBatches, type Parcel } from '../client/batch.ts'
import { attempt } from '../file/attempt.ts'
import { makeFolderDurably, readIfThere, writeDurably } from '../file/durable.ts'
import type { FileSystem } from '../file/file-system.ts'
import { ioError } from '../file/io-error.ts'
import { systemProcesses, type Processes } from '../file/lock.ts'
import { nodeFileSystem } from '../file/node-file-system.ts'
import { entryBytes, isEntryName, isTransactionName, newEntryName, parseEntry, recordsIn } from './entry.ts'
import {
  attachmentFile,
  attachmentName,
  digestIn,
  isAttachmentName,
  type QueuedAttachment
} from './queued-attachment.ts'

export type { KeptAttachment } from '../client/attachments.ts'
export type { Parcel } from '../client/batch.ts'
export type { FileSystem, WritableFile } from '../file/file-system.ts'
export type { Processes } from '../file/lock.ts'
export type { ProcessIdentity } from '../file/process-identity.ts'
export type { QueuedAttachment } from './queued-attachment.ts'

/** The folders of an outbox. */
export interface OutboxFolders {
  /** Entries that wait. */
  readonly entries: string
  /** Signed transactions whose outcome is not known yet. */
  readonly transactions: string
  /** Attachments that wait. */
  readonly attachments: string
  /** Entries that the ledger will never take, each with a file that says why. */
  readonly refused: string
  /** Files that are not as they were written. */
  readonly corrupt: string
  readonly locks: string
}

/** What waits in an outbox. */
export interface Backlog {
  readonly records: number
  readonly entries: number
  /** Transactions whose outcome is not known yet; their records count as waiting. */
  readonly transactions: number
  /** Attachments that wait to be kept beside their records. */
  readonly attachments: number
  /** Names of entries that the ledger will never take. */
  readonly refused: readonly string[]
  /** Names of files that are not as they were written. */
  readonly corrupt: readonly string[]
}

/** What an outbox works with; the machine's own in production. */
export interface OutboxSystem {
  readonly files: FileSystem
  readonly processes: Processes
  /** Milliseconds since 1970; it orders entries and nothing else. */
  readonly now: () => number
}

/** How records are queued. */
export interface QueueOptions {
  /** mspId of the organisation in whose private collection they are to stay; absent: they become public. */
  readonly restricted?: string
}

/** Records on this disk that are on their way to the ledger. */
export interface Outbox {
  readonly dir: string
  readonly folders: OutboxFolders
  readonly system: OutboxSystem
  /**
   * Queues records (canonical bytes). When this returns they survive a kill and a power cut; where it fails they may partly be
   * queued, and to queue them again is safe. Any number of processes may do it at once, also during a delivery.
   * Fails with `disk-full`, `file-permission`, `file-io`, and with the codes of records that cannot be read: then nothing is queued.
   */
  readonly enqueue: (
    records: readonly Pick<LedgerRecord, 'bytes'>[],
    options?: QueueOptions
  ) => TaskEither<BimsError, readonly RecordRef[]>
  /**
   * Queues attachments, for the private collection of their owner; as durable as records are, and to queue one again is safe. Gives their
   * digests. Fails with `disk-full`, `file-permission`, `file-io`.
   */
  readonly attach: (attachments: readonly QueuedAttachment[]) => TaskEither<BimsError, readonly string[]>
  /** The records that wait, oldest first, without sending or locking anything. Fails with `file-permission`, `file-io`. */
  readonly list: () => TaskEither<BimsError, readonly RecordRef[]>
  /** Digests of the attachments that wait. Fails with `file-permission`, `file-io`. */
  readonly attached: () => TaskEither<BimsError, readonly string[]>
  /** How much waits. Fails with `file-permission`, `file-io`. */
  readonly backlog: () => TaskEither<BimsError, Backlog>
}

const productionSystem: OutboxSystem = { files: nodeFileSystem, processes: systemProcesses, now: Date.now }

const foldersOf = (dir: string): OutboxFolders => ({
  entries: join(dir, 'entries'),
  transactions: join(dir, 'transactions'),
  attachments: join(dir, 'attachments'),
  refused: join(dir, 'refused'),
  corrupt: join(dir, 'corrupt'),
  locks: join(dir, 'locks')
})

const readRecords = (given: readonly Pick<LedgerRecord, 'bytes'>[]): E.Either<BimsError, readonly LedgerRecord[]> => {
  const records: LedgerRecord[] = []
  for (const { bytes } of given) {
    const record = newLedgerRecord(bytes)
    if (E.isLeft(record)) return record
    records.push(record.right)
  }
  return E.right(records)
}

/** Writes records as entries, each small enough for one transaction. Rejects as the file system does. */
export const writeEntries = async (
  system: OutboxSystem,
  folders: OutboxFolders,
  parcels: readonly Parcel[]
): Promise<readonly string[]> => {
  const names: string[] = []
  for (const parcel of parcels) {
    const name = newEntryName(parcel.records.length, system.now())
    await writeDurably(system.files, join(folders.entries, name), entryBytes(parcel))
    names.push(name)
  }
  return names
}

const parcelsOf = (records: readonly LedgerRecord[], { restricted }: QueueOptions): readonly Parcel[] =>
  planBatches(
    records.map(record => ({ records: [record] })),
    defaultBatchLimits
  ).map(batch => ({
    records: batch.flatMap(parcel => parcel.records),
    ...(restricted !== undefined && { restricted })
  }))

const enqueueIn =
  (
    system: OutboxSystem,
    folders: OutboxFolders,
    given: readonly Pick<LedgerRecord, 'bytes'>[],
    options: QueueOptions
  ): TaskEither<BimsError, readonly RecordRef[]> =>
  async () => {
    const records = readRecords(given)
    if (E.isLeft(records)) return records
    try {
      await writeEntries(system, folders, parcelsOf(records.right, options))
      return E.right(records.right.map(({ kind, id, schema }) => ({ kind, id, schema })))
    } catch (cause) {
      return E.left(ioError('Queueing', cause))
    }
  }

const attachIn =
  (
    { files }: OutboxSystem,
    folders: OutboxFolders,
    attachments: readonly QueuedAttachment[]
  ): TaskEither<BimsError, readonly string[]> =>
  () =>
    attempt('Queueing an attachment', async () => {
      const digests: string[] = []
      for (const attachment of attachments) {
        const name = attachmentName(attachment)
        await writeDurably(files, join(folders.attachments, name), attachmentFile(attachment))
        digests.push(digestIn(name))
      }
      return digests
    })()

const backlogOf =
  ({ files }: OutboxSystem, folders: OutboxFolders): TaskEither<BimsError, Backlog> =>
  async () => {
    try {
      const entries = (await files.list(folders.entries)).filter(isEntryName)
      return E.right({
        records: entries.reduce((sum, name) => sum + recordsIn(name), 0),
        entries: entries.length,
        transactions: (await files.list(folders.transactions)).filter(isTransactionName).length,
        attachments: (await files.list(folders.attachments)).filter(isAttachmentName).length,
        refused: (await files.list(folders.refused)).filter(isEntryName),
        corrupt: [...(await files.list(folders.corrupt))].filter(name => !name.startsWith('.'))
      })
    } catch (cause) {
      return E.left(ioError('Reading the outbox', cause))
    }
  }

const listOf =
  ({ files }: OutboxSystem, folders: OutboxFolders): TaskEither<BimsError, readonly RecordRef[]> =>
  async () => {
    try {
      const refs: RecordRef[] = []
      for (const name of (await files.list(folders.entries)).filter(isEntryName).sort()) {
        // A delivery may be removing entries meanwhile; it also is who sets damaged ones aside.
        const bytes = await readIfThere(files, join(folders.entries, name))
        const records = bytes === undefined ? undefined : parseEntry(name, bytes)?.records
        refs.push(...(records ?? []).map(({ kind, id, schema }) => ({ kind, id, schema })))
      }
      return E.right(refs)
    } catch (cause) {
      return E.left(ioError('Reading the outbox', cause))
    }
  }

/** Opens the outbox in a folder, which is made where it does not exist. Fails with `disk-full`, `file-permission`, `file-io`. */
export const openOutbox =
  (dir: string, system: OutboxSystem = productionSystem): TaskEither<BimsError, Outbox> =>
  async () => {
    const folders = foldersOf(resolve(dir))
    try {
      const { entries, transactions, attachments, refused, corrupt, locks } = folders
      await makeFolderDurably(system.files, resolve(dir))
      for (const folder of [entries, transactions, attachments, refused, corrupt, locks])
        await system.files.makeFolder(folder)
      await system.files.syncFolder(resolve(dir))
    } catch (cause) {
      return E.left(ioError('Opening the outbox', cause))
    }
    return E.right({
      dir: resolve(dir),
      folders,
      system,
      enqueue: (records, options = {}) => enqueueIn(system, folders, records, options),
      attach: attachments => attachIn(system, folders, attachments),
      list: () => listOf(system, folders),
      attached: () =>
        attempt('Reading the outbox', async () =>
          (await system.files.list(folders.attachments)).filter(isAttachmentName).map(digestIn)
        ),
      backlog: () => backlogOf(system, folders)
    })
  }
