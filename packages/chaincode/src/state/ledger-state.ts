import { compositeKey, newError, restrictedCollection, type BimsError, type StateKey } from '@bims/core/ledger-rules'
import type { Context } from 'fabric-contract-api'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** One entry of a range. */
export interface StateEntry {
  /** The composite key. */
  readonly key: string
  readonly attributes: readonly string[]
  readonly value: Uint8Array
}

/** A part of a range, and the key at which the next begins (empty: nothing follows). */
export interface StateRange {
  readonly entries: readonly StateEntry[]
  readonly bookmark: string
}

/** Keys that begin with the attributes given, in order, from the composite key `start` on where that is not empty. Only for transactions that write nothing. */
export type ReadRange = (prefix: StateKey, pageSize: number, start?: string) => TaskEither<BimsError, StateRange>

/**
 * An organisation's private collection, as a transaction sees it. Fails with `collection-missing` where the chaincode's definition has none
 * for the organisation; every other failure of the peer is `unexpected`.
 */
export interface PrivateState {
  /** The value of a key; undefined where there is none. */
  readonly get: (key: StateKey) => TaskEither<BimsError, Uint8Array | undefined>
  /** SHA-256 of the value of a key, which every peer of the channel knows; undefined where there is none. */
  readonly hash: (key: StateKey) => TaskEither<BimsError, Uint8Array | undefined>
  readonly put: (key: StateKey, value: Uint8Array) => TaskEither<BimsError, void>
  readonly purge: (key: StateKey) => TaskEither<BimsError, void>
  readonly range: ReadRange
}

/** What a transaction sees of the ledger. Every failure of the peer is `unexpected`. */
export interface LedgerState {
  readonly transaction: string
  readonly channel: string
  /** The time of the proposal's header, as the client's clock said; undefined where there is none that a date can hold. */
  readonly time: string | undefined
  /** What the client sent beside the argument; it stands in no block. */
  readonly transient: ReadonlyMap<string, Uint8Array>
  /** The value of a key; undefined where there is none. The read stands in the transaction's read set. */
  readonly get: (key: StateKey) => TaskEither<BimsError, Uint8Array | undefined>
  readonly put: (key: StateKey, value: Uint8Array) => TaskEither<BimsError, void>
  readonly remove: (key: StateKey) => TaskEither<BimsError, void>
  readonly range: ReadRange
  /** The peer itself keeps others from reading only: go through ./collection.ts, which compares caller and owner. */
  readonly collection: (mspId: string) => PrivateState
}

type Stub = Context['stub']

interface Entries {
  readonly next: () => Promise<{ readonly done?: boolean; readonly value?: { key: string; value: Uint8Array } }>
  readonly close: () => Promise<void>
}

const peerFailed = (cause: unknown): BimsError =>
  newError(
    'unexpected',
    `The peer could not answer the chaincode: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Try again; if it stays, see the log of the peer.'
  )

// In the words of a peer, for values and for hashes; see core/chaincode/handler.go and the ledger's simulator.
const isCollectionMissing = (cause: unknown): boolean =>
  cause instanceof Error && /collection \S+ could not be found|not defined in the collection config/.test(cause.message)

const collectionMissing = (mspId: string, cause: unknown): BimsError =>
  newError(
    'collection-missing',
    `The definition of this chaincode on the channel has no collection ${restrictedCollection(mspId).slice(0, 200)}: ${mspId.slice(0, 80)} cannot have restricted records yet.`,
    'Have the organisations of the channel approve and commit a next sequence of the definition, with collections for all of them; `bims network collections` writes the file for it.',
    { cause }
  )

const asked =
  <A>(question: () => Promise<A>, failed = peerFailed): TaskEither<BimsError, A> =>
  async () => {
    try {
      return E.right(await question())
    } catch (cause) {
      return E.left(failed(cause))
    }
  }

// The shim answers an absent key with no bytes; no value of ours is empty.
const present = (value: Uint8Array): Uint8Array | undefined => (value.length === 0 ? undefined : value)

const lastRune = '\u{10ffff}'

const entriesOf = async (stub: Stub, iterator: Entries, most: number): Promise<readonly StateEntry[]> => {
  const entries: StateEntry[] = []
  while (entries.length < most) {
    const { value, done } = await iterator.next()
    if (done === true || value === undefined) break
    entries.push({ key: value.key, attributes: stub.splitCompositeKey(value.key).attributes, value: value.value })
  }
  await iterator.close()
  return entries
}

const readRange = async (stub: Stub, prefix: StateKey, pageSize: number, start: string): Promise<StateRange> => {
  const { iterator, metadata } = await stub.getStateByPartialCompositeKeyWithPagination(
    prefix.type,
    [...prefix.attributes],
    pageSize,
    start
  )
  const entries = await entriesOf(stub, iterator, pageSize)
  return { entries, bookmark: entries.length < pageSize ? '' : metadata.bookmark }
}

// Private data has no pages: the iterator is left where the page ends.
const readPrivateRange = async (
  stub: Stub,
  collection: string,
  prefix: StateKey,
  pageSize: number,
  start: string
): Promise<StateRange> => {
  const from = compositeKey(prefix)
  const entries: StateEntry[] = []
  // What the shim promises is no iterator by itself, whatever its types say: only as an async iterable does it give entries.
  for await (const { key, value } of stub.getPrivateDataByRange(
    collection,
    start === '' ? from : start,
    from + lastRune
  )) {
    entries.push({ key, attributes: stub.splitCompositeKey(key).attributes, value })
    if (entries.length > pageSize) break
  }
  return { entries: entries.slice(0, pageSize), bookmark: entries[pageSize]?.key ?? '' }
}

const within =
  (read: (prefix: StateKey, pageSize: number, start: string) => Promise<StateRange>, failed = peerFailed): ReadRange =>
  (prefix, pageSize, start = '') =>
    start !== '' && !start.startsWith(compositeKey(prefix))
      ? TE.left(
          newError(
            'transaction-malformed',
            'The bookmark belongs to another question.',
            'Ask on with the bookmark of the answer before.'
          )
        )
      : asked(() => read(prefix, pageSize, start), failed)

const newPrivateState = (stub: Stub, mspId: string): PrivateState => {
  const collection = restrictedCollection(mspId)
  const failed = (cause: unknown): BimsError =>
    isCollectionMissing(cause) ? collectionMissing(mspId, cause) : peerFailed(cause)
  const held = <A>(question: () => Promise<A>): TaskEither<BimsError, A> => asked(question, failed)
  return {
    get: key => held(async () => present(await stub.getPrivateData(collection, compositeKey(key)))),
    hash: key => held(async () => present(await stub.getPrivateDataHash(collection, compositeKey(key)))),
    put: (key, value) => held(() => stub.putPrivateData(collection, compositeKey(key), value)),
    purge: key => held(() => stub.purgePrivateData(collection, compositeKey(key))),
    range: within((prefix, pageSize, start) => readPrivateRange(stub, collection, prefix, pageSize, start), failed)
  }
}

// The header holds what the client wrote; a date that does not exist must not become a key.
const timeOf = (stub: Stub): string | undefined => {
  try {
    const time = stub.getDateTimestamp().toISOString()
    return time.length === 24 ? time : undefined
  } catch {
    return undefined
  }
}

/** The state as the stub of a transaction gives it. */
export const newLedgerState = (stub: Stub): LedgerState => ({
  transaction: stub.getTxID(),
  channel: stub.getChannelID(),
  time: timeOf(stub),
  transient: stub.getTransient(),
  get: key => asked(async () => present(await stub.getState(compositeKey(key)))),
  put: (key, value) => asked(() => stub.putState(compositeKey(key), value)),
  remove: key => asked(() => stub.deleteState(compositeKey(key))),
  range: within((prefix, pageSize, start) => readRange(stub, prefix, pageSize, start)),
  collection: mspId => newPrivateState(stub, mspId)
})
