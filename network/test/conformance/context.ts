import type { common } from '@hyperledger/fabric-protos'
import type { Contract, Transaction } from '@hyperledger/fabric-gateway'
import type { Profile } from '@bims/ledger'
import type { TestClient } from '../client.ts'

/**
 * What a client can observe of a network, the same for the embedded ledger and for real Fabric. Where the two differ,
 * the embedded one is wrong. The network has two or more organisations, the endorsement policy MAJORITY, LevelDB,
 * and the contract of ../fixtures as the
 * chaincode `probe` with the collections there, and as `strict` and `loose` with the policies there.
 */
export interface NetworkUnderTest {
  readonly profile: Profile
  readonly profileFile: string
  /** How the orderers agree, where that makes a difference that clients see. */
  readonly consensus?: 'raft' | 'bft'
  /** Release of Fabric, where it is the real one. */
  readonly release?: string
  readonly close: () => Promise<void>
}

/** One with which the suite may do what it likes. */
export interface ConformingNetwork extends NetworkUnderTest {
  /** A second channel of its, with the chaincode `probe`, where it can have one. */
  readonly otherChannel?: string
  /** Stops the peer that alice is connected to, and starts it again; comes back when it serves. */
  readonly restart: () => Promise<void>
  /** Revokes an identity. */
  readonly revoke: (identity: string) => Promise<unknown>
}

/** What the tests of the suite work with; the members are there once the network has started. */
export interface ConformanceContext {
  readonly network: ConformingNetwork
  readonly alice: TestClient
  readonly bob: TestClient
  /** The chaincode `probe` as alice calls it. */
  readonly contract: Contract
  readonly endorse: (method: string, ...args: string[]) => Promise<Transaction>
  readonly blocksFrom: (number: number, count: number) => Promise<common.Block[]>
}
