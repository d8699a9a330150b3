import type { Soak } from '../../../tools/soak/soak.ts'
import { everyBit, unfoundFlips } from '../audit/bit-flips.ts'
import { keptChain } from '../audit/chain.ts'

/** `pnpm soak bit-flips --minutes N`: from the end of the chain to its beginning, as far as the time goes. */
export const soak: Soak = {
  what: 'every single bit of the blocks of a small chain is flipped, and the chain audited: each flip is found',
  run: async ({ minutes, say }) => {
    const whole = await keptChain(1)
    const chain = { ...whole, blocks: whole.blocks.slice(0, 3) }
    const end = Date.now() + minutes * 60_000
    try {
      const places = [...everyBit(chain.blocks)].reverse()
      const { tried, unfound } = await unfoundFlips(chain, places, () => Date.now() < end)
      say(`${tried} of ${places.length} bits were flipped, ${tried - unfound.length} found`)
      return unfound.map(({ block, bit }) => `block ${block}, bit ${bit} was not found`)
    } finally {
      await whole.remove()
    }
  }
}
