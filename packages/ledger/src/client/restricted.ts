import { randomBytes } from 'node:crypto'
import {
  canonicalBytes,
  canonicalText,
  newLedgerRecord,
  pageEntry,
  targetsEntry,
  toBase64,
  toJson,
  type BimsError,
  type LedgerRecord,
  type PurgeArgument,
  type ShareRecord
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { untilArrived } from './arrival.ts'
import { compressedPage, planBatches, submitCall, type BatchLimits } from './batch.ts'
import { commitCall, keepNothing, type Call, type Committed, type Sender } from './commit.ts'
import { readFrom, type StandingRecord } from './read.ts'

/** Whose restricted records are meant, and who acts on them. */
export interface RestrictedAccess {
  readonly sender: Sender
  /** mspId of the caller, whose collection it is. */
  readonly owner: string
  readonly batch: BatchLimits
}

/** Whose submissions are meant. */
export interface SubmissionsOf {
  /** Who made them; the caller where it is not given. Of others only a steward may. */
  readonly enrollmentId?: string
}

/** What became of a restricted record. */
export interface RestrictedOutcome extends Committed {
  readonly id: string
}

/** What is purged beside records. */
export interface PurgeOptions {
  readonly attachments?: PurgeArgument['attachments']
}

const readAll = async (
  { sender, owner }: RestrictedAccess,
  ids: readonly string[]
): Promise<E.Either<BimsError, readonly StandingRecord[]>> => {
  const records: StandingRecord[] = []
  for (const id of new Set(ids)) {
    const seen = sender.seen?.has(id) === true
    const record = await untilArrived(sender, seen, readFrom(sender.connection, id, { owner }))()
    if (E.isLeft(record)) return record
    records.push(record.right)
  }
  return E.right(records)
}

/** Reads restricted records and makes a transaction of each portion of them; all that were made before a failure stand. */
const inPortions = async (
  access: RestrictedAccess,
  ids: readonly string[],
  callOf: (records: readonly StandingRecord[]) => E.Either<BimsError, Call>
): Promise<E.Either<BimsError, readonly RestrictedOutcome[]>> => {
  const records = await readAll(access, ids)
  if (E.isLeft(records)) return records
  const outcomes: RestrictedOutcome[] = []
  const parcels = records.right.map(record => ({ records: [record], record }))
  for (const portion of planBatches(parcels, access.batch)) {
    const call = callOf(portion.map(({ record }) => record))
    if (E.isLeft(call)) return call
    // A peer of one's own has just given these records back: where another does not know them yet, it will.
    const committed = await untilArrived(access.sender, true, commitCall(access.sender, call.right, keepNothing))()
    if (E.isLeft(committed)) return committed
    outcomes.push(...portion.map(({ record: { id } }) => ({ id, ...committed.right })))
  }
  return E.right(outcomes)
}

const sharesOf = (
  owner: string,
  receiver: string,
  targets: readonly LedgerRecord[]
): E.Either<BimsError, readonly LedgerRecord[]> => {
  const shares: LedgerRecord[] = []
  for (const { id } of targets) {
    const salt = toBase64(randomBytes(16))
    const share: ShareRecord = { schema: 'bims.share/1', target: id, owner, receiver, salt }
    const record = newLedgerRecord(canonicalBytes(toJson(share)))
    if (E.isLeft(record)) return record
    shares.push(record.right)
  }
  return E.right(shares)
}

/**
 * Lets another organisation have restricted records: the same bytes in its own collection, endorsed by one of its peers. What was shared
 * cannot be taken back. Fails with `ledger-not-found`, `role-refused`, `ledger-unreachable`, `ledger-timeout`.
 */
export const shareWith =
  (
    access: RestrictedAccess,
    ids: readonly string[],
    receiver: string,
    { enrollmentId }: SubmissionsOf = {}
  ): TaskEither<BimsError, readonly RestrictedOutcome[]> =>
  () =>
    inPortions(access, ids, targets =>
      E.map((shares: readonly LedgerRecord[]): Call => {
        const records = shares.map(({ kind, id, schema }) => ({ kind, id, schema }))
        const { owner } = access
        return {
          transaction: 'Share',
          argument: canonicalText({ owner, receiver, records, ...(enrollmentId !== undefined && { enrollmentId }) }),
          transient: {
            [pageEntry]: compressedPage(shares.map(({ bytes }) => bytes)),
            [targetsEntry]: compressedPage(targets.map(({ bytes }) => bytes))
          },
          organizations: [receiver]
        }
      })(sharesOf(access.owner, receiver, targets))
    )

/** Makes restricted records public, byte for byte. Fails as {@link shareWith}. */
export const releaseAll =
  (
    access: RestrictedAccess,
    ids: readonly string[],
    { enrollmentId }: SubmissionsOf = {}
  ): TaskEither<BimsError, readonly RestrictedOutcome[]> =>
  () => {
    const release = { owner: access.owner, ...(enrollmentId !== undefined && { enrollmentId }) }
    return inPortions(access, ids, records => E.right({ transaction: 'Submit', ...submitCall(records, { release }) }))
  }

/**
 * Removes restricted records, and who submitted them, from the state of all peers of the caller's organisation, as its steward. Their
 * hashes stay in blocks. What lies in the files of a peer's database is gone only when these are compacted.
 * Fails with `ledger-not-found`, `role-refused`, `ledger-unreachable`, `ledger-timeout`.
 */
export const purgeAll =
  (
    access: RestrictedAccess,
    ids: readonly string[],
    { attachments }: PurgeOptions = {}
  ): TaskEither<BimsError, readonly RestrictedOutcome[]> =>
  async () => {
    const { owner, sender } = access
    const callOf = (records: readonly StandingRecord[], more: PurgeOptions): Call => ({
      transaction: 'Purge',
      argument: canonicalText(
        toJson({
          owner,
          records: records.map(({ id }) => id),
          submissions: records.flatMap(({ id, submissions }) =>
            submissions.map(({ mspId, enrollmentId }) => ({ id, mspId, enrollmentId }))
          ),
          ...more
        })
      ),
      organizations: [owner]
    })
    if (attachments !== undefined) {
      const purged = await untilArrived(sender, false, commitCall(sender, callOf([], { attachments }), keepNothing))()
      if (E.isLeft(purged)) return purged
    }
    return inPortions(access, ids, records => E.right(callOf(records, {})))
  }
