import { describe, expect, it } from 'vitest'
import { failureOf } from './observations.ts'
import type { ConformanceContext } from './context.ts'

/** What is refused, with which status and which details. */
export const errors = (on: ConformanceContext): void => {
  describe('errors', () => {
    it('an evaluation that the chaincode refuses is UNKNOWN, its message in the details', async () => {
      const failure = await failureOf(on.contract.evaluateTransaction('fail', 'because'))
      expect(failure.code).toBe(2)
      expect(failure.message).toContain('evaluate call to endorser returned error: chaincode response 500, because')
      expect(failure.details).toEqual([
        expect.objectContaining({ mspId: on.alice.mspId, message: 'chaincode response 500, because' })
      ])
      expect(failure.details[0]!.address).toMatch(/:[0-9]+$/)
    })

    it('an endorsement that the chaincode refuses is ABORTED, its message in the details', async () => {
      const failure = await failureOf(on.endorse('fail', 'because'))
      expect(failure.code).toBe(10)
      expect(failure.message).toContain('failed to endorse transaction, see attached details for more info')
      // Observed: the gateway tries each peer of its own organisation before it gives up.
      const { peers } = on.network.profile.organizations.find(({ mspId }) => mspId === on.alice.mspId)!
      expect(failure.details).toEqual(
        peers.map(() => expect.objectContaining({ mspId: on.alice.mspId, message: 'chaincode response 500, because' }))
      )
    })

    it('an unknown function and a wrong count of arguments are refused by the chaincode', async () => {
      expect((await failureOf(on.endorse('nothing'))).details[0]!.message).toContain(
        'asked to invoke a function that does not exist: nothing'
      )
      expect((await failureOf(on.endorse('put', 'one'))).details[0]!.message).toContain(
        'Expected 2 parameters, but 1 have been supplied'
      )
    })

    it('a chaincode that is not there is named', async () => {
      const other = on.alice.gateway.getNetwork(on.network.profile.channel).getContract('no-such-chaincode')
      const failure = await failureOf(other.submitTransaction('x'))
      expect([9, 10]).toContain(failure.code)
      expect(JSON.stringify([failure.message, failure.details])).toContain('no-such-chaincode')
    })

    it('a channel that is not there is refused', async () => {
      const failure = await failureOf(
        on.alice.gateway.getNetwork('no-such-channel').getContract('probe').evaluateTransaction('get', 'k')
      )
      expect([9, 14]).toContain(failure.code)
      expect(failure.message).toContain('no-such-channel')
    })

    it('an endorsing organisation that has no peer is UNAVAILABLE', async () => {
      const failure = await failureOf(
        on.contract.newProposal('put', { arguments: ['k', 'v'], endorsingOrganizations: ['NoMSP'] }).endorse()
      )
      expect(failure.code).toBe(14)
      expect(failure.message).toContain('failed to find any endorsing peers for org(s): NoMSP')
    })

    it('rich queries are refused by their name', async () => {
      expect((await failureOf(on.contract.evaluateTransaction('rich'))).message).toContain(
        'ExecuteQuery not supported for leveldb'
      )
    })
  })
}
