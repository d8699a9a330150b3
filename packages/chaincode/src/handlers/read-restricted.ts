import {
  ledgerLimits,
  newError,
  StoredRestrictedCodec,
  type Belonging,
  type BimsError,
  type CollectionOwner,
  type ReadArgument,
  type StoredRestricted,
  type Submission
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import type { LedgerState, StateEntry, StateRange } from '../state/ledger-state.ts'
import { recordKey, submissionKey, submissionsOf } from '../state/state-key.ts'
import { allOf, readStored } from '../state/stored.ts'
import { readMarks } from './marks.ts'
import { recordAnswer } from './record-answer.ts'
import { checkReach, readableCollection, type ReadableCollection } from './restricted-access.ts'

const decodeSubmission = readStored(StoredRestrictedCodec, 'a stored submission')

const submissionOf = ({ attributes, value }: StateEntry): E.Either<BimsError, Submission> => {
  const [, mspId = '', enrollmentId = ''] = attributes
  return E.map(({ shared, time, transaction }: StoredRestricted) => ({
    mspId,
    enrollmentId,
    transaction,
    time,
    ...(shared === true && { shared })
  }))(decodeSubmission(value))
}

/** How a record of a collection belongs to the caller; undefined where it does not stand there. */
const belongingOf = async (
  { caller, collection }: ReadableCollection,
  id: string
): Promise<E.Either<BimsError, Belonging | undefined>> => {
  const own = await collection.get(submissionKey(id, caller.mspId, caller.enrollmentId))()
  if (E.isLeft(own)) return own
  if (own.right !== undefined) return E.right('own-submission')
  const ofOrganization = await collection.range(submissionsOf(id, caller.mspId), 1)()
  if (E.isLeft(ofOrganization)) return ofOrganization
  if (ofOrganization.right.entries.length > 0) return E.right('own-organization')
  return E.map(({ entries }: StateRange) => (entries.length > 0 ? 'shared' : undefined))(
    await collection.range(submissionsOf(id), 1)()
  )
}

const notThere = (id: string): E.Either<BimsError, never> =>
  E.left(
    newError(
      'ledger-not-found',
      `${id} does not stand in the private collection, or was purged.`,
      'Check the id; restricted records are kept by peers of their owner.'
    )
  )

/** The bytes of a record that the caller may read. */
const reachedRecord = async (readable: ReadableCollection, id: string): Promise<E.Either<BimsError, Uint8Array>> => {
  const belonging = await belongingOf(readable, id)
  if (E.isLeft(belonging)) return belonging
  if (belonging.right === undefined) return notThere(id)
  const reached = checkReach(readable.caller, belonging.right, `${id}, which others submitted`)
  if (E.isLeft(reached)) return reached
  return E.flatMap((bytes: Uint8Array | undefined) => (bytes === undefined ? notThere(id) : E.right(bytes)))(
    await readable.collection.get(recordKey(id))()
  )
}

const readFrom = async (
  readable: ReadableCollection,
  { id, pageSize = ledgerLimits.submissionsPerAnswer, bookmark = '' }: ReadArgument
): Promise<E.Either<BimsError, string>> => {
  const { collection } = readable
  const bytes = await reachedRecord(readable, id)
  if (E.isLeft(bytes)) return bytes
  const most = Math.max(1, Math.min(pageSize, ledgerLimits.submissionsPerAnswer))
  const range = await collection.range(submissionsOf(id), most, bookmark)()
  if (E.isLeft(range)) return range
  const submissions = allOf(range.right.entries.map(submissionOf))
  if (E.isLeft(submissions)) return submissions
  const marks = await readMarks(collection.range, id)
  if (E.isLeft(marks)) return marks
  return recordAnswer(bytes.right, submissions.right, marks.right, range.right.bookmark)
}

/**
 * `Read` in the private collection of the caller's organisation. Fails with `role-refused`, `ledger-not-found`,
 * `transaction-malformed`.
 */
export const readRestricted =
  (
    state: LedgerState,
    callerOf: () => E.Either<BimsError, Caller>,
    argument: ReadArgument,
    owner: CollectionOwner
  ): TaskEither<BimsError, string> =>
  async () => {
    const readable = readableCollection(state, callerOf, owner)
    return E.isLeft(readable) ? readable : readFrom(readable.right, argument)
  }
