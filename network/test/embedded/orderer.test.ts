import { describe, expect, it } from 'vitest'
import type { Chain, CommittedTransaction } from '../../src/embedded/chain.ts'
import { defaultBatchLimits, newOrderer } from '../../src/embedded/orderer.ts'
import type { TransactionEntry } from '../../src/embedded/state-store.ts'
import type { CheckedTransaction } from '../../src/embedded/validate.ts'

const transaction = (txId: string, bytes = 10): CheckedTransaction => ({
  txId,
  code: 0,
  envelope: new Uint8Array(bytes),
  namespaces: [],
  event: undefined
})
const never = new AbortController().signal

/** A chain in memory whose writes can be made to fail. */
const memoryChain = (
  fail: () => { readonly error: Error; readonly written: boolean } | undefined
): { chain: Chain; blocks: string[][] } => {
  const known = new Map<string, TransactionEntry>()
  const blocks: string[][] = []
  const commit = async (transactions: readonly CheckedTransaction[]): Promise<readonly CommittedTransaction[]> => {
    await new Promise(resolve => setTimeout(resolve, 5))
    const failure = fail()
    if (failure?.written !== false) blocks.push(transactions.map(t => t.txId))
    if (failure !== undefined) throw failure.error
    return transactions.map(({ txId }, tx) => {
      if (!known.has(txId)) known.set(txId, { block: blocks.length - 1, tx, code: 0 })
      return { txId, block: blocks.length - 1, code: 0 }
    })
  }
  const chain = {
    commit,
    height: () => blocks.length,
    state: { transaction: (txId: string) => known.get(txId) }
  } as unknown as Chain
  return { chain, blocks }
}
const systemError = (code: string): Error => Object.assign(new Error(code), { code })

describe('newOrderer', () => {
  it('puts what comes side by side into few blocks, in order, and answers for each', async () => {
    const { chain, blocks } = memoryChain(() => undefined)
    const orderer = newOrderer(chain)
    const ids = Array.from({ length: 200 }, (_, i) => `t${i}`)
    for (const id of ids) expect(orderer.submit(transaction(id))).toBeUndefined()
    const done = await Promise.all(ids.map(id => orderer.committed(id, never)))
    expect(done.map(d => d.txId)).toEqual(ids)
    expect(blocks.flat()).toEqual(ids)
    expect(blocks.length).toBeLessThan(5)
    await orderer.close()
  })

  it('keeps blocks within their limits, but takes any single transaction', async () => {
    const { chain, blocks } = memoryChain(() => undefined)
    const orderer = newOrderer(chain, { ...defaultBatchLimits, maxMessageCount: 3, preferredMaxBytes: 100 })
    const sizes = [10, 10, 10, 10, 500, 60, 60]
    sizes.forEach((size, i) => orderer.submit(transaction(`t${i}`, size)))
    await orderer.committed('t6', never)
    expect(blocks).toEqual([['t0', 't1', 't2'], ['t3'], ['t4'], ['t5'], ['t6']])
    await orderer.close()
  })

  it('refuses more than may wait', async () => {
    const { chain } = memoryChain(() => undefined)
    const orderer = newOrderer(chain, { ...defaultBatchLimits, maxQueuedBytes: 100 })
    expect(orderer.submit(transaction('a', 90))).toBeUndefined()
    expect(orderer.submit(transaction('b', 90))).toMatchObject({ code: 14 })
    await orderer.committed('a', never)
    expect(orderer.submit(transaction('b', 90))).toBeUndefined()
    await orderer.close()
  })

  it('with a full disk fails the transactions of that block and goes on with the next', async () => {
    let full = true
    const { chain, blocks } = memoryChain(() => (full ? { error: systemError('ENOSPC'), written: false } : undefined))
    const orderer = newOrderer(chain)
    orderer.submit(transaction('a'))
    await expect(orderer.committed('a', never)).rejects.toMatchObject({
      code: 14,
      details: [{ message: 'the disk is full' }]
    })
    full = false
    expect(orderer.submit(transaction('a'))).toBeUndefined()
    expect(await orderer.committed('a', never)).toMatchObject({ block: 0 })
    expect(blocks).toEqual([['a']])
    await orderer.close()
  })

  it.each([
    ['a write of unknown outcome', { error: systemError('EIO'), written: false }],
    ['a block that is written but not in the index', { error: systemError('ENOSPC'), written: true }]
  ])('after %s takes nothing on until it is started again', async (_, failure) => {
    const { chain } = memoryChain(() => failure)
    const orderer = newOrderer(chain)
    orderer.submit(transaction('a'))
    await expect(orderer.committed('a', never)).rejects.toMatchObject({ code: 14 })
    expect(orderer.submit(transaction('b'))).toMatchObject({ code: 14 })
    await orderer.close()
  })

  it('lets go of a wait that is cancelled, and of all when it closes', async () => {
    const { chain } = memoryChain(() => undefined)
    const orderer = newOrderer(chain)
    const cancel = new AbortController()
    const waits = [orderer.committed('x', cancel.signal), orderer.committed('y', never)]
    cancel.abort()
    await expect(waits[0]).rejects.toMatchObject({ code: 1 })
    await orderer.close()
    await expect(waits[1]).rejects.toMatchObject({ code: 14 })
    expect(orderer.submit(transaction('z'))).toMatchObject({ code: 14 })
  })
})
