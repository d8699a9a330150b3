import type { Command } from './command.ts'
import { channelProfile } from './channel-settings.ts'
import { mspIdOf, peersOf } from './plan.ts'
import type { ChaincodePolicy, FabricPlan, PlannedChaincode, PlannedOrderer, PlannedPeer } from './plan.ts'
import type { Place } from './place.ts'

const asAdmin = (plan: FabricPlan, place: Place, peer: PlannedPeer): Readonly<Record<string, string>> => {
  const keys = place.layout.organization(peer.organization)
  return {
    FABRIC_CFG_PATH: place.layout.node(peer.name).settings,
    FABRIC_LOGGING_SPEC: 'error',
    CORE_PEER_ADDRESS: `${place.host(peer.name)}:${peer.port}`,
    CORE_PEER_LOCALMSPID: mspIdOf(plan, peer.organization),
    CORE_PEER_MSPCONFIGPATH: keys.adminMsp,
    CORE_PEER_TLS_ENABLED: 'true',
    CORE_PEER_TLS_ROOTCERT_FILE: keys.tlsRoot
  }
}

const ordererFlags = (plan: FabricPlan, place: Place): readonly string[] => {
  const [orderer] = plan.orderers
  if (orderer === undefined) return []
  const { tlsRoot } = place.layout.organization(orderer.organization)
  return ['-o', `${place.host(orderer.name)}:${orderer.port}`, '--tls', '--cafile', tlsRoot]
}

/** Makes the channel's first block. */
export const makeGenesisBlock = (plan: FabricPlan, place: Place): Command => ({
  what: 'Making the first block of the channel',
  program: 'configtxgen',
  args: ['-profile', channelProfile, '-channelID', plan.channel, '-outputBlock', place.layout.genesisBlock],
  environment: { FABRIC_CFG_PATH: place.layout.channelSettings, FABRIC_LOGGING_SPEC: 'error' }
})

/** Lets an orderer take part in the channel. */
export const joinOrderer = (plan: FabricPlan, place: Place, orderer: PlannedOrderer): Command => {
  const keys = place.layout.organization(orderer.organization)
  return {
    what: `Letting ${orderer.name} join the channel`,
    program: 'osnadmin',
    args: [
      ...['channel', 'join', '--channelID', plan.channel, '--config-block', place.layout.genesisBlock],
      ...['-o', `${place.host(orderer.name)}:${orderer.adminPort}`, '--ca-file', keys.tlsRoot],
      ...['--client-cert', keys.adminTls.certificate, '--client-key', keys.adminTls.key]
    ],
    environment: {},
    expected: /Status: 201/
  }
}

/** Lets a peer join the channel. */
export const joinPeer = (plan: FabricPlan, place: Place, peer: PlannedPeer): Command => ({
  what: `Letting ${peer.name} join the channel`,
  program: 'peer',
  args: ['channel', 'join', '-b', place.layout.genesisBlock],
  environment: asAdmin(plan, place, peer)
})

/** Installs the package of a chaincode on a peer. */
export const installChaincode = (
  plan: FabricPlan,
  place: Place,
  { name }: PlannedChaincode,
  peer: PlannedPeer
): Command => ({
  what: `Installing ${name} on ${peer.name}`,
  program: 'peer',
  args: ['lifecycle', 'chaincode', 'install', place.layout.package(name, peer.organization)],
  environment: asAdmin(plan, place, peer)
})

// The channel's own policy is that of the majority.
const endorsementFlags = (plan: FabricPlan, rule: ChaincodePolicy): readonly string[] => {
  if (rule === 'majority') return []
  if (rule !== 'any' && rule !== 'all') return ['--signature-policy', rule]
  const members = plan.organizations.map(({ mspId }) => `'${mspId}.peer'`).join(', ')
  return ['--signature-policy', `${rule === 'any' ? 'OR' : 'AND'}(${members})`]
}

const definitionFlags = (
  plan: FabricPlan,
  place: Place,
  { name, version, sequence, endorsement, collections }: PlannedChaincode
): readonly string[] => [
  ...ordererFlags(plan, place),
  ...['--channelID', plan.channel, '--name', name, '--version', version, '--sequence', String(sequence)],
  ...endorsementFlags(plan, endorsement),
  ...(collections === undefined ? [] : ['--collections-config', place.layout.collections(name)])
]

/** Reads the configuration that the channel has now into a file. */
export const fetchConfiguration = (plan: FabricPlan, place: Place, by: PlannedPeer, file: string): Command => ({
  what: 'Reading the configuration of the channel',
  program: 'peer',
  args: ['channel', 'fetch', 'config', file, '--channelID', plan.channel, ...ordererFlags(plan, place)],
  environment: asAdmin(plan, place, by)
})

/** Signs a change of the channel's configuration as the organisation of a peer, and has it ordered. */
export const updateConfiguration = (plan: FabricPlan, place: Place, by: PlannedPeer, file: string): Command => ({
  what: 'Changing the configuration of the channel',
  program: 'peer',
  args: ['channel', 'update', '--file', file, '--channelID', plan.channel, ...ordererFlags(plan, place)],
  environment: asAdmin(plan, place, by)
})

/** Approves a chaincode for the organisation of a peer. */
export const approveChaincode = (
  plan: FabricPlan,
  place: Place,
  chaincode: PlannedChaincode,
  peer: PlannedPeer,
  packageId: string
): Command => ({
  what: `Approving ${chaincode.name} for ${peer.organization}`,
  program: 'peer',
  args: [
    ...['lifecycle', 'chaincode', 'approveformyorg', '--package-id', packageId],
    ...definitionFlags(plan, place, chaincode)
  ],
  environment: asAdmin(plan, place, peer)
})

/** Commits the definition of a chaincode that the organisations have approved. */
export const commitChaincode = (
  plan: FabricPlan,
  place: Place,
  chaincode: PlannedChaincode,
  by: PlannedPeer
): Command => ({
  what: `Committing ${chaincode.name}`,
  program: 'peer',
  args: [
    ...['lifecycle', 'chaincode', 'commit', ...definitionFlags(plan, place, chaincode)],
    ...plan.organizations.flatMap(({ name }) =>
      peersOf(plan, name)
        .slice(0, 1)
        .flatMap(peer => [
          ...['--peerAddresses', `${place.host(peer.name)}:${peer.port}`],
          ...['--tlsRootCertFiles', place.layout.organization(name).tlsRoot]
        ])
    )
  ],
  environment: asAdmin(plan, place, by)
})
