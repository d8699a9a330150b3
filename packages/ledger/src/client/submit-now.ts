import type { BimsError, LedgerKind, LedgerRecord } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import type { Parcel } from './batch.ts'
import type { Sender } from './commit.ts'
import { dispatch, type DispatchHooks, type DispatchLimits, type ParcelOutcome } from './dispatch.ts'

/** What became of one record. */
export interface RecordOutcome {
  readonly id: string
  readonly kind: LedgerKind
  /** `unsettled`: not known to stand on the ledger; to submit it again is safe. */
  readonly status: 'committed' | 'refused' | 'unsettled'
  readonly block?: number
  readonly transaction?: string
  /** Of a restricted record: how many of the owner's peers gave it back, each asked at its own endpoint. */
  readonly copies?: number
  readonly error?: BimsError
}

/** What may accompany a submission. */
export interface SubmitOptions {
  /** Into the private collection of the caller's organisation, and nowhere else; the records carry `salt`. */
  readonly restricted?: boolean
  readonly signal?: AbortSignal
  readonly onProgress?: (done: number, total: number) => void
}

/** A record on its way, and its place among those that were given. */
export interface RecordParcel extends Parcel {
  readonly at: number
  readonly record: LedgerRecord
}

/** What is told of a record that was sent. */
export const outcomeOf = ({ parcel: { record }, ...rest }: ParcelOutcome<RecordParcel>): RecordOutcome => {
  const { id, kind } = record
  if (rest.status !== 'committed') return { id, kind, status: rest.status, error: rest.error }
  const { copies, ...committed } = rest.committed
  const found = copies?.get(id)
  return { id, kind, status: rest.status, ...committed, ...(found !== undefined && { copies: found }) }
}

/** Submits records as `Ledger.submit` says. */
export const submitNow =
  (
    sender: Sender,
    limits: DispatchLimits,
    owner: string,
    given: readonly LedgerRecord[],
    options: SubmitOptions
  ): TE.TaskEither<BimsError, readonly RecordOutcome[]> =>
  async () => {
    const restricted = options.restricted === true ? { restricted: owner } : {}
    const parcels = given.map((record, at): RecordParcel => ({ at, record, records: [record], ...restricted }))
    const outcomes = new Map<number, RecordOutcome>()
    const hooks: DispatchHooks<RecordParcel> = {
      keep: () => TE.right(undefined),
      drop: () => TE.right(undefined),
      committed: () => TE.right(undefined),
      split: parcel => TE.right([parcel]),
      onOutcome: outcome => {
        outcomes.set(outcome.parcel.at, outcomeOf(outcome))
        options.onProgress?.(outcomes.size, parcels.length)
      }
    }
    await dispatch(
      { ...sender, ...(options.signal !== undefined && { signal: options.signal }) },
      hooks,
      parcels,
      limits
    )
    return E.right(parcels.flatMap(({ at }) => outcomes.get(at) ?? []))
  }
