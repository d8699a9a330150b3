import {
  canonicalText,
  FindArgumentCodec,
  fromUtf8,
  ledgerLimits,
  namesOf,
  termsOf,
  toJson,
  type BimsError,
  type FindAnswer,
  type FoundRecord,
  type Name,
  type StoredTransaction,
  type Term
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import { listedPositions, termPositions, type Candidates } from '../state/index-read.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { PageReader, type PagedRecord } from '../state/page-reader.ts'
import { bookmarkOf, parseBookmark, type Position } from '../state/position.ts'
import { damaged, readTransaction } from '../state/stored.ts'
import { parseArgument, plain } from './argument.ts'
import { findRestricted } from './find-restricted.ts'
import { parseQuestion, type FindQuestion, type Question } from './find-question.ts'

/** The members of the argument of `Find`. */
const members = {
  image: plain,
  source: plain,
  reference: plain,
  instrument: plain,
  kind: plain,
  owner: plain,
  from: plain,
  to: plain,
  pageSize: plain,
  bookmark: plain,
  restricted: { owner: plain }
}

const transactionOf = ({ key }: Position): string => key.at(-1) ?? ''

const candidatesOf = async (
  state: LedgerState,
  { question, most, bookmark }: FindQuestion
): Promise<E.Either<BimsError, Candidates>> => {
  const after = parseBookmark(bookmark, question.form)
  if (E.isLeft(after)) return after
  if (question.form === 'by-transaction') return termPositions(state, question.term, most, after.right)
  const { from, prefix, to } = question
  const listed = await listedPositions(state, prefix, most, after.right, from === undefined ? undefined : [from])
  if (E.isLeft(listed) || to === undefined) return listed
  const positions = listed.right.positions.filter(({ key: [time = ''] }) => time < to)
  return E.right({ positions, more: listed.right.more && positions.length === listed.right.positions.length })
}

/** Whether a record is found by a term. Fails with `unexpected` where the state holds what was never taken. */
export const hasTerm = ({ ref, value }: PagedRecord, { type, text }: Term): E.Either<BimsError, boolean> =>
  E.map((names: readonly Name[]) => termsOf(ref.id, names).some(term => term.type === type && term.text === text))(
    namesOf(ref.kind, value)
  )

const foundRecord = async (
  state: LedgerState,
  position: Position,
  { ref, bytes }: PagedRecord
): Promise<E.Either<BimsError, FoundRecord>> => {
  const transaction = transactionOf(position)
  const stored = await readTransaction(state, transaction)
  return E.flatMap((submitted: StoredTransaction | undefined): E.Either<BimsError, FoundRecord> => {
    if (submitted === undefined) return E.left(damaged(`Nobody submitted the transaction ${transaction}.`))
    const { mspId, enrollmentId, time } = submitted
    const submission = { mspId, enrollmentId, transaction, time }
    return E.right({ ...ref, content: fromUtf8(bytes) ?? '', at: position.at, submission })
  })(stored)
}

const matches = (record: PagedRecord, question: Question): E.Either<BimsError, boolean> =>
  question.form === 'by-time' ? E.right(true) : hasTerm(record, question.term)

/** The answer from candidates, as far as there is room. */
const answerFrom = async (
  state: LedgerState,
  { question, most }: FindQuestion,
  { positions, more }: Candidates
): Promise<E.Either<BimsError, FindAnswer>> => {
  const reader = new PageReader(state, ledgerLimits.pagesPerAnswer)
  const records: FoundRecord[] = []
  let [bytes, bookmark] = [0, '']
  for (const position of positions) {
    if (records.length >= most) return E.right({ records, bookmark })
    const record = await reader.record(transactionOf(position), position.at)
    if (E.isLeft(record)) return record
    if (record.right === undefined) return E.right({ records, bookmark })
    if (bytes > 0 && bytes + record.right.bytes.length > ledgerLimits.contentPerAnswer)
      return E.right({ records, bookmark })
    const taken = await take(state, question, position, record.right)
    if (E.isLeft(taken)) return taken
    if (taken.right !== undefined) {
      records.push(taken.right)
      bytes += record.right.bytes.length
    }
    bookmark = bookmarkOf(position)
  }
  return E.right({ records, bookmark: more ? bookmark : '' })
}

const take = async (
  state: LedgerState,
  question: Question,
  position: Position,
  record: PagedRecord
): Promise<E.Either<BimsError, FoundRecord | undefined>> => {
  const matching = matches(record, question)
  if (E.isLeft(matching)) return matching
  return matching.right ? foundRecord(state, position, record) : E.right(undefined)
}

/**
 * The query `Find`: records by an image in them, by what they were made from, by another record that they name, by
 * instrument, or by kind and owner in a window of time. Fails with `transaction-malformed`, `ledger-unsupported`, and
 * `role-refused` for restricted records of others.
 */
export const find =
  (state: LedgerState, callerOf: () => E.Either<BimsError, Caller>, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const asked = E.flatMap(parseQuestion)(parseArgument(FindArgumentCodec, members, argument))
    if (E.isLeft(asked)) return asked
    const { restricted } = asked.right
    if (restricted !== undefined) return findRestricted(state, callerOf, asked.right, restricted)()
    const candidates = await candidatesOf(state, asked.right)
    if (E.isLeft(candidates)) return candidates
    const answer = await answerFrom(state, asked.right, candidates.right)
    return E.map((found: FindAnswer) => canonicalText(toJson(found)))(answer)
  }
