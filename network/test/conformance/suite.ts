import { afterAll, beforeAll, describe, vi } from 'vitest'
import { connectAs } from '../client.ts'
import { audit } from './audit.ts'
import { blocks } from './blocks.ts'
import { calls } from './calls.ts'
import type { ConformanceContext, ConformingNetwork } from './context.ts'
import { errors } from './errors.ts'
import { collections } from './collections.ts'
import { events } from './events.ts'
import { take } from './observations.ts'
import { policies } from './policies.ts'
import { privateData } from './private-data.ts'
import { queries } from './queries.ts'
import { restart } from './restart.ts'
import { revocation } from './revocation.ts'
import { validation } from './validation.ts'

// No test fails on a time: a slow machine only takes longer.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

const connected = (network: ConformingNetwork): ConformanceContext => {
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
export const conformance = (name: string, start: () => Promise<ConformingNetwork>): void => {
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
    policies(on)
    queries(on)
    privateData(on)
    collections(on)
    events(on)
    blocks(on)
    restart(on)
    revocation(on)
    audit(on)
  })
}
