import { checkpointers } from '@hyperledger/fabric-gateway'
import { describe, expect, it } from 'vitest'
import { setTimeout as delay } from 'node:timers/promises'
import { text } from '../client.ts'
import type { ConformanceContext } from './context.ts'
import { failureOf, fresh } from './observations.ts'

/** Streams over a restart of the peer. */
export const restart = (on: ConformanceContext): void => {
  describe('a restart of the peer', () => {
    // It is up again; what else it needs to know before it endorses may take some time.
    const emit = async (name: string, payload: string): Promise<void> => {
      for (;;) {
        const outcome = await on.contract.submitTransaction('emit', name, payload).then(
          () => 'done',
          (error: unknown) => error
        )
        if (outcome === 'done') return
        await delay(200)
      }
    }

    it('ends streams; they resume where they were, with nothing missing and nothing twice', async () => {
      const name = fresh('event')
      const network = on.alice.gateway.getNetwork(on.network.profile.channel)
      const checkpointer = checkpointers.inMemory()
      const seen: string[] = []
      const blocks: number[] = []
      const first = await network.getBlockEvents()
      const broken = failureOf(
        (async () => {
          for await (const block of first) blocks.push(block.getHeader()!.getNumber())
        })()
      )
      const status = await (await on.contract.submitAsync('emit', { arguments: [name, '0'] })).getStatus()
      for (const payload of ['1', '2']) await emit(name, payload)
      const events = await network.getChaincodeEvents('probe', {
        checkpoint: checkpointer,
        startBlock: status.blockNumber
      })
      for await (const event of events) {
        if (event.eventName === name) seen.push(text(event.payload))
        await checkpointer.checkpointChaincodeEvent(event)
        if (seen.length === 2) break
      }
      events.close()
      await on.network.restart()
      expect([1, 13, 14]).toContain((await broken).code)
      expect(blocks).toEqual(blocks.map((_, i) => blocks[0]! + i))
      for (const payload of ['3', '4']) await emit(name, payload)
      const again = await network.getChaincodeEvents('probe', { checkpoint: checkpointer })
      for await (const event of again) {
        if (event.eventName === name) seen.push(text(event.payload))
        await checkpointer.checkpointChaincodeEvent(event)
        if (seen.length >= 5) break
      }
      again.close()
      expect(seen).toEqual(['0', '1', '2', '3', '4'])
      // All blocks that were there before are there, and the next ones follow.
      const last = blocks.at(-1)!
      const resumed = await network.getBlockEvents({ startBlock: BigInt(last) })
      const numbers: number[] = []
      for await (const block of resumed) {
        numbers.push(block.getHeader()!.getNumber())
        if (numbers.length === 3) break
      }
      resumed.close()
      expect(numbers).toEqual([last, last + 1, last + 2])
    })
  })
}
