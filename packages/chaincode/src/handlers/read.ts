import {
  canonicalText,
  decodeWith,
  fromUtf8,
  ledgerLimits,
  MarkCodec,
  newError,
  pageKey,
  parseJson,
  ReadArgumentCodec,
  recordBounds,
  StoredSubmissionCodec,
  toJson,
  type BimsError,
  type Mark,
  type RecordAnswer,
  type StoredSubmission
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { LedgerState, StateEntry, StateRange } from '../state/ledger-state.ts'
import { openPage } from '../state/page.ts'
import { marksOf, submissionsOf } from '../state/state-key.ts'
import { parseArgument } from './argument.ts'

interface Standing {
  readonly mspId: string
  readonly enrollmentId: string
  readonly stored: StoredSubmission
}

const damaged = (what: string): BimsError =>
  newError('unexpected', what, 'Please report it: the state of the ledger is not what this chaincode writes.')

const standingOf = ({ attributes, value }: StateEntry): E.Either<BimsError, Standing> => {
  const [, mspId = '', enrollmentId = ''] = attributes
  return E.map((stored: StoredSubmission) => ({ mspId, enrollmentId, stored }))(
    E.flatMap(decodeWith(StoredSubmissionCodec, 'a stored submission', 'unexpected'))(parseJson(value, recordBounds))
  )
}

const markOf = ({ attributes, value }: StateEntry): E.Either<BimsError, Mark> => {
  const [, mspId = '', enrollmentId = '', kind = '', id = ''] = attributes
  return E.flatMap((said: unknown) =>
    decodeWith(
      MarkCodec,
      'a stored mark',
      'unexpected'
    )({ ...Object(said), submission: { mspId, enrollmentId }, kind, id })
  )(parseJson(value, recordBounds))
}

const all = <A>(results: readonly E.Either<BimsError, A>[]): E.Either<BimsError, readonly A[]> => {
  const problem = results.find(E.isLeft)
  return problem ?? E.right(results.flatMap(result => (E.isRight(result) ? [result.right] : [])))
}

const contentOf = async (state: LedgerState, { page, at }: StoredSubmission): Promise<E.Either<BimsError, string>> => {
  const compressed = await state.get(pageKey(page))()
  if (E.isLeft(compressed)) return compressed
  if (compressed.right === undefined) return E.left(damaged(`The page of transaction ${page} is missing.`))
  return E.flatMap((contents: readonly Uint8Array[]) => {
    const content = contents[at]
    const text = content === undefined ? undefined : fromUtf8(content)
    return text === undefined
      ? E.left(damaged(`The page of transaction ${page} holds no record ${at}.`))
      : E.right(text)
  })(openPage(compressed.right))
}

const readMarks = async (state: LedgerState, id: string): Promise<E.Either<BimsError, readonly Mark[]>> =>
  E.flatMap((marked: StateRange) => all(marked.entries.map(markOf)))(
    await state.range(marksOf(id), ledgerLimits.marksPerAnswer, '')()
  )

/**
 * The query `Read`: a record by id, with everyone who submitted it, in the order of mspId and enrolment id, and what was
 * said of it since. Fails with `ledger-not-found`, `transaction-malformed`, `ledger-unsupported`.
 */
export const read =
  (state: LedgerState, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = parseArgument(ReadArgumentCodec, ['id', 'pageSize', 'bookmark'], argument)
    if (E.isLeft(parsed)) return parsed
    const { id, pageSize = ledgerLimits.submissionsPerAnswer, bookmark = '' } = parsed.right
    const most = Math.max(1, Math.min(pageSize, ledgerLimits.submissionsPerAnswer))
    const range = await state.range(submissionsOf(id), most, bookmark)()
    if (E.isLeft(range)) return range
    const standing = all(range.right.entries.map(standingOf))
    if (E.isLeft(standing)) return standing
    const first = standing.right[0]
    if (first === undefined)
      return E.left(
        newError(
          'ledger-not-found',
          `No such submission of ${id} stands on the ledger.`,
          'Check the id, or submit the record.'
        )
      )
    const content = await contentOf(state, first.stored)
    if (E.isLeft(content)) return content
    const marks = await readMarks(state, id)
    if (E.isLeft(marks)) return marks
    const answer: RecordAnswer = {
      id,
      kind: first.stored.kind,
      schema: first.stored.schema,
      content: content.right,
      submissions: standing.right.map(({ mspId, enrollmentId, stored }) => ({
        mspId,
        enrollmentId,
        transaction: stored.page
      })),
      marks: marks.right,
      bookmark: range.right.bookmark
    }
    return E.right(canonicalText(toJson(answer)))
  }
