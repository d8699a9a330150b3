import { newError, type BimsError, type CollectionOwner } from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { Caller } from './caller.ts'
import type { LedgerState, PrivateState } from './ledger-state.ts'
import { isKeyName } from './state-key.ts'

const advice = 'Call as an identity of the organisation whose collection it is.'

/**
 * The private collection of an organisation, for a caller of that organisation. The peer refuses others who read; of who writes
 * and purges it compares nothing, since whoever shares writes into another's. Fails with `role-refused`.
 */
export const ownCollection = (
  state: LedgerState,
  caller: Caller,
  { owner }: CollectionOwner
): E.Either<BimsError, PrivateState> =>
  caller.mspId === owner
    ? E.right(state.collection(owner))
    : E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} may not touch the private collection of ${owner.slice(0, 80)}.`,
          advice
        )
      )

/**
 * The private collection of the organisation that a record is shared with, the one that is not the caller's own. Whoever takes it
 * has found the record in the caller's collection. Fails with `transaction-malformed`.
 */
export const receiverCollection = (
  state: LedgerState,
  caller: Caller,
  receiver: string
): E.Either<BimsError, PrivateState> =>
  isKeyName(receiver) && receiver !== caller.mspId
    ? E.right(state.collection(receiver))
    : E.left(
        newError(
          'transaction-malformed',
          'The receiver is not the mspId of another organisation.',
          'Name the organisation that the records are shared with.'
        )
      )
