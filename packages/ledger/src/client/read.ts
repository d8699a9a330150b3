import {
  canonicalText,
  idOf,
  newError,
  RecordAnswerCodec,
  utf8,
  type BimsError,
  type CollectionOwner,
  type LedgerRecord,
  type Mark,
  type RecordAnswer,
  type RecordRef,
  type Submission
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Connection } from '../gateway/connection.ts'
import { decodeAnswer } from './answer.ts'

/** A record as the ledger holds it. */
export interface StandingRecord extends LedgerRecord {
  /** Everyone who submitted it, in the order of mspId and enrolment id. */
  readonly submissions: readonly Submission[]
  /** What was said of it since; at most the first hundred. */
  readonly marks: readonly Mark[]
}

/** A record that a peer answered, its bytes checked against its id. Fails with `record-id`. */
export const checkedRecord = ({
  kind,
  id,
  schema,
  content
}: RecordRef & { readonly content: string }): E.Either<BimsError, LedgerRecord> => {
  const bytes = utf8(content)
  return idOf(bytes) === id
    ? E.right({ kind, id, schema, bytes })
    : E.left(
        newError(
          'record-id',
          `The peer answered content with another id than ${id}.`,
          'Do not trust this peer; ask another.'
        )
      )
}

const decode = decodeAnswer(RecordAnswerCodec)

const standing = (
  id: string,
  answer: RecordAnswer,
  submissions: readonly Submission[]
): E.Either<BimsError, StandingRecord> =>
  E.map((record: LedgerRecord) => ({ ...record, submissions, marks: answer.marks }))(checkedRecord({ ...answer, id }))

/** Reads a record; `restricted`: in the private collection of the caller's own organisation. */
export const readFrom =
  (
    connection: Pick<Connection, 'evaluate'>,
    id: string,
    restricted?: CollectionOwner
  ): TaskEither<BimsError, StandingRecord> =>
  async () => {
    const submissions = new Map<string, Submission>()
    const options = restricted === undefined ? {} : { organizations: [restricted.owner] }
    const owner = restricted === undefined ? {} : { restricted: { owner: restricted.owner } }
    for (let bookmark = ''; ;) {
      const argument = canonicalText({ id, ...owner, ...(bookmark !== '' && { bookmark }) })
      const answer = E.flatMap(decode)(await connection.evaluate('Read', argument, options)())
      // A last part may be empty: the one before was then full.
      if (E.isLeft(answer)) return answer
      for (const one of answer.right.submissions) {
        // Who submitted a record often may come again in a later part; the first submission counts.
        const who = JSON.stringify([one.mspId, one.enrollmentId])
        if (!submissions.has(who)) submissions.set(who, one)
      }
      if (answer.right.bookmark === '' || answer.right.bookmark === bookmark)
        return standing(id, answer.right, [...submissions.values()])
      bookmark = answer.right.bookmark
    }
  }
