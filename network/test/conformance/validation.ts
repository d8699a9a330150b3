import { describe, expect, it } from 'vitest'
import { peer, gateway as gatewayProtos } from '@hyperledger/fabric-protos'
import { text } from '../client.ts'
import { channelHeaderOf, envelopesOf, failureOf, flagsOf, fresh, statusOf } from './observations.ts'
import type { ConformanceContext } from './context.ts'

const Code = peer.TxValidationCode

/** What becomes of a transaction in its block. */
export const validation = (on: ConformanceContext): void => {
  describe('validation', () => {
    it('a read that another transaction has overtaken is MVCC_READ_CONFLICT, and its writes do not count', async () => {
      const key = fresh('k')
      await on.contract.submitTransaction('put', key, '1')
      const [first, second] = [await on.endorse('increment', key), await on.endorse('increment', key)]
      expect(await statusOf(await first.submit())).toBe(Code.VALID)
      expect(await statusOf(await second.submit())).toBe(Code.MVCC_READ_CONFLICT)
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('2')
    })

    it('a key that was read as absent conflicts when it appears', async () => {
      const key = fresh('k')
      const stale = await on.endorse('increment', key)
      await on.contract.submitTransaction('put', key, '7')
      expect(await statusOf(await stale.submit())).toBe(Code.MVCC_READ_CONFLICT)
    })

    it('blind writes of the same key are all VALID, the last one stands', async () => {
      const key = fresh('k')
      const endorsed = await Promise.all(['a', 'b', 'c'].map(value => on.endorse('put', key, value)))
      const codes = []
      for (const transaction of endorsed) codes.push(await statusOf(await transaction.submit()))
      expect(codes).toEqual([Code.VALID, Code.VALID, Code.VALID])
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('c')
    })

    it('of many increments at once exactly one of each version is VALID', async () => {
      const key = fresh('k')
      const endorsed = await Promise.all(Array.from({ length: 12 }, () => on.endorse('increment', key)))
      const submitted = await Promise.all(endorsed.map(transaction => transaction.submit()))
      const codes = await Promise.all(submitted.map(statusOf))
      const valid = codes.filter(code => code === Code.VALID).length
      expect(codes.every(code => code === Code.VALID || code === Code.MVCC_READ_CONFLICT)).toBe(true)
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe(String(valid))
      expect(valid).toBe(1)
    })

    it.each([3, 80, 250])(
      'a range of %i results that has grown is PHANTOM_READ_CONFLICT, one that has not is VALID',
      async count => {
        const prefix = fresh('r')
        await on.contract.submitTransaction('putMany', prefix, String(count), 'x')
        const [same, grown] = [
          await on.endorse('countInto', prefix, `${prefix}~`, fresh('n')),
          await on.endorse('countInto', prefix, `${prefix}~`, fresh('n'))
        ]
        expect(await statusOf(await same.submit())).toBe(Code.VALID)
        await on.contract.submitTransaction('put', `${prefix}00001a`, 'new')
        expect(await statusOf(await grown.submit())).toBe(Code.PHANTOM_READ_CONFLICT)
      }
    )

    it('a range from which a key has gone, or in which one was written, is PHANTOM_READ_CONFLICT', async () => {
      const prefix = fresh('r')
      await on.contract.submitTransaction('putMany', prefix, '5', 'x')
      const gone = await on.endorse('countInto', prefix, `${prefix}~`, fresh('n'))
      await on.contract.submitTransaction('del', `${prefix}00002`)
      expect(await statusOf(await gone.submit())).toBe(Code.PHANTOM_READ_CONFLICT)
      const written = await on.endorse('countInto', prefix, `${prefix}~`, fresh('n'))
      await on.contract.submitTransaction('put', `${prefix}00003`, 'y')
      expect(await statusOf(await written.submit())).toBe(Code.PHANTOM_READ_CONFLICT)
    })

    it('a key outside the range disturbs nothing', async () => {
      const prefix = fresh('r')
      await on.contract.submitTransaction('putMany', prefix, '5', 'x')
      const transaction = await on.endorse('countInto', prefix, `${prefix}~`, fresh('n'))
      await on.contract.submitTransaction('put', `${prefix}~~`, 'outside')
      expect(await statusOf(await transaction.submit())).toBe(Code.VALID)
    })

    it('the same signed transaction a second time is DUPLICATE_TXID, and the status is that of the first', async () => {
      const transaction = await on.endorse('put', fresh('k'), 'v')
      const first = await transaction.submit()
      const status = await first.getStatus()
      expect(status.code).toBe(Code.VALID)
      if (on.network.consensus === 'bft') {
        // Observed: BFT orderers know what they have ordered, and never order it again.
        const failure = await failureOf(transaction.submit())
        expect(failure.code).toBe(14)
        for (const { message } of failure.details) expect(message).toContain('request already processed')
        return
      }
      const again = await (await transaction.submit()).getStatus()
      expect(again).toMatchObject({ code: Code.VALID, blockNumber: status.blockNumber })
      await on.contract.submitTransaction('put', fresh('k'), 'after')
      const blocks = await on.blocksFrom(Number(status.blockNumber), 2)
      const copies = blocks.flatMap(block =>
        envelopesOf(block).flatMap((envelope, i) =>
          channelHeaderOf(envelope).getTxId() === transaction.getTransactionId() ? [flagsOf(block)[i]] : []
        )
      )
      expect(copies).toEqual([Code.VALID, Code.DUPLICATE_TXID])
    })

    it('a proposal of a transaction that is committed is refused', async () => {
      const proposal = on.contract.newProposal('put', { arguments: [fresh('k'), 'v'] })
      await (await (await proposal.endorse()).submit()).getStatus()
      const failure = await failureOf(proposal.endorse())
      expect(failure.code).toBe(10)
      expect(failure.details[0]!.message).toContain('duplicate transaction found')
    })

    it('too few organisations are ENDORSEMENT_POLICY_FAILURE', async () => {
      const key = fresh('k')
      const transaction = await on.contract
        .newProposal('put', { arguments: [key, 'v'], endorsingOrganizations: [on.alice.mspId] })
        .endorse()
      expect(await statusOf(await transaction.submit())).toBe(Code.ENDORSEMENT_POLICY_FAILURE)
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('')
    })

    it('a transaction whose writes were changed after it was endorsed is not VALID', async () => {
      const key = fresh('k')
      const transaction = await on.endorse('put', key, 'honest')
      const bytes = Buffer.from(transaction.getBytes())
      const at = bytes.lastIndexOf('honest')
      bytes.write('forged', at)
      const prepared = gatewayProtos.PreparedTransaction.deserializeBinary(bytes)
      const digest = prepared.getEnvelope()!.getPayload_asU8()
      prepared.getEnvelope()!.setSignature(new Uint8Array())
      const signed = on.alice.gateway.newTransaction(prepared.serializeBinary())
      expect(Buffer.from(signed.getDigest())).toEqual(Buffer.from(digest))
      const commit = await signed.submit()
      expect([Code.ENDORSEMENT_POLICY_FAILURE, Code.INVALID_ENDORSER_TRANSACTION]).toContain(await statusOf(commit))
      expect(text(await on.contract.evaluateTransaction('get', key))).toBe('')
    })
  })
}
