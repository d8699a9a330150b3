import { restrictedCollection } from '@bims/core/ledger-state'
import { validationCodes as Code } from '../chain/validation-code.ts'
import type { Member } from '../membership/msp.ts'
import { embeddedConsensus, type ChannelConfig } from '../policy/channel-config.ts'
import { rejectAll, type Policy } from '../policy/policy.ts'
import type { SpaceFinding, TransactionFinding } from './finding.ts'
import { keyHashes } from './key-hash.ts'
import { lifecycleNamespace, type ChaincodeDefinition, type Lifecycle } from './lifecycle.ts'
import type { WorldState } from './world-state.ts'

/** What endorsement policies are evaluated against. */
export interface EndorsementRules {
  readonly config: ChannelConfig
  readonly lifecycle: Lifecycle
  readonly state: WorldState
  /** Keys that were given a policy of their own by an earlier transaction of the block. */
  readonly changed: ReadonlySet<string>
}

/** The outcome for a transaction, with a word on why. */
export interface EndorsementOutcome {
  readonly code: number
  readonly why: string
}

const valid: EndorsementOutcome = { code: Code.VALID, why: '' }
const failed = (why: string): EndorsementOutcome => ({ code: Code.ENDORSEMENT_POLICY_FAILURE, why })

const implicitPrefix = '_implicit_org_'

const organizationPolicy = ({ config }: EndorsementRules, mspId: string): Policy => {
  const [name] = [...config.applicationOrganizations].find(([, id]) => id === mspId) ?? []
  return name === undefined ? rejectAll : config.policy(`/Channel/Application/${name}/Endorsement`)
}

const chaincodePolicy = (rules: EndorsementRules, namespace: string): Policy | undefined => {
  const { config, lifecycle } = rules
  if (namespace === lifecycleNamespace) return config.policy('/Channel/Application/LifecycleEndorsement')
  const definition = lifecycle.definition(namespace)
  if (definition !== undefined) return config.applicationPolicy(definition.policy)
  // The embedded ledger defines only chaincodes with explicit collections: all are under the channel's own policy.
  return config.consensus === embeddedConsensus ? config.policy('/Channel/Application/Endorsement') : undefined
}

/**
 * The policy of a collection for restricted records on an embedded ledger: each bears the name of its organisation, so that
 * no block has to define it.
 */
const embeddedPolicy = (rules: EndorsementRules, collection: string): Policy => {
  const owners = [...rules.config.applicationOrganizations.values()]
  const owner = owners.find(mspId => restrictedCollection(mspId) === collection)
  return owner === undefined ? rejectAll : organizationPolicy(rules, owner)
}

const collectionPolicy = (
  rules: EndorsementRules,
  definition: ChaincodeDefinition | undefined,
  collection: string
): Policy | undefined => {
  if (collection.startsWith(implicitPrefix)) return organizationPolicy(rules, collection.slice(implicitPrefix.length))
  if (definition === undefined && rules.config.consensus === embeddedConsensus) return embeddedPolicy(rules, collection)
  const own = definition?.collections.get(collection)
  if (own === undefined) return rejectAll
  return own.length === 0 ? undefined : rules.config.applicationPolicy(own)
}

const keyProblem = (
  rules: EndorsementRules,
  keys: readonly string[],
  signers: readonly Member[]
): string | undefined => {
  for (const key of keys) {
    if (rules.changed.has(key)) return 'the policy of a key was changed earlier in the block'
    const policy = rules.state.keyPolicy(key)
    if (policy !== undefined && !signaturePolicyHolds(rules, policy, signers))
      return 'the policy of a key is not satisfied'
  }
  return undefined
}

// A key's own policy is a bare signature policy, which stands as the first field of an application policy.
const signaturePolicyHolds = (rules: EndorsementRules, bytes: Uint8Array, signers: readonly Member[]): boolean => {
  const length: number[] = []
  for (let rest = bytes.length; ; rest = Math.floor(rest / 128)) {
    length.push(rest > 127 ? (rest % 128) | 128 : rest)
    if (rest <= 127) break
  }
  return rules.config.applicationPolicy(Buffer.concat([Buffer.from([10, ...length]), bytes]))(signers)
}

const underOwnPolicy = (rules: EndorsementRules, keys: readonly string[]): boolean =>
  keys.length > 0 && keys.every(key => rules.state.keyPolicy(key) !== undefined)

/** What stands in the way of a space as far as single keys and collections go; else whether the chaincode's own policy counts. */
const checkParts = (
  rules: EndorsementRules,
  namespace: string,
  space: SpaceFinding,
  signers: readonly Member[]
): string | { readonly needsOwn: boolean } => {
  const { collections = [] } = space
  const special = rules.state.hasKeyPolicies() || rules.changed.size > 0
  // Without policies of single keys nothing hangs on which keys they are.
  const publicKeys = special ? publicKeysOf(space) : []
  const keys = special ? [...publicKeys, ...collections.flatMap(one => keyHashes(one.keys))] : []
  const problem = keyProblem(rules, keys, signers)
  if (problem !== undefined) return problem
  const parts = checkCollections(rules, namespace, collections, signers)
  if (typeof parts === 'string') return `the policy of the collection ${parts} is not satisfied`
  const checked = parts.checked || underOwnPolicy(rules, publicKeys)
  return { needsOwn: parts.fallsBack || !checked || needsChaincodePolicy(rules, space, publicKeys) }
}

const checkSpace = (
  rules: EndorsementRules,
  namespace: string,
  space: SpaceFinding | undefined,
  signers: readonly Member[]
): EndorsementOutcome => {
  const own = chaincodePolicy(rules, namespace)
  if (own === undefined) return { code: Code.INVALID_CHAINCODE, why: `the channel has no chaincode ${namespace}` }
  const parts = space === undefined ? { needsOwn: true } : checkParts(rules, namespace, space, signers)
  if (typeof parts === 'string') return failed(parts)
  return !parts.needsOwn || own(signers) ? valid : failed(`the endorsement policy of ${namespace} is not satisfied`)
}

interface CollectionOutcome {
  /** A policy was evaluated and holds. */
  readonly checked: boolean
  /** A collection has none of its own, so that the chaincode's counts. */
  readonly fallsBack: boolean
}

/** The collections' policies; the name of the first that does not hold. */
const checkCollections = (
  rules: EndorsementRules,
  namespace: string,
  collections: NonNullable<SpaceFinding['collections']>,
  signers: readonly Member[]
): CollectionOutcome | string => {
  let [checked, fallsBack] = [false, false]
  for (const { name, keys } of collections) {
    const own = rules.state.hasKeyPolicies() && underOwnPolicy(rules, keyHashes(keys))
    const policy = own ? undefined : collectionPolicy(rules, rules.lifecycle.definition(namespace), name)
    if (policy !== undefined && !policy(signers)) return name
    checked ||= own || policy !== undefined
    fallsBack ||= !own && policy === undefined
  }
  return { checked, fallsBack }
}

const publicKeysOf = (space: SpaceFinding): readonly string[] => {
  const { collections = [], deletes, keyPolicies = [], writes } = space
  const inCollections = new Set(collections.flatMap(({ keys }) => keyHashes(keys)))
  const keys = [...keyHashes(writes), ...keyHashes(deletes), ...keyPolicies.map(({ key }) => key)]
  return keys.filter(key => !inCollections.has(key))
}

const needsChaincodePolicy = (rules: EndorsementRules, space: SpaceFinding, publicKeys: readonly string[]): boolean =>
  space.writesPublic === true &&
  (publicKeys.length === 0 || !publicKeys.every(key => rules.state.keyPolicy(key) !== undefined))

const writesIn = (space: SpaceFinding): boolean => space.writesPublic === true || (space.collections?.length ?? 0) > 0

/**
 * Evaluates the endorsement policies that a transaction is under: of the chaincode that was called and of every other
 * one in whose state it writes, of private collections, and of single keys, in the way of Fabric's built-in validation.
 */
export const checkEndorsement = (
  rules: EndorsementRules,
  finding: TransactionFinding,
  signers: readonly Member[]
): EndorsementOutcome => {
  const written = new Set([finding.chaincode])
  for (const space of finding.spaces) if (writesIn(space)) written.add(space.namespace)
  for (const namespace of written) {
    const space = finding.spaces.find(one => one.namespace === namespace)
    const outcome = checkSpace(rules, namespace, space, signers)
    if (outcome.code !== Code.VALID) return outcome
  }
  return valid
}
