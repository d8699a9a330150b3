import {
  idOf,
  ledgerLimits,
  StoredSubmissionCodec,
  type BimsError,
  type StoredTransaction,
  type Submission
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import { termPositions } from './index-read.ts'
import type { LedgerState } from './ledger-state.ts'
import { PageReader } from './page-reader.ts'
import { bookmarkOf, parseBookmark, type Position } from './position.ts'
import { submissionsOf } from './state-key.ts'
import { damaged, readStored, readTransaction } from './stored.ts'

/** A part of the submissions of a record. */
export interface Submissions {
  readonly submissions: readonly Submission[]
  /** The record, as one of these submissions brought it. */
  readonly bytes: Uint8Array | undefined
  readonly bookmark: string
}

// Behind the last submission of version 1 begin those of the index.
const indexBookmark = 'index'

const readOld = readStored(StoredSubmissionCodec, 'a stored submission')

/** Submissions that version 1 of the chaincode took, each under a key of its own. */
const oldSubmissions = async (
  state: LedgerState,
  reader: PageReader,
  id: string,
  most: number,
  start: string
): Promise<E.Either<BimsError, Submissions>> => {
  const range = await state.range(submissionsOf(id), most, start)()
  if (E.isLeft(range)) return range
  const submissions: Submission[] = []
  let bytes: Uint8Array | undefined
  for (const { attributes, value } of range.right.entries) {
    const [, mspId = '', enrollmentId = ''] = attributes
    const stored = readOld(value)
    if (E.isLeft(stored)) return stored
    const { page, at } = stored.right
    submissions.push({ mspId, enrollmentId, transaction: page })
    if (bytes !== undefined) continue
    const content = await reader.bytes(page, at)
    if (E.isLeft(content)) return content
    bytes = content.right
  }
  return E.right({ submissions, bytes, bookmark: range.right.bookmark })
}

const submissionOf = async (state: LedgerState, transaction: string): Promise<E.Either<BimsError, Submission>> =>
  E.flatMap((stored: StoredTransaction | undefined): E.Either<BimsError, Submission> => {
    if (stored === undefined) return E.left(damaged(`Nobody submitted the transaction ${transaction}.`))
    const { mspId, enrollmentId, time } = stored
    return E.right({ mspId, enrollmentId, transaction, time })
  })(await readTransaction(state, transaction))

/** Submissions that stand in the index. */
const indexed = async (
  state: LedgerState,
  reader: PageReader,
  id: string,
  most: number,
  after: Position | undefined
): Promise<E.Either<BimsError, Submissions>> => {
  const candidates = await termPositions(state, { type: 'id', text: id }, most, after)
  if (E.isLeft(candidates)) return candidates
  const submissions: Submission[] = []
  let [bytes, bookmark]: [Uint8Array | undefined, string] = [undefined, '']
  for (const position of candidates.right.positions) {
    const transaction = position.key[0] ?? ''
    const content = await reader.bytes(transaction, position.at)
    if (E.isLeft(content)) return content
    if (content.right === undefined) return E.right({ submissions, bytes, bookmark })
    bookmark = bookmarkOf(position)
    if (idOf(content.right) !== id) continue
    bytes ??= content.right
    const submission = await submissionOf(state, transaction)
    if (E.isLeft(submission)) return submission
    submissions.push(submission.right)
  }
  return E.right({ submissions, bytes, bookmark: candidates.right.more ? bookmark : '' })
}

/**
 * Submissions of a record from a bookmark on: first those that version 1 took, then those of the index, each verified by
 * the page that it leads to. Fails with `transaction-malformed` for a bookmark of another question, `unexpected`.
 */
export const readSubmissions = async (
  state: LedgerState,
  reader: PageReader,
  id: string,
  most: number,
  bookmark: string
): Promise<E.Either<BimsError, Submissions>> => {
  const isOld = bookmark === '' || bookmark.startsWith('\0')
  const after = isOld || bookmark === indexBookmark ? E.right(undefined) : parseBookmark(bookmark, 'by-transaction')
  if (E.isLeft(after)) return after
  if (!isOld) return indexed(state, reader, id, most, after.right)
  const old = await oldSubmissions(state, reader, id, most, bookmark)
  if (E.isLeft(old) || old.right.bookmark !== '') return old
  const room = most - old.right.submissions.length
  if (room < 1) return E.right({ ...old.right, bookmark: indexBookmark })
  return E.map((newer: Submissions) => ({
    submissions: [...old.right.submissions, ...newer.submissions],
    bytes: old.right.bytes ?? newer.bytes,
    bookmark: newer.bookmark
  }))(await indexed(state, reader, id, room, after.right))
}

/** The record itself, whoever submitted it; undefined where nobody did. Fails with `unexpected`. */
export const readContent = async (
  state: LedgerState,
  id: string
): Promise<E.Either<BimsError, Uint8Array | undefined>> => {
  for (let bookmark = ''; ;) {
    const reader = new PageReader(state, ledgerLimits.pagesPerAnswer)
    const part = await readSubmissions(state, reader, id, ledgerLimits.submissionsPerAnswer, bookmark)
    if (E.isLeft(part)) return part
    // A part may hold none but false hits, whose hash is the same.
    if (part.right.bytes !== undefined || part.right.bookmark === '') return E.right(part.right.bytes)
    bookmark = part.right.bookmark
  }
}
