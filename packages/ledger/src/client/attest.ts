import { canonicalText, newError, type BimsError, type Receipt, type Submitter } from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import type { Connection } from '../gateway/connection.ts'
import { receiptOf } from '../gateway/endorsements.ts'
import { readFrom, type StandingRecord } from './read.ts'

/** A receipt over a record, for the submission named or else the first. */
export const attestFrom =
  (
    connection: Pick<Connection, 'evaluate' | 'endorse'>,
    id: string,
    named?: Submitter
  ): TE.TaskEither<BimsError, Receipt> =>
  async () => {
    const standing = E.map(({ submissions }: StandingRecord) =>
      named === undefined
        ? submissions[0]
        : submissions.find(({ mspId, enrollmentId }) => mspId === named.mspId && enrollmentId === named.enrollmentId)
    )(await readFrom(connection, id)())
    if (E.isLeft(standing)) return standing
    if (standing.right === undefined)
      return E.left(
        newError(
          'ledger-not-found',
          `That submission of ${id} does not stand on the ledger.`,
          'Read the record to see which do.'
        )
      )
    const { transaction } = standing.right
    const endorsed = await connection.endorse('Attest', canonicalText({ id, transaction }))()
    return E.flatMap(({ bytes }: { readonly bytes: Uint8Array }) => receiptOf(id, bytes))(endorsed)
  }
