import type { BimsError } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { SignedTransaction } from '../gateway/connection.ts'
import { isMark, planBatches, type BatchLimits, type Parcel } from './batch.ts'
import { commit, type Committed, type Sender } from './commit.ts'

/** What became of a parcel. */
export type ParcelOutcome<P extends Parcel> =
  | { readonly status: 'committed'; readonly parcel: P; readonly committed: Committed }
  | { readonly status: 'refused' | 'unsettled'; readonly parcel: P; readonly error: BimsError }

/** What whoever sends keeps of it. */
export interface DispatchHooks<P extends Parcel> {
  readonly keep: (parcels: readonly P[], transaction: SignedTransaction) => TaskEither<BimsError, void>
  readonly drop: (transaction: SignedTransaction) => TaskEither<BimsError, void>
  /** The parcels stand on the ledger. */
  readonly committed: (parcels: readonly P[], committed: Committed) => TaskEither<BimsError, void>
  /** Parts a parcel of several records that was refused. */
  readonly split: (parcel: P) => TaskEither<BimsError, readonly P[]>
  readonly onOutcome: (outcome: ParcelOutcome<P>) => void
}

/** How much at once. */
export interface DispatchLimits {
  readonly batch: BatchLimits
  /** Transactions on their way at the same time. */
  readonly inFlight: number
}

// Refusals that may be due to one record of many; any other concerns the whole transaction, whatever is in it.
const ofRecords = new Set<string>([
  'transaction-malformed',
  'transaction-too-large',
  'ledger-not-found',
  'ledger-unsupported',
  'role-refused'
])
const isOfRecords = ({ code }: BimsError): boolean =>
  ofRecords.has(code) || code.startsWith('record-') || code.startsWith('json-')

const isLater = ({ _tag }: BimsError): boolean => _tag === 'Unavailable' || _tag === 'Interrupted' || _tag === 'Io'

const report = <P extends Parcel>(hooks: DispatchHooks<P>, parcels: readonly P[], error: BimsError): void => {
  for (const parcel of parcels) hooks.onOutcome({ status: isLater(error) ? 'unsettled' : 'refused', parcel, error })
}

/** Sends one batch; a refused one is halved until the records that are at fault stand alone. Returns why nothing more can be sent now. */
const sendBatch = async <P extends Parcel>(
  sender: Sender,
  hooks: DispatchHooks<P>,
  parcels: readonly P[]
): Promise<BimsError | undefined> => {
  const result = await commit(
    sender,
    parcels.flatMap(({ records }) => records),
    { keep: transaction => hooks.keep(parcels, transaction), drop: hooks.drop },
    parcels[0]?.restricted
  )()
  if (E.isRight(result)) {
    const finished = await hooks.committed(parcels, result.right)()
    for (const parcel of parcels) hooks.onOutcome({ status: 'committed', parcel, committed: result.right })
    return E.isLeft(finished) ? finished.left : undefined
  }
  const error = result.left
  if (isOfRecords(error)) {
    const parts = await partsOf(hooks, parcels)
    if (E.isLeft(parts)) return stop(hooks, parcels, parts.left)
    if (parts.right.length > 1) return sendEach(sender, hooks, parts.right)
  }
  report(hooks, parcels, error)
  return isLater(error) ? error : undefined
}

const stop = <P extends Parcel>(hooks: DispatchHooks<P>, parcels: readonly P[], error: BimsError): BimsError => {
  report(hooks, parcels, error)
  return error
}

const partsOf = async <P extends Parcel>(
  hooks: DispatchHooks<P>,
  parcels: readonly P[]
): Promise<E.Either<BimsError, readonly (readonly P[])[]>> => {
  const [only] = parcels
  if (parcels.length > 1 || only === undefined) {
    const half = Math.ceil(parcels.length / 2)
    return E.right([parcels.slice(0, half), parcels.slice(half)])
  }
  if (only.records.length < 2) return E.right([parcels])
  return E.map((parts: readonly P[]) => parts.map(part => [part]))(await hooks.split(only)())
}

const sendEach = async <P extends Parcel>(
  sender: Sender,
  hooks: DispatchHooks<P>,
  batches: readonly (readonly P[])[]
): Promise<BimsError | undefined> => {
  let stopped: BimsError | undefined
  for (const batch of batches) {
    if (stopped === undefined) stopped = await sendBatch(sender, hooks, batch)
    else report(hooks, batch, stopped)
  }
  return stopped
}

const sendAll = async <P extends Parcel>(
  sender: Sender,
  hooks: DispatchHooks<P>,
  batches: readonly (readonly P[])[],
  inFlight: number
): Promise<BimsError | undefined> => {
  const queue = batches.values()
  let stopped: BimsError | undefined
  const lane = async (): Promise<void> => {
    for (const batch of queue) {
      if (stopped === undefined) stopped = (await sendBatch(sender, hooks, batch)) ?? stopped
      else report(hooks, batch, stopped)
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(inFlight, batches.length)) }, lane))
  return stopped
}

/**
 * Sends parcels in batches, several at a time; records that say something of others after all those. Every parcel gets one
 * outcome. Returns why not everything could be tried, where that is so.
 */
export const dispatch = async <P extends Parcel>(
  sender: Sender,
  hooks: DispatchHooks<P>,
  parcels: readonly P[],
  limits: DispatchLimits
): Promise<BimsError | undefined> => {
  const marks = parcels.filter(isMark)
  const contents = parcels.filter(parcel => !isMark(parcel))
  const stopped = await sendAll(sender, hooks, planBatches(contents, limits.batch), limits.inFlight)
  if (stopped === undefined) return sendAll(sender, hooks, planBatches(marks, limits.batch), limits.inFlight)
  report(hooks, marks, stopped)
  return stopped
}
