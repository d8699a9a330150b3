/**
 * The settings that decide how fast the network is and how soon it is back after a fault; all others are Fabric's own
 * defaults. Many records travel in one transaction, so blocks are cut by bytes and soon, not by count.
 */
export const tuning = {
  /** A lone transaction waits this long for company. */
  batchTimeout: '200ms',
  maxMessageCount: 500,
  preferredMaxBytes: '8 MB',
  /** Just under what a gRPC message may hold (peers and orderers take 100 MiB). */
  absoluteMaxBytes: '99 MB',
  /** Tick and election of Raft: shorter ones elect again under load although nothing is wrong. */
  raftTick: '500ms',
  raftElectionTicks: 10,
  raftHeartbeatTicks: 1,
  raftInflightBlocks: 5,
  raftSnapshotInterval: '16 MB',
  /** Calls that a peer's gateway serves at once. */
  gatewayConcurrency: 500,
  /** What nodes write to their logs. */
  logging: 'error'
} as const
