import { peersOf } from './plan.ts'
import type { FabricPlan } from './plan.ts'
import type { Place } from './place.ts'
import type { Settings } from './peer-settings.ts'
import type { OrganizationRequest } from '../organizations/default-organizations.ts'
import { tuning } from './tuning.ts'

/** Name of the one profile in the channel's settings. */
export const channelProfile = 'Channel'

const signature = (mspId: string, ...roles: readonly string[]): Settings => ({
  Type: 'Signature',
  Rule: `OR(${roles.map(role => `'${mspId}.${role}'`).join(', ')})`
})
const meta = (rule: string): Settings => ({ Type: 'ImplicitMeta', Rule: rule })

const common = { Readers: meta('ANY Readers'), Writers: meta('ANY Writers'), Admins: meta('MAJORITY Admins') }

const applicationOrganization = (plan: FabricPlan, place: Place, { name, mspId }: OrganizationRequest): Settings => ({
  Name: mspId,
  ID: mspId,
  MSPDir: place.layout.organization(name).msp,
  Policies: {
    Readers: signature(mspId, 'admin', 'peer', 'client'),
    Writers: signature(mspId, 'admin', 'client'),
    Admins: signature(mspId, 'admin'),
    Endorsement: signature(mspId, 'peer')
  },
  AnchorPeers: peersOf(plan, name).map(peer => ({ Host: place.host(peer.name), Port: peer.port }))
})

// The organisations run the orderers too: the same membership with other policies, so that only an orderer's signature
// makes a block.
const ordererOrganization = (plan: FabricPlan, place: Place, { name, mspId }: OrganizationRequest): Settings => ({
  Name: mspId,
  ID: mspId,
  MSPDir: place.layout.organization(name).msp,
  Policies: {
    Readers: signature(mspId, 'admin', 'orderer'),
    Writers: signature(mspId, 'orderer'),
    Admins: signature(mspId, 'admin')
  },
  OrdererEndpoints: plan.orderers
    .filter(({ organization }) => organization === name)
    .map(orderer => `${place.host(orderer.name)}:${orderer.port}`)
})

const raft = (plan: FabricPlan, place: Place): Settings => ({
  OrdererType: 'etcdraft',
  EtcdRaft: {
    Consenters: plan.orderers.map(orderer => {
      const { certificate } = place.layout.organization(orderer.organization).tls(orderer.name)
      return {
        Host: place.host(orderer.name),
        Port: orderer.port,
        ClientTLSCert: certificate,
        ServerTLSCert: certificate
      }
    }),
    Options: {
      TickInterval: tuning.raftTick,
      ElectionTick: tuning.raftElectionTicks,
      HeartbeatTick: tuning.raftHeartbeatTicks,
      MaxInflightBlocks: tuning.raftInflightBlocks,
      SnapshotIntervalSize: tuning.raftSnapshotInterval
    }
  }
})

const bft = (plan: FabricPlan, place: Place): Settings => ({
  OrdererType: 'BFT',
  ConsenterMapping: plan.orderers.map((orderer, i) => {
    const keys = place.layout.organization(orderer.organization)
    const { certificate } = keys.tls(orderer.name)
    return {
      ID: i + 1,
      Host: place.host(orderer.name),
      Port: orderer.port,
      MSPID: plan.organizations.find(({ name }) => name === orderer.organization)?.mspId,
      Identity: `${keys.nodeMsp(orderer.name)}/signcerts/cert.pem`,
      ClientTLSCert: certificate,
      ServerTLSCert: certificate
    }
  }),
  SmartBFT: {
    RequestBatchMaxInterval: tuning.batchTimeout,
    RequestForwardTimeout: '5s',
    RequestComplainTimeout: '20s',
    RequestAutoRemoveTimeout: '3m0s',
    ViewChangeResendInterval: '5s',
    ViewChangeTimeout: '20s',
    LeaderHeartbeatTimeout: '20s',
    CollectTimeout: '1s',
    IncomingMessageBufferSize: 200,
    RequestPoolSize: 100_000,
    LeaderHeartbeatCount: 10
  }
})

/** The settings of the channel, from which its first block is made: configtx.yaml. */
export const channelSettings = (plan: FabricPlan, place: Place): Settings => {
  // Channels of release 3 exist since 3.0, and BFT needs one.
  const channelCapability = plan.release.startsWith('2.') ? 'V2_0' : 'V3_0'
  return {
    Profiles: {
      [channelProfile]: {
        Policies: common,
        Capabilities: { [channelCapability]: true },
        Orderer: {
          ...(plan.consensus === 'bft' ? bft(plan, place) : raft(plan, place)),
          BatchTimeout: tuning.batchTimeout,
          BatchSize: {
            MaxMessageCount: tuning.maxMessageCount,
            AbsoluteMaxBytes: tuning.absoluteMaxBytes,
            PreferredMaxBytes: tuning.preferredMaxBytes
          },
          MaxChannels: 0,
          Organizations: plan.organizations
            .filter(({ name }) => plan.orderers.some(({ organization }) => organization === name))
            .map(organization => ordererOrganization(plan, place, organization)),
          Policies: { ...common, BlockValidation: meta('ANY Writers') },
          Capabilities: { V2_0: true }
        },
        Application: {
          Organizations: plan.organizations.map(organization => applicationOrganization(plan, place, organization)),
          Policies: {
            ...common,
            // Whoever may change a chaincode's definition may make himself a member of its collections.
            LifecycleEndorsement: meta('ALL Endorsement'),
            Endorsement: meta('MAJORITY Endorsement')
          },
          Capabilities: { V2_5: true }
        }
      }
    }
  }
}
