import { auditBlocks, type KeptChain } from './chain.ts'

/** One bit of a chain. */
export interface BitPlace {
  readonly block: number
  readonly bit: number
}

/** Every bit of the chain's blocks. */
export function* everyBit(blocks: readonly Uint8Array[]): Generator<BitPlace> {
  for (const [block, bytes] of blocks.entries()) for (let bit = 0; bit < bytes.length * 8; bit++) yield { block, bit }
}

const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = Uint8Array.from(bytes)
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return copy
}

/** Flips one bit after the other and audits; gives those that the audit did not find. */
export const unfoundFlips = async (
  chain: KeptChain,
  places: Iterable<BitPlace>,
  goOn: () => boolean = () => true
): Promise<{ readonly tried: number; readonly unfound: readonly BitPlace[] }> => {
  const unfound: BitPlace[] = []
  const queue = places[Symbol.iterator]()
  let tried = 0
  const lane = async (): Promise<void> => {
    for (let next = queue.next(); next.done !== true && goOn(); next = queue.next()) {
      const { block, bit } = next.value
      const blocks = chain.blocks.map((bytes, i) => (i === block ? flip(bytes, bit) : bytes))
      const report = await auditBlocks(blocks, chain.trust)
      tried += 1
      if (report.ok) unfound.push(next.value)
    }
  }
  await Promise.all(Array.from({ length: 8 }, lane))
  return { tried, unfound }
}
