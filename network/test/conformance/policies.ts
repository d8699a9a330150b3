import { peer } from '@hyperledger/fabric-protos'
import type { Contract } from '@hyperledger/fabric-gateway'
import { describe, expect, it } from 'vitest'
import { text } from '../client.ts'
import type { ConformanceContext } from './context.ts'
import { channelHeaderOf, envelopesOf, failureOf, fresh, statusOf } from './observations.ts'

const Code = peer.TxValidationCode

/**
 * Endorsement policies of chaincodes, those of fixtures/probe.ts, and of single keys (Fabric's documentation: endorsement
 * policies; core/common/validation/statebased says which counts).
 */
export const policies = (on: ConformanceContext): void => {
  const contractOf = (name: string): Contract =>
    on.alice.gateway.getNetwork(on.network.profile.channel).getContract(name)
  const submitted = async (
    name: string,
    endorsingOrganizations: readonly string[] | undefined,
    method: string,
    ...args: string[]
  ): Promise<number> => {
    const given = endorsingOrganizations === undefined ? {} : { endorsingOrganizations: [...endorsingOrganizations] }
    const endorsed = await contractOf(name)
      .newProposal(method, { arguments: args, ...given })
      .endorse()
    return statusOf(await endorsed.submit())
  }
  const read = async (name: string, method: string, ...args: string[]): Promise<string> =>
    text(await contractOf(name).evaluateTransaction(method, ...args))
  const foreign = (): string[] => on.network.profile.organizations.map(o => o.mspId).filter(id => id !== on.alice.mspId)

  describe('endorsement policies of chaincodes', () => {
    it('of several organisations need all of these', async () => {
      const [org1, org2] = [on.alice.mspId, on.bob.mspId]
      for (const [i, too] of [
        [org1],
        [org2],
        foreign(),
        on.network.profile.organizations.map(o => o.mspId)
      ].entries()) {
        const key = fresh('k')
        const enough = too.includes(org1) && too.includes(org2)
        expect(await submitted('strict', too, 'put', key, 'v'), String(i)).toBe(
          enough ? Code.VALID : Code.ENDORSEMENT_POLICY_FAILURE
        )
        expect(await read('strict', 'get', key)).toBe(enough ? 'v' : '')
      }
    })

    it('of one organisation or another need no other, whatever the channel asks for', async () => {
      const key = fresh('k')
      expect(await submitted('loose', [on.alice.mspId], 'put', key, 'v')).toBe(Code.VALID)
      expect(await submitted('loose', [on.bob.mspId], 'put', key, 'w')).toBe(Code.VALID)
      expect(await submitted('probe', [on.alice.mspId], 'put', key, 'v')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
    })

    it('are those that the gateway endorses by, where the client names nobody', async () => {
      for (const name of ['strict', 'loose', 'probe'])
        expect(await submitted(name, undefined, 'put', fresh('k'), 'v'), name).toBe(Code.VALID)
    })
  })

  describe('chaincode that calls chaincode', () => {
    it('of its channel: both write, each under its own policy', async () => {
      const [key, org1, org2] = [fresh('k'), on.alice.mspId, on.bob.mspId]
      expect(await submitted('loose', [org1], 'putThere', 'strict', key, 'there')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('strict', [org1], 'putThere', 'loose', key, 'there')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect([await read('loose', 'get', key), await read('strict', 'get', key)]).toEqual(['', ''])
      expect(await submitted('loose', [org1, org2], 'putThere', 'strict', key, 'there')).toBe(Code.VALID)
      expect([await read('loose', 'get', key), await read('strict', 'get', key)]).toEqual(['here', 'there'])
      expect(await submitted('loose', undefined, 'putThere', 'strict', key, 'again')).toBe(Code.VALID)
      expect(await read('strict', 'get', key)).toBe('again')
      expect(await read('probe', 'get', key)).toBe('')
    })

    it('is validated against what it read of the other one', async () => {
      const key = fresh('n')
      const stale = await contractOf('loose')
        .newProposal('call', { arguments: ['strict', 'increment', key] })
        .endorse()
      expect(await submitted('strict', undefined, 'increment', key)).toBe(Code.VALID)
      expect(await statusOf(await stale.submit())).toBe(Code.MVCC_READ_CONFLICT)
      expect(await read('strict', 'get', key)).toBe('1')
    })

    it('that is not there, or on a channel that is not, is told so', async () => {
      const told = async (chaincode: string): Promise<string> =>
        JSON.stringify(await failureOf(contractOf('probe').evaluateTransaction('call', chaincode, 'get', 'k')))
      expect(await told('nobody')).toContain('chaincode nobody not found')
      expect(await told('loose/elsewhere')).toContain('elsewhere')
    })

    it('of another channel reads there and writes nothing', async context => {
      const { otherChannel } = on.network
      if (otherChannel === undefined) return context.skip('the embedded ledger has one channel')
      const [key, marker] = [fresh('k'), fresh('m')]
      const there = on.alice.gateway.getNetwork(otherChannel).getContract('probe')
      await there.submitTransaction('put', key, 'of the other channel')
      const called = `probe/${otherChannel}`
      const answer = async (method: string, argument: string): Promise<unknown> =>
        JSON.parse(text(await contractOf('loose').submitTransaction('call', called, method, argument)))
      expect(await answer('get', key)).toMatchObject({ status: 200, payload: 'of the other channel' })
      // It executes, and its result comes; what it wrote is in no block of either channel.
      expect(await answer('increment', marker)).toMatchObject({ status: 200, payload: '1' })
      expect(text(await there.evaluateTransaction('get', marker))).toBe('')
      expect(await answer('increment', marker)).toMatchObject({ status: 200, payload: '1' })
    })
  })

  describe('endorsement policies of single keys', () => {
    it('are written and read with the key, and none is read where none was written', async () => {
      const key = fresh('k')
      expect(await read('probe', 'guards', key)).toBe('[]')
      expect(await submitted('probe', undefined, 'putGuarded', key, 'v', `${on.alice.mspId} ${on.bob.mspId}`)).toBe(
        Code.VALID
      )
      expect(await read('probe', 'guards', key)).toBe(JSON.stringify([on.alice.mspId, on.bob.mspId]))
      expect(await read('probe', 'get', key)).toBe('v')
    })

    it("count for that key in place of the chaincode's, wider or narrower", async () => {
      const [mine, ours, plain] = [fresh('k'), fresh('k'), fresh('k')]
      const [org1, org2] = [on.alice.mspId, on.bob.mspId]
      expect(await submitted('probe', undefined, 'putGuarded', mine, 'v', org1)).toBe(Code.VALID)
      expect(await submitted('loose', [org1], 'putGuarded', ours, 'v', `${org1} ${org2}`)).toBe(Code.VALID)
      expect(await submitted('loose', [org1], 'put', plain, 'v')).toBe(Code.VALID)
      expect(await submitted('probe', [org1], 'put', mine, 'w')).toBe(Code.VALID)
      expect(await submitted('probe', [org2], 'put', mine, 'x')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('loose', [org1], 'put', ours, 'w')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('loose', [org1], 'putGuarded', ours, 'w', org1)).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('loose', [org2], 'del', ours)).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('loose', [org1, org2], 'put', ours, 'w')).toBe(Code.VALID)
      // The gateway finds them by itself.
      expect(await submitted('loose', undefined, 'put', ours, 'x')).toBe(Code.VALID)
      expect([await read('probe', 'get', mine), await read('loose', 'get', ours)]).toEqual(['w', 'x'])
    })

    it('stay with the key when its value changes, are changed by those whom they name, and go with the key', async () => {
      const key = fresh('k')
      const [org1, org2] = [on.alice.mspId, on.bob.mspId]
      expect(await submitted('probe', undefined, 'putGuarded', key, 'v', org1)).toBe(Code.VALID)
      expect(await submitted('probe', [org1], 'put', key, 'w')).toBe(Code.VALID)
      expect(await read('probe', 'guards', key)).toBe(JSON.stringify([org1]))
      expect(await submitted('probe', [org2], 'guard', key, org2)).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('probe', [org1], 'guard', key, org2)).toBe(Code.VALID)
      expect([await read('probe', 'guards', key), await read('probe', 'get', key)]).toEqual([
        JSON.stringify([org2]),
        'w'
      ])
      expect(await submitted('probe', [org1], 'del', key)).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('probe', [org2], 'del', key)).toBe(Code.VALID)
      expect(await submitted('probe', undefined, 'put', key, 'anew')).toBe(Code.VALID)
      expect(await read('probe', 'guards', key)).toBe('[]')
      expect(await submitted('probe', [org1], 'put', key, 'v')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
    })

    it("are taken away by an empty one: then the chaincode's counts again", async () => {
      const key = fresh('k')
      const [org1, org2] = [on.alice.mspId, on.bob.mspId]
      expect(await submitted('probe', undefined, 'putGuarded', key, 'v', org1)).toBe(Code.VALID)
      expect(await submitted('probe', [org2], 'unguard', key)).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(await submitted('probe', [org1], 'unguard', key)).toBe(Code.VALID)
      expect(await submitted('probe', [org1], 'put', key, 'w')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      // Observed: the gateway finds nobody who satisfies it; whoever is named endorses.
      await expect(on.endorse('put', key, 'w')).rejects.toMatchObject({
        code: 9,
        cause: { details: expect.stringContaining('state based endorsement policy cannot be satisfied') }
      })
      expect(await submitted('probe', [org1, org2], 'put', key, 'w')).toBe(Code.VALID)
    })

    it('of a key that is not there are not kept', async () => {
      const key = fresh('k')
      expect(await submitted('probe', undefined, 'guard', key, on.alice.mspId)).toBe(Code.VALID)
      expect([await read('probe', 'guards', key), await read('probe', 'get', key)]).toEqual(['[]', ''])
      expect(await submitted('probe', [on.alice.mspId], 'put', key, 'v')).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
    })

    it('that change make what read the key before conflict, and refuse what writes it in the same block', async () => {
      const key = fresh('k')
      const orgs = [on.alice.mspId, on.bob.mspId]
      expect(await submitted('probe', orgs, 'putGuarded', key, '1', orgs.join(' '))).toBe(Code.VALID)
      const [reading, writing] = [await on.endorse('increment', key), await on.endorse('put', key, 'w')]
      const changing = await on.endorse('guard', key, on.alice.mspId)
      const changed = await (await changing.submit()).getStatus()
      expect(changed.code).toBe(Code.VALID)
      expect(await statusOf(await reading.submit())).toBe(Code.MVCC_READ_CONFLICT)
      expect(await statusOf(await writing.submit())).toBe(Code.VALID)

      // Until two have come into one block, in this order: others before them keep the orderer busy meanwhile.
      for (let tries = 20; ; tries--) {
        const other = fresh('k')
        expect(await submitted('probe', orgs, 'putGuarded', other, '1', orgs.join(' '))).toBe(Code.VALID)
        const [first, second] = [await on.endorse('guard', other, on.alice.mspId), await on.endorse('put', other, 'w')]
        const more = await Promise.all(Array.from({ length: 10 }, () => on.endorse('put', fresh('k'), 'v')))
        const [one, two] = await Promise.all([...more, first, second].map(each => each.submit())).then(all =>
          all.slice(-2)
        )
        const [changes, writes] = [await one!.getStatus(), await two!.getStatus()]
        expect(changes.code).toBe(Code.VALID)
        const [block] = await on.blocksFrom(Number(changes.blockNumber), 1)
        const ids = envelopesOf(block!).map(envelope => channelHeaderOf(envelope).getTxId())
        const [changesAt, writesAt] = [first, second].map(each => ids.indexOf(each.getTransactionId()))
        const together = writesAt! > changesAt!
        expect(writes.code).toBe(together ? Code.ENDORSEMENT_POLICY_FAILURE : Code.VALID)
        if (together) break
        if (tries === 0) throw new Error('no two transactions came into one block')
      }
    })

    it("of private keys count in place of their collection's", async () => {
      const [key, collection] = [fresh('k'), 'both']
      const [org1, org2] = [on.alice.mspId, on.bob.mspId]
      expect(await submitted('probe', [org1, org2], 'putPrivatePlain', collection, key, 'v')).toBe(Code.VALID)
      expect(await submitted('probe', [org1, org2], 'guardPrivate', collection, key, org1)).toBe(Code.VALID)
      expect(await read('probe', 'guardsPrivate', collection, key)).toBe(JSON.stringify([org1]))
      expect(await read('probe', 'getPrivate', collection, key)).toBe('v')
      expect(await submitted('probe', [org1], 'putPrivatePlain', collection, key, 'w')).toBe(Code.VALID)
      expect(await submitted('probe', [org2], 'putPrivatePlain', collection, key, 'x')).toBe(
        Code.ENDORSEMENT_POLICY_FAILURE
      )
      expect(await read('probe', 'getPrivate', collection, key)).toBe('w')
    })
  })
}
