import {
  canonicalText,
  FindAnswerCodec,
  LineageAnswerCodec,
  toJson,
  type BimsError,
  type FindArgument,
  type FoundRecord,
  type LedgerRecord,
  type LineageAnswer,
  type LineageArgument,
  type Submission
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Connection } from '../gateway/connection.ts'
import { decodeAnswer } from './answer.ts'
import { checkedRecord } from './read.ts'

/** What is looked for: exactly one of image, source, reference, instrument, and kind with owner. */
export type FindQuery = Omit<FindArgument, 'bookmark' | 'restricted'>

/** A record that was found, its bytes checked, and one of its submissions. */
export interface Finding extends LedgerRecord {
  readonly submission: Submission
}

const decodeFound = decodeAnswer(FindAnswerCodec)

const findingOf = (found: FoundRecord): E.Either<BimsError, Finding> =>
  E.map((record: LedgerRecord) => ({ ...record, submission: found.submission }))(checkedRecord(found))

/**
 * Records one after another as the ledger finds them, a page at a time, until there are no more or nobody asks. The last item is an
 * error where the ledger does not answer. A record that several submitted comes once for each.
 */
export async function* findFrom(
  connection: Pick<Connection, 'evaluate'>,
  query: FindQuery,
  restricted?: string
): AsyncGenerator<E.Either<BimsError, Finding>, void> {
  const options = restricted === undefined ? {} : { organizations: [restricted] }
  const owner = restricted === undefined ? {} : { restricted: { owner: restricted } }
  for (let bookmark = ''; ;) {
    const argument = canonicalText(toJson({ ...query, ...owner, ...(bookmark !== '' && { bookmark }) }))
    const answer = E.flatMap(decodeFound)(await connection.evaluate('Find', argument, options)())
    if (E.isLeft(answer)) {
      yield answer
      return
    }
    for (const found of answer.right.records) yield findingOf(found)
    if (answer.right.bookmark === '' || answer.right.bookmark === bookmark) return
    bookmark = answer.right.bookmark
  }
}

/** What an image was made from, or what was made from it. */
export const lineageFrom =
  (connection: Pick<Connection, 'evaluate'>, argument: LineageArgument): TaskEither<BimsError, LineageAnswer> =>
  async () =>
    E.flatMap(decodeAnswer(LineageAnswerCodec))(
      await connection.evaluate('Lineage', canonicalText(toJson({ ...argument })))()
    )
