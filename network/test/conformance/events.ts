import { describe, expect, it } from 'vitest'
import type { ChaincodeEvent } from '@hyperledger/fabric-gateway'
import { text } from '../client.ts'
import { fresh, take } from './observations.ts'
import type { ConformanceContext } from './context.ts'

/** Chaincode's events. */
export const events = (on: ConformanceContext): void => {
  describe('events', () => {
    const names = (events: readonly ChaincodeEvent[]): string[] => events.map(event => event.eventName)

    it('of valid transactions only, in order, with block and transaction; resumed after a transaction', async () => {
      const channel = on.alice.gateway.getNetwork(on.network.profile.channel)
      const [a, b, c] = [fresh('a'), fresh('b'), fresh('c')]
      const first = await on.contract.submitAsync('emit', { arguments: [a, '1'] })
      const { blockNumber } = await first.getStatus()
      const refused = await on.contract
        .newProposal('emit', { arguments: [fresh('x'), '0'], endorsingOrganizations: [on.alice.mspId] })
        .endorse()
      await (await refused.submit()).getStatus()
      await on.contract.submitTransaction('emit', b, '2')
      await on.contract.submitTransaction('emit', c, '3')
      const all = await take(await channel.getChaincodeEvents('probe', { startBlock: blockNumber }), 3)
      expect(names(all)).toEqual([a, b, c])
      expect(all[0]).toMatchObject({ blockNumber, transactionId: first.getTransactionId(), chaincodeName: 'probe' })
      expect(text(all[0]!.payload)).toBe('1')
      const checkpoint = { getBlockNumber: () => blockNumber, getTransactionId: () => first.getTransactionId() }
      expect(names(await take(await channel.getChaincodeEvents('probe', { checkpoint }), 2))).toEqual([b, c])
    })

    it('without a start only those that come after', async () => {
      const events = await on.alice.gateway.getNetwork(on.network.profile.channel).getChaincodeEvents('probe')
      const next = take(events, 1)
      const name = fresh('live')
      await new Promise(resolve => setTimeout(resolve, 300))
      await on.contract.submitTransaction('emit', name, 'x')
      expect(names(await next)).toEqual([name])
    })

    it('of another chaincode are not told', async () => {
      const events = await on.alice.gateway
        .getNetwork(on.network.profile.channel)
        .getChaincodeEvents('other', { startBlock: 0n })
      const next = take(events, 1).catch(() => 'ended')
      const outcome = Promise.race([next, new Promise(resolve => setTimeout(() => resolve('none'), 300))])
      await on.contract.submitTransaction('emit', fresh('e'), 'x')
      expect(await outcome).toBe('none')
      events.close()
      expect(await next).toBe('ended')
    })
  })
}
