import {
  bucketOf,
  canonicalBytes,
  ledgerLimits,
  packRun,
  termHash,
  type Posting,
  type StateKey,
  type Term
} from '@bims/core/ledger-rules'
import { entryKey, runKey } from './state-key.ts'

/** A write to come. */
export interface PlannedWrite {
  readonly key: StateKey
  readonly value: Uint8Array
}

/** A term of the record in a place of the transaction's page. */
export interface PlacedTerm {
  readonly term: Term
  readonly at: number
}

/** Values by name, those of one name together, names in order. */
export const grouped = <A>(
  items: readonly A[],
  nameOf: (item: A) => string
): readonly (readonly [string, readonly A[]])[] => {
  const groups = new Map<string, A[]>()
  for (const item of items) {
    const name = nameOf(item)
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [item])
    else group.push(item)
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The value of keys that list places in a page. */
export const placesValue = (at: readonly number[]): Uint8Array => canonicalBytes({ at })

/** Postings of one level, packed by bucket. */
export const runWrites = (level: number, postings: readonly Posting[], transaction: string): readonly PlannedWrite[] =>
  grouped(postings, ({ hash }) => bucketOf(hash, level)).map(([bucket, inBucket]) => ({
    key: runKey(level, bucket, transaction),
    value: packRun(inBucket)
  }))

const entryWrites = (placed: readonly PlacedTerm[], transaction: string): readonly PlannedWrite[] =>
  grouped(placed, ({ term: { type, text } }) => `${type} ${text}`).flatMap(([, same]) =>
    same[0] === undefined
      ? []
      : [{ key: entryKey(same[0].term, transaction), value: placesValue(same.map(({ at }) => at)) }]
  )

/**
 * The index of a transaction, written blindly: a key for each term where they are few, else up to 16 runs of the first level.
 * A write costs a peer more than what stands in it.
 */
export const indexWrites = (placed: readonly PlacedTerm[], transaction: string): readonly PlannedWrite[] =>
  placed.length <= ledgerLimits.entriesPerTransaction
    ? entryWrites(placed, transaction)
    : runWrites(
        0,
        placed.map(({ term, at }) => ({ hash: termHash(term), transaction, at })),
        transaction
      )
