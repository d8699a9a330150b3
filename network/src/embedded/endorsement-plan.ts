import { status } from '@grpc/grpc-js'
import * as E from 'fp-ts/lib/Either.js'
import type { Simulated } from './endorser.ts'
import type { LedgerContext } from './ledger-context.ts'
import { ownerOf } from './private-data/collection.ts'
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
 * through discovery: those of the channel's policy where the public state was written or nothing was, and the owner of each
 * private collection that was written or read. Where plaintext was read only owners can endorse, and what came in the
 * transient map goes to nobody outside the collections that it is about.
 */
export const plannedEndorsers = (
  { endorsement, msp }: Pick<LedgerContext, 'endorsement' | 'msp'>,
  called: string,
  { collections, proposal }: Pick<Simulated, 'collections' | 'proposal'>
): E.Either<RpcError, readonly string[]> => {
  const { read, underPolicy, written } = collections
  const touched = [...new Set([...written, ...read])]
  if (touched.length === 0) return E.right(endorsement.endorsers(called))
  const owners = touched.map(name => ownerOf(name) ?? '')
  const holds: Holds = mspIds => owners.every(owner => mspIds.has(owner)) && (!underPolicy || endorsement.holds(mspIds))
  const all = [called, ...msp.mspIds.filter(mspId => mspId !== called)]
  const members = (names: readonly string[]): readonly string[] =>
    all.filter(mspId => names.every(name => ownerOf(name) === mspId))
  const able = members(read)
  const trusted = proposal.hasTransient ? members(touched) : able
  if (holds(new Set(trusted))) return E.right(fewest(holds, trusted))
  const guarded = written.filter(name => !read.includes(name))
  return guarded.length > 0 && holds(new Set(able))
    ? refused(
        `requires endorsement from organisation(s) that are not in the distribution policy of the private data collection(s): [${guarded.join(' ')}]; retry specifying trusted endorsing organizations to protect transient data`
      )
    : refused(
        'no combination of peers can be derived which satisfy the endorsement policy: no peer combination can satisfy the endorsement policy'
      )
}
