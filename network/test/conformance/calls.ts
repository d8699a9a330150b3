import { describe, expect, it } from 'vitest'
import { common, peer, gateway as gatewayProtos } from '@hyperledger/fabric-protos'
import { text } from '../client.ts'
import { fresh } from './observations.ts'
import type { ConformanceContext } from './context.ts'

const Code = peer.TxValidationCode

/** Submitting and evaluating. */
export const calls = (on: ConformanceContext): void => {
  describe('submit and evaluate', () => {
    it('returns the result of a transaction and lets every organisation read what it wrote', async () => {
      const key = fresh('k')
      expect(text(await on.contract.submitTransaction('put', key, 'v'))).toBe(key)
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('v')
      const other = on.bob.gateway.getNetwork(on.network.profile.channel).getContract('probe')
      expect(text(await other.evaluateTransaction('get', key))).toBe('v')
    })

    it('says VALID and in which block', async () => {
      const commit = await on.contract.submitAsync('put', { arguments: [fresh('k'), 'v'] })
      const status = await commit.getStatus()
      expect(status).toMatchObject({ code: Code.VALID, successful: true, transactionId: commit.getTransactionId() })
      expect(status.blockNumber).toBeGreaterThan(0n)
    })

    it('tells the chaincode who calls: organisation, attributes, subject', async () => {
      expect(JSON.parse(text(await on.contract.evaluateTransaction('who')))).toMatchObject({
        mspId: on.alice.mspId,
        role: 'scientist'
      })
    })

    it('evaluating writes nothing', async () => {
      const key = fresh('k')
      await on.contract.evaluateTransaction('put', key, 'v')
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('')
    })

    it('shows a transaction nothing of its own writes', async () => {
      expect(text(await on.contract.submitTransaction('both', fresh('k')))).toBe('')
    })

    it('deletes', async () => {
      const key = fresh('k')
      await on.contract.submitTransaction('put', key, 'v')
      await on.contract.submitTransaction('del', key)
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('')
    })

    it('strips the transient map from what goes into the block', async () => {
      const key = fresh('k')
      const secret = fresh('content')
      const endorsed = await on.contract
        .newProposal('putTransient', { arguments: [key], transientData: { content: secret } })
        .endorse()
      const prepared = gatewayProtos.PreparedTransaction.deserializeBinary(endorsed.getBytes()).getEnvelope()!
      const tx = peer.Transaction.deserializeBinary(
        common.Payload.deserializeBinary(prepared.getPayload_asU8()).getData_asU8()
      )
      const action = peer.ChaincodeActionPayload.deserializeBinary(tx.getActionsList()[0]!.getPayload_asU8())
      const proposal = peer.ChaincodeProposalPayload.deserializeBinary(action.getChaincodeProposalPayload_asU8())
      expect(proposal.getTransientmapMap().getLength()).toBe(0)
      // It stands once: as what the transaction wrote.
      expect(Buffer.from(prepared.getPayload_asU8()).toString('latin1').split(secret)).toHaveLength(2)
    })
  })
}
