import {
  AttestArgumentCodec,
  attestationText,
  idOf,
  newError,
  pageKey,
  type AttestArgument,
  type BimsError
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { LedgerState } from '../state/ledger-state.ts'
import { openPage } from '../state/page.ts'
import { isTransactionId } from '../state/state-key.ts'
import { parseArgument, plain } from './argument.ts'

const checkTransaction = (argument: AttestArgument): E.Either<BimsError, AttestArgument> =>
  isTransactionId(argument.transaction)
    ? E.right(argument)
    : E.left(
        newError(
          'transaction-malformed',
          'The transaction that is meant is not 64 hex digits.',
          'Name it as Read answers it.'
        )
      )

const notThere = ({ id, transaction }: AttestArgument): E.Either<BimsError, never> =>
  E.left(
    newError(
      'ledger-not-found',
      `The transaction ${transaction} did not submit ${id}.`,
      'Read the record to see which did.'
    )
  )

/**
 * The query `Attest`, endorsed and never ordered: its endorsements are a receipt. Exactly one read, of the page in which the record
 * stands, so that the endorsed read set says in which block and transaction; the answer has a form that no other
 * transaction returns. Fails with `ledger-not-found`: of what does not stand there is no endorsement.
 */
export const attest =
  (state: LedgerState, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap(checkTransaction)(
      parseArgument(AttestArgumentCodec, { id: plain, transaction: plain }, argument)
    )
    if (E.isLeft(parsed)) return parsed
    const { id, transaction } = parsed.right
    const page = await state.get(pageKey(transaction))()
    if (E.isLeft(page)) return page
    if (page.right === undefined) return notThere(parsed.right)
    return E.flatMap((contents: readonly Uint8Array[]) =>
      contents.some(content => idOf(content) === id)
        ? E.right(attestationText(state.channel, id))
        : notThere(parsed.right)
    )(openPage(page.right))
  }
