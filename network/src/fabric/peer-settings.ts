import { mspIdOf, peersOf } from './plan.ts'
import type { FabricPlan, PlannedPeer } from './plan.ts'
import type { Place } from './place.ts'
import { tuning } from './tuning.ts'

/** A settings file as a value; JSON is YAML, so it is written as JSON. */
export type Settings = Readonly<Record<string, unknown>>

// Gossip finds the peers of other organisations, which a client's endorsements need, and passes private data on between
// the peers of one. Blocks come to every peer from the orderers.
const gossip = (plan: FabricPlan, place: Place, peer: PlannedPeer): Settings => {
  const address = `${place.host(peer.name)}:${peer.port}`
  const others = peersOf(plan, peer.organization).filter(({ name }) => name !== peer.name)
  const bootstrap = (others.length > 0 ? others : [peer]).map(({ name, port }) => `${place.host(name)}:${port}`)
  return {
    bootstrap: bootstrap.join(' '),
    endpoint: address,
    externalEndpoint: address,
    useLeaderElection: false,
    orgLeader: true,
    membershipTrackerInterval: '5s',
    maxBlockCountToStore: 10,
    maxPropagationBurstLatency: '10ms',
    maxPropagationBurstSize: 10,
    propagateIterations: 1,
    propagatePeerNum: 3,
    pullInterval: '4s',
    pullPeerNum: 3,
    requestStateInfoInterval: '2s',
    publishStateInfoInterval: '2s',
    publishCertPeriod: '10s',
    dialTimeout: '3s',
    connTimeout: '2s',
    recvBuffSize: 20,
    sendBuffSize: 200,
    digestWaitTime: '1s',
    requestWaitTime: '1500ms',
    responseWaitTime: '2s',
    aliveTimeInterval: '2s',
    aliveExpirationTimeout: '10s',
    reconnectInterval: '5s',
    maxConnectionAttempts: 120,
    msgExpirationFactor: 20,
    election: {
      startupGracePeriod: '15s',
      membershipSampleInterval: '1s',
      leaderAliveThreshold: '10s',
      leaderElectionDuration: '5s'
    },
    pvtData: {
      // A block waits this long for private data that is not there yet; afterwards the reconciler goes on looking.
      pullRetryThreshold: '3s',
      transientstoreMaxBlockRetention: 20_000,
      pushAckTimeout: '3s',
      btlPullMargin: 10,
      reconcileBatchSize: 10,
      reconcileSleepInterval: '5s',
      reconciliationEnabled: true,
      implicitCollectionDisseminationPolicy: { requiredPeerCount: 0, maxPeerCount: 1 }
    },
    state: { enabled: false }
  }
}

const client = { interval: '60s', timeout: '20s' }

const peerSection = (plan: FabricPlan, place: Place, peer: PlannedPeer): Settings => {
  const keys = place.layout.organization(peer.organization)
  const tls = keys.tls(peer.name)
  return {
    id: peer.name,
    networkId: plan.channel,
    listenAddress: `${place.listen}:${peer.port}`,
    address: `${place.host(peer.name)}:${peer.port}`,
    chaincodeListenAddress: `${place.listen}:${peer.chaincodePort}`,
    chaincodeAddress: `${place.host(peer.name)}:${peer.chaincodePort}`,
    localMspId: mspIdOf(plan, peer.organization),
    mspConfigPath: keys.nodeMsp(peer.name),
    localMspType: 'bccsp',
    fileSystemPath: place.layout.node(peer.name).data,
    gateway: { enabled: true, endorsementTimeout: '30s', broadcastTimeout: '30s', dialTimeout: '30s' },
    keepalive: { interval: '7200s', timeout: '20s', minInterval: '60s', client, deliveryClient: client },
    gossip: gossip(plan, place, peer),
    tls: {
      enabled: true,
      clientAuthRequired: false,
      cert: { file: tls.certificate },
      key: { file: tls.key },
      rootcert: { file: keys.tlsRoot },
      clientRootCAs: { files: [keys.tlsRoot] }
    },
    authentication: { timewindow: '15m' },
    BCCSP: { Default: 'SW', SW: { Hash: 'SHA2', Security: 256 } },
    client: { connTimeout: '3s' },
    deliveryclient: {
      blockGossipEnabled: false,
      reconnectTotalTimeThreshold: '3600s',
      connTimeout: '3s',
      // Soon again at the orderers after they were away.
      reConnectBackoffThreshold: '2s',
      blockCensorshipTimeoutKey: '30s',
      minimalReconnectInterval: '100ms',
      policy: 'cluster'
    },
    handlers: {
      // Release 2.5 has no check of the time that a proposal names, and ends at a name that it does not know.
      authFilters: [
        'DefaultAuth',
        'ExpirationCheck',
        ...(plan.release.startsWith('2.') ? [] : ['TimeWindowCheck'])
      ].map(name => ({ name })),
      decorators: [{ name: 'DefaultDecorator' }],
      endorsers: { escc: { name: 'DefaultEndorsement' } },
      validators: { vscc: { name: 'DefaultValidation' } }
    },
    discovery: { enabled: true, authCacheEnabled: true, authCacheMaxSize: 1000, authCachePurgeRetentionRatio: 0.75 },
    limits: {
      concurrency: { endorserService: 2500, deliverService: 2500, gatewayService: tuning.gatewayConcurrency }
    }
  }
}

/** The settings of a peer: core.yaml. */
export const peerSettings = (plan: FabricPlan, place: Place, peer: PlannedPeer): Settings => ({
  peer: peerSection(plan, place, peer),
  // An unset endpoint would make the peer look for a container engine.
  vm: { endpoint: '' },
  chaincode: {
    externalBuilders: [{ name: 'bims', path: place.layout.builder }],
    installTimeout: '300s',
    startuptimeout: '30s',
    executetimeout: '30s',
    mode: 'net',
    // A keepalive message ends fabric-shim 2.5.8.
    keepalive: 0,
    system: { _lifecycle: 'enable', cscc: 'enable', lscc: 'enable', qscc: 'enable' },
    logging: { level: tuning.logging, shim: tuning.logging },
    runtimeParams: {
      useWriteBatch: true,
      maxSizeWriteBatch: 1000,
      useGetMultipleKeys: true,
      maxSizeGetMultipleKeys: 1000
    }
  },
  ledger: {
    state: { stateDatabase: 'goleveldb', totalQueryLimit: 100_000 },
    history: { enableHistoryDatabase: true },
    pvtdataStore: {
      collElgProcMaxDbBatchSize: 5000,
      collElgProcDbBatchesInterval: 1000,
      deprioritizedDataReconcilerInterval: '60m',
      purgeInterval: 100,
      purgedKeyAuditLogging: true
    },
    snapshots: { rootDir: `${place.layout.node(peer.name).data}/snapshots` }
  },
  operations: { listenAddress: `${place.listen}:${peer.operationsPort}`, tls: { enabled: false } },
  metrics: { provider: 'prometheus' }
})
