import {
  ledgerLimits,
  newError,
  ReadArgumentCodec,
  type BimsError,
  type ReadArgument,
  type Submission
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { PageReader } from '../state/page-reader.ts'
import { readContent, readSubmissions } from '../state/submissions.ts'
import { parseArgument, plain } from './argument.ts'
import { readMarks } from './marks.ts'
import { readRestricted } from './read-restricted.ts'
import { recordAnswer } from './record-answer.ts'

const isBefore = (a: Submission, b: Submission): boolean =>
  // What version 1 took has no time, and was there before.
  a.time === undefined || (b.time !== undefined && `${a.time}${a.transaction}` < `${b.time}${b.transaction}`)

/** Each identity once, with the first of its submissions, in the order of mspId and enrolment id. */
const oneEach = (submissions: readonly Submission[]): readonly Submission[] => {
  const first = new Map<string, Submission>()
  for (const submission of submissions) {
    const who = `${submission.mspId}\0${submission.enrollmentId}`
    const known = first.get(who)
    if (known === undefined || isBefore(submission, known)) first.set(who, submission)
  }
  return [...first].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, submission]) => submission)
}

const readPublic = async (
  state: LedgerState,
  { id, pageSize = ledgerLimits.submissionsPerAnswer, bookmark = '' }: ReadArgument
): Promise<E.Either<BimsError, string>> => {
  const reader = new PageReader(state, ledgerLimits.pagesPerAnswer)
  const most = Math.max(1, Math.min(pageSize, ledgerLimits.submissionsPerAnswer))
  const found = await readSubmissions(state, reader, id, most, bookmark)
  if (E.isLeft(found)) return found
  const content = found.right.bytes === undefined ? await readContent(state, id) : E.right(found.right.bytes)
  if (E.isLeft(content)) return content
  if (content.right === undefined)
    return E.left(
      newError('ledger-not-found', `${id} does not stand on the ledger.`, 'Check the id, or submit the record.')
    )
  const marks = await readMarks(state.range, id)
  if (E.isLeft(marks)) return marks
  return recordAnswer(content.right, oneEach(found.right.submissions), marks.right, found.right.bookmark)
}

/**
 * The query `Read`: a record by id, with everyone who submitted it, in the order of mspId and enrolment id, and what was
 * said of it since. Fails with `ledger-not-found`, `transaction-malformed`, `ledger-unsupported`, and `role-refused` for
 * restricted records of others.
 */
export const read =
  (state: LedgerState, callerOf: () => E.Either<BimsError, Caller>, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const members = { id: plain, pageSize: plain, bookmark: plain, restricted: { owner: plain } }
    const parsed = parseArgument(ReadArgumentCodec, members, argument)
    if (E.isLeft(parsed)) return parsed
    const { restricted } = parsed.right
    return restricted === undefined
      ? readPublic(state, parsed.right)
      : readRestricted(state, callerOf, parsed.right, restricted)()
  }
