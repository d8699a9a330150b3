import {
  canonicalText,
  decodeWith,
  parseJson,
  RecordAnswerCodec,
  recordBounds,
  SupersedeCodec,
  WithdrawCodec,
  type BimsError,
  type LedgerRecord,
  type RecordAnswer,
  type Submitter,
  type Supersede,
  type Withdraw
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { Connection } from '../gateway/connection.ts'

const answerBounds = { bytes: 128 * 1024 * 1024, depth: 8 }

const markOf = ({ bytes, kind }: LedgerRecord): Supersede | Withdraw | undefined => {
  if (kind !== 'supersede' && kind !== 'withdraw') return undefined
  const value = parseJson(bytes, recordBounds)
  if (E.isLeft(value)) return undefined
  const mark: E.Either<BimsError, Supersede | Withdraw> =
    kind === 'supersede'
      ? decodeWith(SupersedeCodec, 'a supersede')(value.right)
      : decodeWith(WithdrawCodec, 'a withdraw')(value.right)
  return E.isRight(mark) ? mark.right : undefined
}

/** Ids of the records that supersede and withdraw records are about. */
export const targetIdsOf = (records: readonly LedgerRecord[]): readonly string[] =>
  records.flatMap(record => markOf(record)?.target ?? [])

/** The transaction of a submission, asked of the ledger; undefined where it does not stand there. */
const transactionOf = async (
  connection: Pick<Connection, 'evaluate'>,
  id: string,
  { mspId, enrollmentId }: Submitter
): Promise<E.Either<BimsError, string | undefined>> => {
  for (let bookmark = ''; ;) {
    const argument = canonicalText({ id, ...(bookmark !== '' && { bookmark }) })
    const answer: E.Either<BimsError, RecordAnswer> = E.flatMap(
      decodeWith(RecordAnswerCodec, 'an answer of the chaincode')
    )(E.flatMap((bytes: Uint8Array) => parseJson(bytes, answerBounds))(await connection.evaluate('Read', argument)()))
    if (E.isLeft(answer)) return answer.left.code === 'ledger-not-found' ? E.right(undefined) : answer
    const found = answer.right.submissions.find(one => one.mspId === mspId && one.enrollmentId === enrollmentId)
    if (found !== undefined || answer.right.bookmark === '') return E.right(found?.transaction)
    bookmark = answer.right.bookmark
  }
}

/**
 * The transactions in which the submissions stand that supersede and withdraw records are about, by the record's id. A target
 * that does not stand is left out: the chaincode says what is wrong. Fails where the ledger does not answer.
 */
export const targetsOf = async (
  connection: Pick<Connection, 'evaluate'>,
  submitter: Submitter | undefined,
  records: readonly LedgerRecord[]
): Promise<E.Either<BimsError, ReadonlyMap<string, string>>> => {
  const targets = new Map<string, string>()
  for (const record of records) {
    const mark = markOf(record)
    const submission = mark?.submission ?? submitter
    if (mark === undefined || submission === undefined) continue
    const transaction = await transactionOf(connection, mark.target, submission)
    if (E.isLeft(transaction)) return transaction
    if (transaction.right !== undefined) targets.set(record.id, transaction.right)
  }
  return E.right(targets)
}
