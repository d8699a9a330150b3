import {
  canonicalBytes,
  ledgerKinds,
  pageKey,
  termsOf,
  transactionKey,
  type BimsError,
  type StoredTransaction
} from '@bims/core/ledger-rules'
import type * as E from 'fp-ts/lib/Either.js'
import type { Caller } from '../state/caller.ts'
import { grouped, indexWrites, placesValue, type PlannedWrite } from '../state/index-write.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { acquiredKey, logKey } from '../state/state-key.ts'
import type { CheckedRecord } from './record-check.ts'
import { writeAll } from './write-all.ts'

/** A transaction's public records, checked. */
export interface Publication {
  readonly caller: Caller
  readonly time: string
  /** The page as it came. */
  readonly page: Uint8Array
  /** Records in the page. */
  readonly count: number
  /** Each record once. */
  readonly records: readonly CheckedRecord[]
  readonly marks: readonly PlannedWrite[]
}

const logWrites = (transaction: string, { caller, records, time }: Publication): readonly PlannedWrite[] =>
  ledgerKinds.flatMap(kind => {
    const places = records.filter(({ ref }) => ref.kind === kind).map(({ at }) => at)
    return places.length === 0
      ? []
      : [{ key: logKey(kind, caller.mspId, time, transaction), value: placesValue(places) }]
  })

const acquiredWrites = (transaction: string, { records, time }: Publication): readonly PlannedWrite[] => {
  const acquired = records.flatMap(({ names, at }) =>
    names.flatMap(({ role, text }) => (role === 'instrument' ? [{ instrument: text, at }] : []))
  )
  return grouped(acquired, ({ instrument }) => instrument).map(([instrument, places]) => ({
    key: acquiredKey(instrument, time, transaction),
    value: placesValue(places.map(({ at }) => at))
  }))
}

/**
 * Writes public records, blindly: one page with the contents as they came, who submitted them, and few small keys by which
 * they are found. Fails with `unexpected`.
 */
export const publish = (state: LedgerState, publication: Publication): Promise<E.Either<BimsError, undefined>> => {
  const { caller, count, marks, page, records, time } = publication
  const { transaction } = state
  const stored: StoredTransaction = {
    mspId: caller.mspId,
    enrollmentId: caller.enrollmentId,
    records: count,
    time
  }
  const placed = records.flatMap(({ ref, names, at }) => termsOf(ref.id, names).map(term => ({ term, at })))
  return writeAll(state.put, [
    { key: pageKey(transaction), value: page },
    { key: transactionKey(transaction), value: canonicalBytes({ ...stored }) },
    ...logWrites(transaction, publication),
    ...acquiredWrites(transaction, publication),
    ...indexWrites(placed, transaction),
    ...marks
  ])
}
