import { ledgerLimits, newError, type BimsError, type RecordRef } from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import { openPage } from '../state/page.ts'

const advice = 'Batch with the client of BIMS, or as docs/spec/ledger.md says.'

/** Checks how many records an argument names. Fails with `transaction-malformed`. */
export const checkCount = <R extends RecordRef>(refs: readonly R[]): E.Either<BimsError, readonly R[]> =>
  refs.length > 0 && refs.length <= ledgerLimits.recordsPerTransaction
    ? E.right(refs)
    : E.left(
        newError(
          'transaction-malformed',
          `A transaction takes 1 to ${ledgerLimits.recordsPerTransaction} records, not ${refs.length}.`,
          advice
        )
      )

/** The contents of a page, as many as the argument names. Fails with `transaction-malformed`. */
export const openedPage = (page: Uint8Array, refs: readonly RecordRef[]): E.Either<BimsError, readonly Uint8Array[]> =>
  E.flatMap((contents: readonly Uint8Array[]) =>
    contents.length === refs.length
      ? E.right(contents)
      : E.left(
          newError(
            'transaction-malformed',
            `The argument names ${refs.length} records, the page holds ${contents.length}.`,
            advice
          )
        )
  )(openPage(page))
