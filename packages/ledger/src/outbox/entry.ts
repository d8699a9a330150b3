import { randomBytes } from 'node:crypto'
import {
  concatBytes,
  decodeWith,
  joinPage,
  newLedgerRecord,
  parseJson,
  splitPage,
  utf8,
  type LedgerRecord
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { seal, unseal } from '../file/sealed-file.ts'
import type { Parcel } from '../client/batch.ts'

/** Records that were queued at once, and the name of the file that holds them. */
export interface Entry extends Parcel {
  readonly name: string
}

const entrySchema = 'bims.outbox-entry/1'
/** Entries whose records go into a private collection: a line of JSON with its owner stands before the records. */
const restrictedSchema = 'bims.outbox-restricted-entry/1'
const transactionSchema = 'bims.outbox-transaction/1'

const namePattern = /^[0-9a-z]{9}-[0-9a-f]{16}-(\d{1,6})\.entry$/

// Of what one process queues within a millisecond the order is kept too.
let queued = 0

/** A new name: entries sort by when they were queued, and the name tells how many records there are. */
export const newEntryName = (records: number, now: number): string => {
  queued = (queued + 1) % 2 ** 24
  const order = queued.toString(16).padStart(6, '0')
  return `${now.toString(36).padStart(9, '0')}-${order}${randomBytes(5).toString('hex')}-${records}.entry`
}

/** Tells whether a name in the folder is that of an entry. */
export const isEntryName = (name: string): boolean => namePattern.test(name)

/** How many records an entry holds, by its name. */
export const recordsIn = (name: string): number => Number(namePattern.exec(name)?.[1] ?? 0)

/** The bytes of an entry: sealed, the records' canonical bytes each ended by a line feed; before them, where they are restricted, whose they are. */
export const entryBytes = ({ records, restricted }: Parcel): Uint8Array => {
  const page = joinPage(records.map(({ bytes }) => bytes))
  return restricted === undefined
    ? seal(entrySchema, page)
    : seal(restrictedSchema, concatBytes(utf8(`${JSON.stringify({ owner: restricted })}\n`), page))
}

const OwnerCodec: t.Type<{ readonly owner: string }, unknown, unknown> = t.type({ owner: t.string })

const readRecords = (body: Uint8Array): readonly LedgerRecord[] | undefined => {
  const records: LedgerRecord[] = []
  for (const content of splitPage(body) ?? []) {
    const record = newLedgerRecord(content)
    if (E.isLeft(record)) return undefined
    records.push(record.right)
  }
  return records.length === 0 ? undefined : records
}

const parseRestricted = (name: string, body: Uint8Array): Entry | undefined => {
  const end = body.indexOf(0x0a)
  const head = E.flatMap(decodeWith(OwnerCodec, 'an owner'))(
    parseJson(body.subarray(0, Math.max(0, end)), { bytes: 4096, depth: 2 })
  )
  const records = readRecords(body.subarray(end + 1))
  return E.isLeft(head) || records === undefined ? undefined : { name, records, restricted: head.right.owner }
}

/** Reads an entry; undefined where it is not as it was written. */
export const parseEntry = (name: string, bytes: Uint8Array): Entry | undefined => {
  const restricted = unseal(restrictedSchema, bytes)
  if (restricted !== undefined) return parseRestricted(name, restricted)
  const body = unseal(entrySchema, bytes)
  const records = body === undefined ? undefined : readRecords(body)
  return records === undefined ? undefined : { name, records }
}

/** A signed transaction that was perhaps submitted, and the entries that it carries. */
export interface PendingTransaction {
  readonly id: string
  /** Names of entries. */
  readonly entries: readonly string[]
  readonly bytes: Uint8Array
}

const PendingCodec: t.Type<Pick<PendingTransaction, 'id' | 'entries'>, unknown, unknown> = t.type({
  id: t.string,
  entries: t.readonlyArray(t.string)
})

/** Name of the file of a transaction. Ids come from the ledger's client: 64 hex digits. */
export const transactionName = (id: string): string => `${id}.transaction`

/** Tells whether a name in the folder is that of a transaction. */
export const isTransactionName = (name: string): boolean => /^[0-9a-f]{64}\.transaction$/.test(name)

/** The bytes of a transaction's file: sealed, a line of JSON with id and entries, then the signed bytes. */
export const transactionBytes = ({ id, entries, bytes }: PendingTransaction): Uint8Array =>
  seal(transactionSchema, concatBytes(utf8(`${JSON.stringify({ entries, id })}\n`), bytes))

/** Reads a transaction's file; undefined where it is not as it was written. */
export const parseTransaction = (bytes: Uint8Array): PendingTransaction | undefined => {
  const body = unseal(transactionSchema, bytes)
  const end = body?.indexOf(0x0a) ?? -1
  if (body === undefined || end < 0) return undefined
  const head = E.flatMap(decodeWith(PendingCodec, 'a transaction'))(
    parseJson(body.subarray(0, end), { bytes: 64 * 1024 * 1024, depth: 4 })
  )
  return E.isLeft(head) || !head.right.entries.every(isEntryName)
    ? undefined
    : { ...head.right, bytes: body.subarray(end + 1) }
}
