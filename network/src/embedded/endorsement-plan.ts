import { status } from '@grpc/grpc-js'
import * as E from 'fp-ts/lib/Either.js'
import { keyPolicyHolds } from '../policies/endorsement-policy.ts'
import type { Simulated } from './endorser.ts'
import type { LedgerContext } from './ledger-context.ts'
import { hashedNamespace, type Collection } from './private-data/collection.ts'
import { rpcError, type RpcError } from './rpc-error.ts'

const refused = (message: string): E.Either<RpcError, never> => E.left(rpcError(status.FAILED_PRECONDITION, message))

type Holds = (mspIds: ReadonlySet<string>) => boolean

// As few as are enough; those that come last are left out first.
const fewest = (holds: Holds, candidates: readonly string[]): readonly string[] =>
  candidates.reduceRight<readonly string[]>((kept, mspId) => {
    const fewer = kept.filter(one => one !== mspId)
    return holds(new Set(fewer)) ? fewer : kept
  }, candidates)

/**
 * The organisations that are to endorse what an execution at the called peer came to, as Fabric's gateway finds them
 * through discovery: those of a chaincode's policy where its public state was written or nothing was, those of the policy of each
 * private collection that was written or read, and those of the policies that single keys have of what was written. Where plaintext
 * was read only members can endorse, and what came in the transient map goes to nobody outside the collections that it is about.
 */
export const plannedEndorsers = (
  { collection, msp, policy }: Pick<LedgerContext, 'collection' | 'msp' | 'policy'>,
  called: string,
  { collections, proposal }: Pick<Simulated, 'collections' | 'proposal'>
): E.Either<RpcError, readonly string[]> => {
  const { keyPolicies, read, underPolicy, written } = collections
  const touched = [...written, ...read]
  const derived = 'no combination of peers can be derived which satisfy the endorsement policy'
  if (keyPolicies.some(policy => policy.length === 0))
    return refused(`${derived}: state based endorsement policy cannot be satisfied`)
  const [only, ...others] = underPolicy
  if (touched.length === 0 && keyPolicies.length === 0 && only !== undefined && others.length === 0)
    return E.right(policy(only).endorsers(called))
  const policies = new Set<Holds>([
    ...touched.map(one => collection(one)?.holds ?? policy(one.namespace).holds),
    ...underPolicy.map(name => policy(name).holds),
    ...keyPolicies.map(
      (own): Holds =>
        mspIds =>
          keyPolicyHolds(own, mspIds)
    )
  ])
  const holds: Holds = mspIds => [...policies].every(policy => policy(mspIds))
  const all = [called, ...msp.mspIds.filter(mspId => mspId !== called)]
  const members = (collections: readonly Collection[]): readonly string[] =>
    all.filter(mspId => collections.every(one => collection(one)?.members.has(mspId) ?? false))
  const able = members(read)
  const trusted = proposal.hasTransient ? members(touched) : able
  if (holds(new Set(trusted))) return E.right(fewest(holds, trusted))
  const seen = new Set(read.map(hashedNamespace))
  const guarded = written.filter(one => !seen.has(hashedNamespace(one))).map(({ name }) => name)
  return guarded.length > 0 && holds(new Set(able))
    ? refused(
        `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${guarded.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`
      )
    : refused(`${derived}: no peer combination can satisfy the endorsement policy`)
}
