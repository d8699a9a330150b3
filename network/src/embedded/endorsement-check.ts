import type { FindPolicy } from '../policies/chaincode-policies.ts'
import { keyPolicyHolds } from '../policies/endorsement-policy.ts'
import type { EndorsedAction } from './envelope.ts'
import type { FindCollection } from './private-data/collection-rules.ts'
import type { NamespaceSet } from './read-write-set.ts'

/** The endorsement policies of single keys as they stand when a transaction is validated. */
export interface KeyPolicies {
  /** Whether keys of a namespace have any; where none has, none is asked for. */
  readonly has: (namespace: string) => boolean
  /** That of a key; `changed` where an earlier transaction of the same block changes it. */
  readonly of: (namespace: string, key: string) => Uint8Array | 'changed' | undefined
}

/** Where no key has a policy of its own. */
export const noKeyPolicies: KeyPolicies = { has: () => false, of: () => undefined }

/** The policies that a channel has beside those of keys. */
export interface ChannelPolicies {
  readonly policy: FindPolicy
  readonly collection: FindCollection
}

type Organizations = ReadonlySet<string>

const chaincodeOf = ({ collection, namespace }: NamespaceSet): string => collection?.namespace ?? namespace

/** Whether a set writes values or what stands beside them. */
export const isWritten = ({ metadata, writes }: NamespaceSet): boolean => writes.length > 0 || metadata !== undefined

const keysOf = ({ metadata, writes }: NamespaceSet): readonly string[] => [
  ...writes.map(({ key }) => key),
  ...(metadata?.keys() ?? [])
]

/** What the policies of a set's keys say, and whether there are keys without one. */
const keysHold = (
  set: NamespaceSet,
  organizations: Organizations,
  keys: KeyPolicies
): { readonly holds: boolean; readonly others: boolean } => {
  if (!keys.has(set.namespace)) return { holds: true, others: true }
  const policies = keysOf(set).map(key => keys.of(set.namespace, key))
  return {
    holds: policies.every(
      policy => policy === undefined || (policy !== 'changed' && keyPolicyHolds(policy, organizations))
    ),
    others: policies.includes(undefined)
  }
}

const setHolds = (
  { collection, policy }: ChannelPolicies,
  set: NamespaceSet,
  organizations: Organizations,
  keys: KeyPolicies
): boolean => {
  const own = keysHold(set, organizations, keys)
  if (!own.holds) return false
  const rules = set.collection === undefined ? undefined : collection(set.collection)
  if (set.collection !== undefined && rules === undefined) return false
  return !own.others || (rules?.holds ?? policy(chaincodeOf(set)).holds)(organizations)
}

/**
 * Whether those who endorsed are enough, as Fabric's validation counts: the policy of a key in place of that of its chaincode or
 * collection, that of a collection in place of its chaincode's, and that of the called chaincode where it wrote nothing.
 */
export const isEndorsed = (
  policies: ChannelPolicies,
  { chaincode, namespaces }: Pick<EndorsedAction, 'chaincode' | 'namespaces'>,
  organizations: Organizations,
  keys: KeyPolicies
): boolean => {
  const written = namespaces.filter(isWritten)
  return (
    written.every(set => setHolds(policies, set, organizations, keys)) &&
    (written.some(set => chaincodeOf(set) === chaincode) || policies.policy(chaincode).holds(organizations))
  )
}
