import { type common, msp } from '@hyperledger/fabric-protos'
import { newError, type CollectionConfig } from '@bims/core'
import { signaturePolicy } from '@bims/ledger'
import * as E from 'fp-ts/lib/Either.js'
import { readCollections, type ChaincodeCollections } from '../../collections/collections-file.ts'
import { signedPolicy, type EndorsementPolicy } from '../../policies/endorsement-policy.ts'
import { decode } from '../../protobuf/messages.ts'
import type { Identity } from '../msp.ts'
import { parsePolicy } from '../../policies/policy-language.ts'
import { ownerOf, type Collection } from './collection.ts'

/** Who may do what with a private collection. */
export interface CollectionRules {
  /** Organisations whose peers have its contents. */
  readonly members: ReadonlySet<string>
  readonly mayRead: (caller: Pick<Identity, 'mspId' | 'role'>) => boolean
  readonly mayWrite: (caller: Pick<Identity, 'mspId' | 'role'>) => boolean
  /** Whether peers of these organisations are enough to endorse what is written there; undefined: the chaincode's policy says. */
  readonly holds: ((mspIds: ReadonlySet<string>) => boolean) | undefined
}

/** The rules of a collection of a chaincode; undefined where there is no such collection. */
export type FindCollection = (collection: Collection) => CollectionRules | undefined

/** What rules are made for: the channel's organisations and its endorsement policy. */
interface CollectionChannel {
  readonly mspIds: readonly string[]
  readonly endorsement: Pick<EndorsementPolicy, 'holds'>
}

const anybody = (): boolean => true

/** An organisation's implicit collection: Fabric has the peers themselves refuse nobody. */
const implicitRules = (owner: string): CollectionRules => ({
  members: new Set([owner]),
  mayRead: anybody,
  mayWrite: anybody,
  holds: mspIds => mspIds.has(owner)
})

const refused = (name: string, what: string): unknown =>
  newError('usage', `The collection ${name} cannot be had: ${what}.`, 'Change its configuration.')

const policyOf = (name: string, text: string): common.SignaturePolicyEnvelope => {
  const policy = parsePolicy(text)
  if (E.isLeft(policy)) throw refused(name, policy.left.what.replace(/\.$/, ''))
  return policy.right
}

const mspIdOf = (principal: msp.MSPPrincipal): string =>
  decode(msp.MSPRole, principal.getPrincipal_asU8())?.getMspIdentifier() ?? ''

const isOr = (rule: common.SignaturePolicy | undefined): boolean => {
  const group = rule?.getNOutOf()
  return group === undefined || (group.getN() === 1 && group.getRulesList().every(isOr))
}

const membersOf = (
  { name, policy }: CollectionConfig,
  { mspIds }: CollectionChannel
): { readonly members: ReadonlySet<string>; readonly isMember: CollectionRules['mayRead'] } => {
  const envelope = policyOf(name, policy)
  const members = envelope.getIdentitiesList().map(mspIdOf)
  const stranger = members.find(mspId => !mspIds.includes(mspId))
  if (stranger !== undefined) throw refused(name, `its member ${stranger} is no organisation of the channel`)
  if (!isOr(envelope.getRule())) throw refused(name, 'the policy of its members is more than an OR')
  const satisfied = signaturePolicy(envelope)
  return {
    members: new Set(members),
    isMember: ({ mspId, role }) =>
      satisfied([{ mspId, role, subject: '', serialized: Buffer.from(mspId), units: [role], namedAdmin: false }])
  }
}

const channelPolicy = (name: string, path: string, channel: CollectionChannel): CollectionRules['holds'] => {
  const [organization, policy] = path.replace(/^\/Channel\/Application\//, '').split('/')
  if (organization === 'Endorsement' && policy === undefined) return channel.endorsement.holds
  if (organization !== undefined && policy === 'Endorsement' && channel.mspIds.includes(organization))
    return mspIds => mspIds.has(organization)
  throw refused(name, `the embedded ledger has no policy ${path}`)
}

const holdsOf = (
  { endorsementPolicy, name }: CollectionConfig,
  channel: CollectionChannel
): CollectionRules['holds'] => {
  const { channelConfigPolicy, signaturePolicy: text } = endorsementPolicy ?? {}
  if (channelConfigPolicy !== undefined) return channelPolicy(name, channelConfigPolicy, channel)
  return text === undefined ? undefined : signedPolicy(policyOf(name, text), channel.mspIds).holds
}

const explicitRules = (config: CollectionConfig, channel: CollectionChannel): CollectionRules => {
  const { blockToLive = 0, memberOnlyRead, memberOnlyWrite, name } = config
  if (blockToLive !== 0) throw refused(name, 'the embedded ledger purges nothing by itself, blockToLive must be 0')
  const { isMember, members } = membersOf(config, channel)
  return {
    members,
    mayRead: memberOnlyRead === true ? isMember : anybody,
    mayWrite: memberOnlyWrite === true ? isMember : anybody,
    holds: holdsOf(config, channel)
  }
}

/**
 * The rules of all collections of a channel: of the chaincodes' explicit ones, as their configuration says, and of the
 * implicit ones that every chaincode has, one for each organisation.
 * @throws `usage` where a configuration cannot be, or asks for what the embedded ledger does not do.
 */
export const newCollectionRules = (given: ChaincodeCollections, channel: CollectionChannel): FindCollection => {
  const explicit = new Map(
    Object.entries(given).map(([namespace, list]) => {
      const read = readCollections(list)
      if (E.isLeft(read)) throw read.left
      return [namespace, new Map(read.right.map(one => [one.name, explicitRules(one, channel)] as const))] as const
    })
  )
  const implicit = new Map(channel.mspIds.map(mspId => [mspId, implicitRules(mspId)] as const))
  return ({ name, namespace }) => {
    const owner = ownerOf(name)
    return owner === undefined ? explicit.get(namespace)?.get(name) : implicit.get(owner)
  }
}
