import { afterAll, beforeAll, describe, vi } from 'vitest'
import type { common } from '@hyperledger/fabric-protos'
import type { Contract, Transaction } from '@hyperledger/fabric-gateway'
import type { Profile } from '@bims/ledger'
import { connectAs } from '../client.ts'
import type { TestClient } from '../client.ts'
import { blocks } from './blocks.ts'
import { calls } from './calls.ts'
import { errors } from './errors.ts'
import { events } from './events.ts'
import { take } from './observations.ts'
import { queries } from './queries.ts'
import { validation } from './validation.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

/**
 * What a client can observe of a network, the same for the embedded ledger and for real Fabric. Where the two differ,
 * the embedded one is wrong. The network has two or more organisations, the endorsement policy MAJORITY, LevelDB,
 * and the contract of ../fixtures as the chaincode `probe`.
 */
export interface NetworkUnderTest {
  readonly profile: Profile
  readonly profileFile: string
  readonly close: () => Promise<void>
}

/** What the tests of the suite work with; the members are there once the network has started. */
export interface ConformanceContext {
  readonly network: NetworkUnderTest
  readonly alice: TestClient
  readonly bob: TestClient
  /** The chaincode `probe` as alice calls it. */
  readonly contract: Contract
  readonly endorse: (method: string, ...args: string[]) => Promise<Transaction>
  readonly blocksFrom: (number: number, count: number) => Promise<common.Block[]>
}

const connected = (network: NetworkUnderTest): ConformanceContext => {
  const alice = connectAs(network, 'org1/alice')
  const channel = alice.gateway.getNetwork(network.profile.channel)
  const contract = channel.getContract('probe')
  return {
    network,
    alice,
    bob: connectAs(network, 'org2/bob'),
    contract,
    endorse: (method, ...args) => contract.newProposal(method, { arguments: args }).endorse(),
    blocksFrom: async (number, count) => take(await channel.getBlockEvents({ startBlock: BigInt(number) }), count)
  }
}

/** Declares the suite for a network; it is started once and closed at the end. */
export const conformance = (name: string, start: () => Promise<NetworkUnderTest>): void => {
  describe(`conformance of ${name}`, () => {
    const on = {} as ConformanceContext
    const started = (): Partial<ConformanceContext> => on
    beforeAll(async () => {
      Object.assign(on, connected(await start()))
    })
    afterAll(async () => {
      const { alice, bob, network } = started()
      alice?.close()
      bob?.close()
      await network?.close()
    })
    calls(on)
    errors(on)
    validation(on)
    queries(on)
    events(on)
    blocks(on)
  })
}
