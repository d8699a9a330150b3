import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { common } from '@hyperledger/fabric-protos'
import { everyBit, unfoundFlips, type BitPlace } from './bit-flips.ts'
import { keptChain, type KeptChain } from './chain.ts'
import { flipStored } from './stored-flips.ts'

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let chain: KeptChain
beforeAll(async () => {
  const whole = await keptChain(1)
  chain = { ...whole, blocks: whole.blocks.slice(0, 3) }
})
afterAll(async () => chain.remove())

// Reproducible, and spread over the whole chain.
const sampled = (places: readonly BitPlace[], count: number): readonly BitPlace[] =>
  Array.from({ length: count }, (_, i) => places[Math.floor(((i * 0.6180339887) % 1) * places.length)]!)

/** Bits of what no hash and no signature covers: everything behind the transactions of a block. */
const metadataBits = (): readonly BitPlace[] =>
  chain.blocks.flatMap((bytes, block) => {
    const { length } = common.Block.deserializeBinary(bytes).getMetadata()!.serializeBinary()
    return Array.from({ length: Math.min(length + 3, bytes.length) * 8 }, (_, i) => ({
      block,
      bit: bytes.length * 8 - 1 - i
    }))
  })

describe('a bit that is flipped in the blocks', () => {
  it('is found, wherever it stands (a sample; `pnpm soak bit-flips` tries every one)', async () => {
    const { tried, unfound } = await unfoundFlips(chain, sampled([...everyBit(chain.blocks)], 100))
    expect({ tried, unfound }).toEqual({ tried: 100, unfound: [] })
  })
  it('is found in the metadata, which nobody signs as a whole', async () => {
    const { tried, unfound } = await unfoundFlips(chain, sampled(metadataBits(), 100))
    expect({ tried, unfound }).toEqual({ tried: 100, unfound: [] })
  })

  it('is found by a start, with its index and without, and in the folder (`pnpm soak bit-flips` tries every one)', async () => {
    const blocks = join(chain.dir, 'ledger', 'blocks')
    const { bits } = await flipStored(blocks, join(chain.dir, 'none'), () => false)
    // A prime number apart: all places in a byte, and all bytes of a head.
    const places = Array.from({ length: 2000 }, (_, i) => (i < 192 ? i : (i * 7919) % bits))
    const { tried, unfound } = await flipStored(blocks, join(chain.dir, 'flipped'), () => true, places)
    expect({ tried, unfound }).toEqual({ tried: 2000, unfound: [] })
  })
})
