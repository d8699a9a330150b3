import { mayAct, newError, type Belonging, type BimsError, type CollectionOwner } from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { Caller } from '../state/caller.ts'
import { ownCollection } from '../state/collection.ts'
import type { LedgerState, PrivateState } from '../state/ledger-state.ts'

/** A collection that the caller may read in, as far as its role reaches. */
export interface ReadableCollection {
  readonly caller: Caller
  readonly collection: PrivateState
}

const refused = (caller: Caller, what: string): BimsError =>
  newError(
    'role-refused',
    `${caller.enrollmentId} of ${caller.mspId} with the role ${caller.role} may not read ${what}.`,
    'Use an identity of the organisation whose role may.'
  )

/** The collection of the caller's own organisation, for a caller who may read anything in it. Fails with `role-refused`. */
export const readableCollection = (
  state: LedgerState,
  callerOf: () => E.Either<BimsError, Caller>,
  owner: CollectionOwner
): E.Either<BimsError, ReadableCollection> =>
  E.flatMap((caller: Caller) =>
    mayAct(caller.role, 'read-restricted', 'own-submission')
      ? E.map((collection: PrivateState) => ({ caller, collection }))(ownCollection(state, caller, owner))
      : E.left(refused(caller, 'restricted records'))
  )(callerOf())

/** Tells whether the caller's role reaches what belongs so. */
export const mayRead = ({ role }: Caller, belonging: Belonging): boolean => mayAct(role, 'read-restricted', belonging)

/** Fails with `role-refused` where the caller's role does not reach what belongs so. */
export const checkReach = (caller: Caller, belonging: Belonging, what: string): E.Either<BimsError, undefined> =>
  mayRead(caller, belonging) ? E.right(undefined) : E.left(refused(caller, what))
