import type { CollectionConfig } from '@bims/core'
import type { OrganizationRequest } from '../organizations/default-organizations.ts'

/** How the orderers agree. */
export type Consensus = 'raft' | 'bft'

/** How many organisations must endorse a transaction. */
export type Endorsement = 'any' | 'majority' | 'all'

/** Who must endorse a chaincode's transactions: an {@link Endorsement}, or a policy in Fabric's language. */
export type ChaincodePolicy = string

/** A peer of the network with the ports that it keeps. */
export interface PlannedPeer {
  /** `peer0.org1`. */
  readonly name: string
  readonly organization: string
  readonly port: number
  readonly chaincodePort: number
  readonly operationsPort: number
}

/** An orderer of the network with the ports that it keeps. */
export interface PlannedOrderer {
  /** `orderer0.org1`. */
  readonly name: string
  readonly organization: string
  readonly port: number
  readonly adminPort: number
  readonly operationsPort: number
}

/** A process that runs the BIMS chaincode for the peers of one organisation. */
export interface PlannedService {
  /** `bims.org1`. */
  readonly name: string
  readonly organization: string
  readonly port: number
}

/** A chaincode on the channel. */
export interface PlannedChaincode {
  readonly name: string
  readonly version: string
  readonly sequence: number
  readonly endorsement: ChaincodePolicy
  /** `host:port` of a service that runs elsewhere; without it the network's own services run it. */
  readonly address?: string
  /** Its explicit private collections, as they stand in its definition; absent: none. */
  readonly collections?: readonly CollectionConfig[]
}

/** All that is decided when a network is made and kept for every later start. */
export interface FabricPlan {
  readonly schema: typeof planSchema
  readonly consensus: Consensus
  /** Release of the programs that made it, such as `3.1.5`. */
  readonly release: string
  readonly channel: string
  readonly organizations: readonly OrganizationRequest[]
  readonly peers: readonly PlannedPeer[]
  readonly orderers: readonly PlannedOrderer[]
  readonly services: readonly PlannedService[]
  /** Chaincodes that are committed on the channel. */
  readonly chaincodes: readonly PlannedChaincode[]
  /** Whether the channel stands; what was interrupted before is made anew. */
  readonly made: boolean
}

/** Name of the form of a kept plan. */
export const planSchema = 'bims.fabric-network/1'

/** Name of the BIMS chaincode. */
export const bimsChaincode = 'bims'

/** What a plan is made from. */
export interface PlanRequest {
  readonly consensus: Consensus
  readonly release: string
  readonly channel: string
  readonly organizations: readonly OrganizationRequest[]
}

const portsOfPeer = 3
const portsOfOrderer = 3

/** Names of the nodes, in the order in which they get their ports. */
const nodesOf = ({
  consensus,
  organizations
}: PlanRequest): {
  readonly peers: readonly (readonly [string, string])[]
  readonly orderers: readonly (readonly [string, string])[]
} => {
  const nameAt = (i: number): string => organizations[i % organizations.length]?.name ?? ''
  // Two peers for the first organisation, one for each other; the orderers go round.
  const peers = organizations.flatMap(({ name }, i) =>
    (i === 0 ? ['peer0', 'peer1'] : ['peer0']).map(peer => [`${peer}.${name}`, name] as const)
  )
  const count = consensus === 'bft' ? 4 : 3
  const orderers = Array.from({ length: count }, (_, i) => [`orderer${i}.${nameAt(i)}`, nameAt(i)] as const)
  return { peers, orderers }
}

/** How many ports a network takes. */
export const portCount = (request: PlanRequest): number => {
  const { peers, orderers } = nodesOf(request)
  return peers.length * portsOfPeer + orderers.length * portsOfOrderer + request.organizations.length
}

/** Makes a plan with the ports given, as many as {@link portCount} says. */
export const newPlan = (request: PlanRequest, ports: readonly number[]): FabricPlan => {
  const { peers, orderers } = nodesOf(request)
  const left = [...ports]
  const next = (): number => left.shift() ?? 0
  const { consensus, release, channel, organizations } = request
  return {
    schema: planSchema,
    consensus,
    release,
    channel,
    organizations,
    peers: peers.map(([name, organization]) => ({
      name,
      organization,
      port: next(),
      chaincodePort: next(),
      operationsPort: next()
    })),
    orderers: orderers.map(([name, organization]) => ({
      name,
      organization,
      port: next(),
      adminPort: next(),
      operationsPort: next()
    })),
    services: organizations.map(({ name }) => ({
      name: `${bimsChaincode}.${name}`,
      organization: name,
      port: next()
    })),
    chaincodes: [],
    made: false
  }
}

/** The MSP id of an organisation of the plan. */
export const mspIdOf = (plan: FabricPlan, organization: string): string =>
  plan.organizations.find(({ name }) => name === organization)?.mspId ?? ''

/** Peers of an organisation. */
export const peersOf = (plan: FabricPlan, organization: string): readonly PlannedPeer[] =>
  plan.peers.filter(peer => peer.organization === organization)
