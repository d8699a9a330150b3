import { join } from 'node:path'
import type { Soak } from '../../../tools/soak/soak.ts'
import { everyBit, unfoundFlips } from '../audit/bit-flips.ts'
import { keptChain } from '../audit/chain.ts'
import { flipStored } from '../audit/stored-flips.ts'

/**
 * `pnpm soak bit-flips --minutes N`: first every bit of the file in which a chain is stored, however short the time; then bits of
 * blocks without their checksums, as a peer that lies would deliver them, from the end of the chain as far as the time goes.
 */
export const soak: Soak = {
  what: 'every single bit of the stored blocks of a small chain is flipped: the start finds it, with its index and without, and the audit of the folder; and the audit of the blocks alone finds those it gets to',
  run: async ({ minutes, say }) => {
    const whole = await keptChain(1)
    const chain = { ...whole, blocks: whole.blocks.slice(0, 3) }
    const end = Date.now() + minutes * 60_000
    try {
      const stored = await flipStored(join(whole.dir, 'ledger', 'blocks'), join(whole.dir, 'flipped'))
      say(
        `${stored.tried} of ${stored.bits} stored bits of ${stored.blocks} blocks were flipped, all found but ${stored.unfound.length}`
      )
      const places = [...everyBit(chain.blocks)].reverse()
      const { tried, unfound } = await unfoundFlips(chain, places, () => Date.now() < end)
      say(
        `without checksums ${tried} of ${places.length} bits were flipped, ${tried - unfound.length} found by the audit`
      )
      return [
        ...stored.unfound.slice(0, 20).map(({ bit, by }) => `stored bit ${bit} was not found by ${by}`),
        ...unfound.map(({ block, bit }) => `block ${block}, bit ${bit} was not found by the audit`)
      ]
    } finally {
      await whole.remove()
    }
  }
}
