import {
  canonicalBytes,
  decodeWith,
  idOf,
  mayAct,
  newError,
  pageKey,
  readLedgerRecord,
  SupersedeCodec,
  WithdrawCodec,
  type Belonging,
  type BimsError,
  type ReadLedgerRecord,
  type Submitter,
  type Supersede,
  type Withdraw
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import type { PlannedWrite } from '../state/index-write.ts'
import type { LedgerState, PrivateState } from '../state/ledger-state.ts'
import { openPage } from '../state/page.ts'
import { isKeyName, isTransactionId, markKey, submissionKey } from '../state/state-key.ts'
import { readTransaction } from '../state/stored.ts'
import { refusedAt, type CheckedRecord } from './record-check.ts'

/** A submission that a mark is about. */
interface MarkedSubmission {
  readonly target: string
  readonly submission: Submitter
  /** The transaction in which it was made, as the argument says. */
  readonly transaction: string | undefined
}

/** Tells whether a submission stands. */
export type FindsTarget = (marked: MarkedSubmission) => Promise<E.Either<BimsError, boolean>>

/** How a submission belongs to a caller. */
export const belongingOf = (caller: Caller, submission: Submitter): Belonging => {
  if (caller.mspId !== submission.mspId) return 'foreign'
  return caller.enrollmentId === submission.enrollmentId ? 'own-submission' : 'own-organization'
}

const isMarkKind = (kind: string): kind is 'supersede' | 'withdraw' => kind === 'supersede' || kind === 'withdraw'

const decodeMark = ({ bytes }: CheckedRecord): E.Either<BimsError, Supersede | Withdraw> =>
  E.flatMap(({ ref, value }: ReadLedgerRecord): E.Either<BimsError, Supersede | Withdraw> =>
    ref.kind === 'supersede'
      ? decodeWith(SupersedeCodec, 'a record of kind supersede')(value)
      : decodeWith(WithdrawCodec, 'a record of kind withdraw')(value)
  )(readLedgerRecord(bytes))

const standsAsOld = async (
  state: LedgerState,
  { target, submission }: MarkedSubmission
): Promise<E.Either<BimsError, boolean>> =>
  E.map((value: Uint8Array | undefined) => value !== undefined)(
    await state.get(submissionKey(target, submission.mspId, submission.enrollmentId))()
  )

const standsInPage = async (
  state: LedgerState,
  transaction: string,
  target: string
): Promise<E.Either<BimsError, boolean>> =>
  E.flatMap((page: Uint8Array | undefined) =>
    page === undefined
      ? E.right(false)
      : E.map((contents: readonly Uint8Array[]) => contents.some(content => idOf(content) === target))(openPage(page))
  )(await state.get(pageKey(transaction))())

/**
 * Finds a public submission by reading keys, no ranges: in the transaction named, or where version 1 of the chaincode kept it,
 * which wrote nothing under a transaction's key.
 */
export const findsPublic =
  (state: LedgerState): FindsTarget =>
  async marked => {
    const { submission, target, transaction } = marked
    if (transaction === undefined) return standsAsOld(state, marked)
    if (!isTransactionId(transaction)) return E.right(false)
    const stored = await readTransaction(state, transaction)
    if (E.isLeft(stored)) return stored
    if (stored.right === undefined) return standsAsOld(state, marked)
    const { mspId, enrollmentId } = stored.right
    return mspId === submission.mspId && enrollmentId === submission.enrollmentId
      ? standsInPage(state, transaction, target)
      : E.right(false)
  }

/** Finds a restricted submission by the hash of its key's value, which every peer knows. */
export const findsRestricted =
  (collection: PrivateState): FindsTarget =>
  async ({ target, submission }) =>
    E.map((hash: Uint8Array | undefined) => hash !== undefined)(
      await collection.hash(submissionKey(target, submission.mspId, submission.enrollmentId))()
    )

const mayMark = (
  caller: Caller,
  kind: 'supersede' | 'withdraw',
  submission: Submitter
): E.Either<BimsError, undefined> => {
  if (!isKeyName(submission.mspId) || !isKeyName(submission.enrollmentId)) {
    return E.left(
      newError(
        'record-schema',
        'The submission that is meant has no usable names.',
        'Name it by mspId and enrolment id.'
      )
    )
  }
  return mayAct(caller.role, kind, belongingOf(caller, submission))
    ? E.right(undefined)
    : E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} with the role ${caller.role} may not ${kind} the submission of ${submission.enrollmentId} of ${submission.mspId}.`,
          'Ask whoever submitted it, or a steward of that organisation.'
        )
      )
}

const planMark =
  (
    finds: FindsTarget,
    caller: Caller,
    transaction: string,
    record: CheckedRecord,
    kind: 'supersede' | 'withdraw',
    targetTransaction: string | undefined
  ): TaskEither<BimsError, PlannedWrite> =>
  async () => {
    const decoded = decodeMark(record)
    if (E.isLeft(decoded)) return decoded
    const { target, submission: named, ...rest } = decoded.right
    const submission: Submitter = named ?? { mspId: caller.mspId, enrollmentId: caller.enrollmentId }
    const allowed = mayMark(caller, kind, submission)
    if (E.isLeft(allowed)) return allowed
    const found = await finds({ target, submission, transaction: targetTransaction })
    if (E.isLeft(found)) return found
    if (!found.right) {
      return E.left(
        newError(
          'ledger-not-found',
          `${submission.enrollmentId} of ${submission.mspId} did not submit ${target}${targetTransaction === undefined ? '' : ` in ${targetTransaction.slice(0, 64)}`}.`,
          'Submit the target first, and name the transaction in which it was, as Read answers it.'
        )
      )
    }
    const by = { mspId: caller.mspId, enrollmentId: caller.enrollmentId, transaction }
    const replacement = 'replacement' in rest ? { replacement: rest.replacement } : {}
    return E.right({
      key: markKey(target, submission.mspId, submission.enrollmentId, kind, record.ref.id),
      value: canonicalBytes({ by, ...replacement })
    })
  }

/**
 * The marks that the records of kind supersede and withdraw leave, after their targets were found: nothing else in a
 * submission reads. `targets` are the transactions in which they were submitted, by the record's place.
 * Fails with `record-schema`, `role-refused`, `ledger-not-found`.
 */
export const planMarks =
  (
    finds: FindsTarget,
    caller: Caller,
    transaction: string,
    records: readonly CheckedRecord[],
    targets: readonly (string | undefined)[]
  ): TaskEither<BimsError, readonly PlannedWrite[]> =>
  async () => {
    const writes: PlannedWrite[] = []
    for (const record of records) {
      const { kind } = record.ref
      if (!isMarkKind(kind)) continue
      const planned = await planMark(finds, caller, transaction, record, kind, targets[record.at])()
      if (E.isLeft(planned)) return E.left(refusedAt(record.at, planned.left))
      writes.push(planned.right)
    }
    return E.right(writes)
  }
