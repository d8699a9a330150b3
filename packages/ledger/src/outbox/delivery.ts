import type { BimsError, LedgerKind } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { isUnknown, settle, type Committed, type Sender } from '../client/commit.ts'
import { dispatch, type DispatchHooks, type ParcelOutcome } from '../client/dispatch.ts'
import type { Ledger } from '../client/ledger.ts'
import { readBack, type Copies } from '../client/read-back.ts'
import { removeAbandoned } from '../file/durable.ts'
import { shortened, type SeenHeight } from '../height/seen-height.ts'
import { ioError } from '../file/io-error.ts'
import { takeLock } from '../file/lock.ts'
import { recordsIn, type Entry, type PendingTransaction } from './entry.ts'
import { deliverAttachments, type AttachmentDelivery } from './attachment-delivery.ts'
import type { Outbox } from './outbox.ts'
import { corruptError, openStore, type OutboxStore } from './store.ts'

/** What became of a record that was queued. */
export interface RecordDelivery {
  readonly id: string
  readonly kind: LedgerKind
  /** `queued`: it stays in the outbox and `error` says why. `refused`: the ledger does not take it. */
  readonly status: 'committed' | 'queued' | 'refused'
  readonly block?: number
  readonly transaction?: string
  /** Of a restricted record: how many of the owner's peers gave it back. */
  readonly copies?: number
  readonly error?: BimsError
}

/** What a delivery did. */
export interface Delivery {
  /** Every record that was in the outbox when the delivery began, once. */
  readonly records: readonly RecordDelivery[]
  /** Every attachment that was in the outbox. */
  readonly attachments: readonly AttachmentDelivery[]
  /** Why not everything could be sent, such as `ledger-unreachable`; and `outbox-corrupt` where files were set aside. */
  readonly problems: readonly BimsError[]
}

/** What is delivered where. */
export interface DeliveryRequest {
  readonly outbox: Outbox
  readonly ledger: Pick<Ledger, 'sender' | 'limits'>
  readonly signal?: AbortSignal
  /** The height seen of this ledger. Where it is given, a ledger that was cut short since is told of as a problem, `ledger-shortened`. */
  readonly seen?: SeenHeight
  /** Records done and known so far. */
  readonly onProgress?: (done: number, total: number) => void
  /** Each record as its outcome becomes known. */
  readonly onRecord?: (record: RecordDelivery) => void
}

/** Records that are read from the disk at a time, and their bytes: whatever comes first. */
const readAhead = 10_000
const readAheadBytes = 32 * 1024 * 1024

/** Unfinished files older than this belong to nobody. */
const abandonedAfter = 3600_000

// What the ledger will never take, whoever sends it; other refusals may end with another identity or a newer chaincode.
const isForever = ({ code }: BimsError): boolean =>
  (code.startsWith('record-') && code !== 'record-major') || code.startsWith('json-')

interface Run {
  readonly store: OutboxStore
  readonly sender: Sender
  readonly request: DeliveryRequest
  readonly results: Map<string, RecordDelivery>
  /** Entries that were there when the delivery began, oldest first. */
  readonly waiting: readonly string[]
  /** Entries that were dealt with. */
  readonly seen: Set<string>
  readonly problems: BimsError[]
  /** The greatest block seen before, -1 where none was. */
  readonly seenBefore: number
  /** The greatest block seen now. */
  newest: number
}

type Noted = Omit<RecordDelivery, 'id' | 'kind' | 'copies'> & { readonly copies?: Copies }

const note = ({ results, request }: Run, entry: Entry, { copies, ...outcome }: Noted): void => {
  for (const { id, kind } of entry.records) {
    // A record that was queued twice stands once it was committed once.
    if (results.get(id)?.status === 'committed') continue
    const found = copies?.get(id)
    const record = { id, kind, ...outcome, ...(found !== undefined && { copies: found }) }
    results.set(id, record)
    request.onRecord?.(record)
  }
}

const noteOutcome = (run: Run, outcome: ParcelOutcome<Entry>): void => {
  run.seen.add(outcome.parcel.name)
  if (outcome.status === 'committed') note(run, outcome.parcel, { status: 'committed', ...outcome.committed })
  else note(run, outcome.parcel, { status: outcome.status === 'refused' ? 'refused' : 'queued', error: outcome.error })
}

const progress = (run: Run): void => {
  const { onProgress } = run.request
  if (onProgress === undefined) return
  const waiting = run.waiting.filter(name => !run.seen.has(name)).reduce((sum, name) => sum + recordsIn(name), 0)
  onProgress(run.results.size, run.results.size + waiting)
}

const problemOf = (result: E.Either<BimsError, unknown>): BimsError | undefined =>
  E.isLeft(result) ? result.left : undefined

/** Reads restricted records back from their owner's peers. */
const copiesOf = async (
  { sender }: Run,
  entries: readonly Entry[]
): Promise<E.Either<BimsError, Pick<Committed, 'copies'>>> => {
  const owner = entries[0]?.restricted
  if (owner === undefined) return E.right({})
  const records = entries.flatMap(entry => entry.records)
  return E.map((copies: Copies) => ({ copies }))(await readBack(sender, owner, records)())
}

/** Submits a transaction that was signed before, with the same bytes. Returns why nothing more can be sent now. */
const settlePending = async (run: Run, transaction: PendingTransaction): Promise<BimsError | undefined> => {
  const entries = await readEntries(run, transaction.entries)
  // The signed bytes hold the records of an entry that was damaged since. Only where all entries are gone was it known to be valid.
  const isDone = entries.length === 0 && !transaction.entries.some(name => run.store.corrupt().includes(name))
  if (isDone) return problemOf(await run.store.drop(transaction)())
  const outcome = await settle(run.sender, transaction)()
  if (E.isRight(outcome) && outcome.right.valid) {
    const copies = await copiesOf(run, entries)
    // It is valid, but nobody gives the restricted records back: they travel anew.
    if (E.isLeft(copies)) return problemOf(await run.store.drop(transaction)())
    const committed: Committed = { transaction: transaction.id, block: outcome.right.block, ...copies.right }
    run.newest = Math.max(run.newest, committed.block)
    const finished = await run.store.finish(transaction.entries, transaction.id)()
    for (const parcel of entries) noteOutcome(run, { status: 'committed', parcel, committed })
    return problemOf(finished)
  }
  if (E.isLeft(outcome) && isUnknown(outcome.left)) {
    for (const parcel of entries) noteOutcome(run, { status: 'unsettled', parcel, error: outcome.left })
    return outcome.left
  }
  // Invalid or refused for good, such as for a certificate that expired meanwhile: the entries travel in a new one.
  return problemOf(await run.store.drop(transaction)())
}

const readEntries = async (run: Run, names: readonly string[]): Promise<readonly Entry[]> => {
  const entries: Entry[] = []
  for (const name of names) {
    const entry = await run.store.entry(name)
    if (entry !== undefined) entries.push(entry)
  }
  return entries
}

// A transaction that was made in this run stands behind all blocks that were there before, or some of them are gone.
const noteBlock = (run: Run, block: number): void => {
  run.newest = Math.max(run.newest, block)
  const known = run.problems.some(({ code }) => code === 'ledger-shortened')
  if (block <= run.seenBefore && !known) run.problems.push(shortened(block, run.seenBefore))
}

const hooksOf = (run: Run): DispatchHooks<Entry> => ({
  keep: (entries, transaction) =>
    run.store.keep(
      entries.map(({ name }) => name),
      transaction
    ),
  drop: run.store.drop,
  committed: (entries, { transaction, block }) => {
    noteBlock(run, block)
    return run.store.finish(
      entries.map(({ name }) => name),
      transaction
    )
  },
  split: run.store.split,
  onOutcome: outcome => noteOutcome(run, outcome)
})

/**
 * The next entries to send, as many as are read at a time. What is queued meanwhile is left to the next delivery, or this one might
 * never end.
 */
const nextEntries = async (run: Run): Promise<readonly Entry[]> => {
  const entries: Entry[] = []
  let records = 0
  let bytes = 0
  for (const name of run.waiting) {
    if (run.seen.has(name)) continue
    run.seen.add(name)
    const entry = await run.store.entry(name)
    if (entry === undefined) continue
    entries.push(entry)
    records += entry.records.length
    bytes += entry.records.reduce((sum, record) => sum + record.bytes.length, 0)
    if (records >= readAhead || bytes >= readAheadBytes) break
  }
  return entries
}

const setRefusedAside = async (run: Run, entries: readonly Entry[]): Promise<BimsError | undefined> => {
  for (const entry of entries) {
    const [record] = entry.records
    const result = record === undefined ? undefined : run.results.get(record.id)
    if (result?.status !== 'refused' || result.error === undefined || !isForever(result.error)) continue
    const moved = await run.store.refuse(entry, result.error)()
    if (E.isLeft(moved)) return moved.left
  }
  return undefined
}

const sendEntries = async (run: Run): Promise<BimsError | undefined> => {
  const hooks = hooksOf(run)
  for (let entries = await nextEntries(run); entries.length > 0; entries = await nextEntries(run)) {
    const refused: Entry[] = []
    const collecting: DispatchHooks<Entry> = {
      ...hooks,
      onOutcome: outcome => {
        hooks.onOutcome(outcome)
        if (outcome.status === 'refused') refused.push(outcome.parcel)
      }
    }
    const stopped =
      (await dispatch(run.sender, collecting, entries, run.request.ledger.limits)) ??
      (await setRefusedAside(run, refused))
    progress(run)
    if (stopped !== undefined) return stopped
  }
  return undefined
}

const noteRest = async (run: Run, error: BimsError): Promise<void> => {
  for (const name of run.waiting) {
    if (run.seen.has(name)) continue
    const entry = await run.store.entry(name)
    if (entry !== undefined) note(run, entry, { status: 'queued', error })
  }
}

const sendPending = async (run: Run): Promise<BimsError | undefined> => {
  for (const name of await run.store.pendingNames()) {
    const transaction = await run.store.pending(name)
    const stopped = transaction === undefined ? undefined : await settlePending(run, transaction)
    progress(run)
    if (stopped !== undefined) return stopped
  }
  return undefined
}

const noteSeen = async ({ request, newest, problems }: Run): Promise<void> => {
  if (request.seen === undefined || newest < 0) return
  const noted = await request.seen.note(newest)()
  if (E.isLeft(noted)) problems.push(noted.left)
}

const deliverAll = async (run: Run): Promise<Delivery> => {
  const { folders, system } = run.request.outbox
  // What a process before this one did just before it was killed shows here, but might not survive a power cut; what follows builds on it.
  await system.files.syncFolder(folders.entries)
  await system.files.syncFolder(folders.transactions)
  await removeAbandoned(system.files, folders.entries, system.now() - abandonedAfter)
  await removeAbandoned(system.files, folders.transactions, system.now() - abandonedAfter)
  await removeAbandoned(system.files, folders.attachments, system.now() - abandonedAfter)
  const recordsStopped = (await sendPending(run)) ?? (await sendEntries(run))
  const { attachments, stopped } = await deliverAttachments(
    run.store,
    run.sender,
    await run.store.attachmentNames(),
    recordsStopped
  )
  if (stopped !== undefined) {
    run.problems.push(stopped)
    await noteRest(run, stopped)
  }
  await noteSeen(run)
  const corrupt = run.store.corrupt()
  if (corrupt.length > 0) run.problems.push(corruptError(folders.corrupt, corrupt))
  return { records: [...run.results.values()], attachments, problems: run.problems }
}

/**
 * Delivers what waits in an outbox when it begins. A transaction's signed bytes are kept on disk before they are submitted and until their outcome
 * is known, so that a run after a kill submits the same bytes and the ledger counts them once. With the ledger away everything stays
 * queued. Fails with `outbox-locked` where another process delivers, `disk-full`, `file-permission`, `file-io`.
 */
export const deliver =
  (request: DeliveryRequest): TaskEither<BimsError, Delivery> =>
  async () => {
    const { outbox, ledger, signal } = request
    const lock = await takeLock(outbox.system.files, outbox.system.processes, outbox.folders.locks, 'outbox-locked')
    if (E.isLeft(lock)) return lock
    const sender: Sender = { ...ledger.sender, ...(signal !== undefined && { signal }) }
    try {
      const store = openStore(outbox)
      const waiting = await store.entryNames()
      const before = request.seen === undefined ? E.right(undefined) : await request.seen.block()()
      if (E.isLeft(before)) return before
      const found = { results: new Map<string, RecordDelivery>(), seen: new Set<string>(), problems: [] }
      return E.right(
        await deliverAll({ store, sender, request, waiting, ...found, seenBefore: before.right ?? -1, newest: -1 })
      )
    } catch (cause) {
      return E.left(ioError('Delivering', cause))
    } finally {
      await lock.right.release().catch(() => undefined)
    }
  }
