import { newError, type BimsError, type StateKey } from '@bims/core'
import type { Context } from 'fabric-contract-api'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** One entry of a range. */
export interface StateEntry {
  readonly attributes: readonly string[]
  readonly value: Uint8Array
}

/** A part of a range, and where the next begins (empty: nothing follows). */
export interface StateRange {
  readonly entries: readonly StateEntry[]
  readonly bookmark: string
}

/** What a transaction sees of the ledger. Every failure of the peer is `unexpected`. */
export interface LedgerState {
  readonly transaction: string
  readonly channel: string
  /** What the client sent beside the argument; it stands in no block. */
  readonly transient: ReadonlyMap<string, Uint8Array>
  /** The value of a key; undefined where there is none. The read stands in the transaction's read set. */
  readonly get: (key: StateKey) => TaskEither<BimsError, Uint8Array | undefined>
  readonly put: (key: StateKey, value: Uint8Array) => TaskEither<BimsError, void>
  /** Keys that begin with the attributes given, in order. Only for transactions that write nothing. `transaction-malformed`: a bookmark of another range. */
  readonly range: (prefix: StateKey, pageSize: number, bookmark: string) => TaskEither<BimsError, StateRange>
}

type Stub = Context['stub']

const peerFailed = (cause: unknown): BimsError =>
  newError(
    'unexpected',
    `The peer could not answer the chaincode: ${cause instanceof Error ? cause.message : String(cause)}`,
    'Try again; if it stays, see the log of the peer.'
  )

const asked =
  <A>(question: () => Promise<A>): TaskEither<BimsError, A> =>
  async () => {
    try {
      return E.right(await question())
    } catch (cause) {
      return E.left(peerFailed(cause))
    }
  }

const readRange = async (stub: Stub, prefix: StateKey, pageSize: number, bookmark: string): Promise<StateRange> => {
  const { iterator, metadata } = await stub.getStateByPartialCompositeKeyWithPagination(
    prefix.type,
    [...prefix.attributes],
    pageSize,
    bookmark
  )
  const entries: StateEntry[] = []
  for (;;) {
    const { value, done } = await iterator.next()
    if (done) break
    entries.push({ attributes: stub.splitCompositeKey(value.key).attributes, value: value.value })
  }
  await iterator.close()
  return { entries, bookmark: entries.length < pageSize ? '' : metadata.bookmark }
}

/** The state as the stub of a transaction gives it. */
export const newLedgerState = (stub: Stub): LedgerState => {
  const text = (key: StateKey): string => stub.createCompositeKey(key.type, [...key.attributes])
  return {
    transaction: stub.getTxID(),
    channel: stub.getChannelID(),
    transient: stub.getTransient(),
    get: key =>
      asked(async () => {
        const value = await stub.getState(text(key))
        // The shim answers an absent key with no bytes; no value of ours is empty.
        return value.length === 0 ? undefined : value
      }),
    put: (key, value) => asked(() => stub.putState(text(key), value)),
    range: (prefix, pageSize, bookmark) =>
      bookmark !== '' && !bookmark.startsWith(text(prefix))
        ? TE.left(
            newError(
              'transaction-malformed',
              'The bookmark belongs to another question.',
              'Ask on with the bookmark of the answer before.'
            )
          )
        : asked(() => readRange(stub, prefix, pageSize, bookmark))
  }
}
