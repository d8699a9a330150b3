import {
  equalBytes,
  fromHex,
  mayAct,
  newError,
  type BimsError,
  type LedgerAction,
  type RecordRef,
  type ReleaseOf
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { Caller } from '../state/caller.ts'
import { ownCollection } from '../state/collection.ts'
import type { LedgerState, PrivateState } from '../state/ledger-state.ts'
import { isKeyName, recordKey, submissionKey } from '../state/state-key.ts'
import { malformedArgument } from './argument.ts'
import { belongingOf } from './mark-check.ts'
import { refusedAt, type CheckedRecord } from './record-check.ts'

/** The caller's collection, and whose submissions in it are meant. */
export interface OwnSubmissions {
  readonly collection: PrivateState
  readonly enrollmentId: string
}

/** Whose submissions are released or shared, where the caller's role reaches them. Fails with `role-refused`, `transaction-malformed`. */
export const ownSubmissions = (
  state: LedgerState,
  caller: Caller,
  { enrollmentId = caller.enrollmentId, owner }: ReleaseOf,
  action: LedgerAction
): E.Either<BimsError, OwnSubmissions> => {
  const collection = ownCollection(state, caller, { owner })
  if (E.isLeft(collection)) return collection
  if (!isKeyName(enrollmentId)) return malformedArgument('The submitter that is meant has no usable name.')
  return mayAct(caller.role, action, belongingOf(caller, { mspId: owner, enrollmentId }))
    ? E.right({ collection: collection.right, enrollmentId })
    : E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} with the role ${caller.role} may not ${action} the submissions of ${enrollmentId}.`,
          'Ask whoever submitted them, or a steward of the organisation.'
        )
      )
}

const absent = (id: string, enrollmentId: string, mspId: string): BimsError =>
  newError(
    'ledger-not-found',
    `${id} does not stand restricted, submitted by ${enrollmentId} of ${mspId}.`,
    'Submit it restricted first; name whose submission it is where it is another one’s.'
  )

/**
 * Checks that a record stands in the owner's collection with these very bytes, submitted by whom it should be: by hashes, which every
 * peer of the channel knows. Fails with `ledger-not-found`.
 */
export const standsRestricted = async (
  { collection, enrollmentId }: OwnSubmissions,
  mspId: string,
  { id }: Pick<RecordRef, 'id'>
): Promise<E.Either<BimsError, undefined>> => {
  const hash = await collection.hash(recordKey(id))()
  if (E.isLeft(hash)) return hash
  const expected = fromHex(id.slice('sha256:'.length))
  if (hash.right === undefined || expected === undefined || !equalBytes(hash.right, expected))
    return E.left(absent(id, enrollmentId, mspId))
  const submitted = await collection.hash(submissionKey(id, mspId, enrollmentId))()
  if (E.isLeft(submitted)) return submitted
  return submitted.right === undefined ? E.left(absent(id, enrollmentId, mspId)) : E.right(undefined)
}

/** Checks that the caller may release these records, which stand restricted. Fails with `role-refused`, `ledger-not-found`, `transaction-malformed`. */
export const checkRelease = async (
  state: LedgerState,
  caller: Caller,
  release: ReleaseOf,
  records: readonly CheckedRecord[]
): Promise<E.Either<BimsError, undefined>> => {
  const own = ownSubmissions(state, caller, release, 'release')
  if (E.isLeft(own)) return own
  for (const { at, ref } of records) {
    const stands = await standsRestricted(own.right, caller.mspId, ref)
    if (E.isLeft(stands)) return E.left(refusedAt(at, stands.left))
  }
  return E.right(undefined)
}
