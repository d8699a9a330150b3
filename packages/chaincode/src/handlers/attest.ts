import {
  AttestArgumentCodec,
  attestationText,
  ledgerLimits,
  newError,
  type AttestArgument,
  type BimsError
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { LedgerState } from '../state/ledger-state.ts'
import { isKeyName, submissionKey } from '../state/state-key.ts'
import { parseArgument } from './argument.ts'

const checkNames = (argument: AttestArgument): E.Either<BimsError, AttestArgument> =>
  isKeyName(argument.mspId, ledgerLimits.nameLength) && isKeyName(argument.enrollmentId, ledgerLimits.nameLength)
    ? E.right(argument)
    : E.left(
        newError(
          'transaction-malformed',
          'The submission that is meant has no usable names.',
          'Name it by mspId and enrolment id, as Read answers.'
        )
      )

/**
 * The query `Attest`, endorsed and never ordered: its endorsements are a receipt. Exactly one read, of the key under which the
 * submission stands, so that the endorsed read set says in which block and transaction; the answer has a form that no other
 * transaction returns. Fails with `ledger-not-found`: of what does not stand there is no endorsement.
 */
export const attest =
  (state: LedgerState, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const parsed = E.flatMap(checkNames)(parseArgument(AttestArgumentCodec, ['id', 'mspId', 'enrollmentId'], argument))
    if (E.isLeft(parsed)) return parsed
    const { id, mspId, enrollmentId } = parsed.right
    const found = await state.get(submissionKey(id, mspId, enrollmentId))()
    if (E.isLeft(found)) return found
    return found.right === undefined
      ? E.left(
          newError(
            'ledger-not-found',
            `${enrollmentId} of ${mspId} did not submit ${id}.`,
            'Read the record to see who did.'
          )
        )
      : E.right(attestationText(state.channel, id))
  }
