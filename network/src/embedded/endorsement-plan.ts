import { status } from '@grpc/grpc-js'
import * as E from 'fp-ts/lib/Either.js'
import type { Simulated } from './endorser.ts'
import type { LedgerContext } from './ledger-context.ts'
import { ownerOf } from './private-data/collection.ts'
import { rpcError, type RpcError } from './rpc-error.ts'

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)]

const ownersOf = (collections: readonly string[]): readonly string[] =>
  distinct(collections.flatMap(name => ownerOf(name) ?? []))

const isForeignTo = (mspId: string, collections: readonly string[]): boolean =>
  collections.some(name => ownerOf(name) !== mspId)

const refused = (message: string): E.Either<RpcError, never> => E.left(rpcError(status.FAILED_PRECONDITION, message))

/**
 * The organisations that are to endorse what an execution at the called peer came to, as Fabric's gateway finds them
 * through discovery: those of the channel's policy where the public state was written or nothing was, and the owner of each
 * private collection that was written. Where plaintext was read only owners can, and what came in the transient map goes to
 * nobody outside the collections that it is about.
 */
export const plannedEndorsers = (
  { endorsement }: Pick<LedgerContext, 'endorsement'>,
  called: string,
  { collections, proposal }: Pick<Simulated, 'collections' | 'proposal'>
): E.Either<RpcError, readonly string[]> => {
  const { read, written, writesPublic } = collections
  const byPolicy = writesPublic || written.length === 0 ? endorsement.endorsers(called) : []
  const needed = distinct([...byPolicy, ...ownersOf(written)])
  if (needed.some(mspId => isForeignTo(mspId, read)))
    return refused(
      'no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy'
    )
  if (proposal.hasTransient && needed.some(mspId => isForeignTo(mspId, written)))
    return refused(
      `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${written.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`
    )
  return E.right(needed)
}
