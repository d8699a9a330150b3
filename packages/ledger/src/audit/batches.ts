import type { BlockBatch } from './batch.ts'
import { firstOutlook, outlookBehind, type Outlook } from './outlook.ts'
import type { ChainPiece, ChainSource } from './source.ts'
import type { BatchMemory } from './threads/batch-memory.ts'

/** Large enough that handing over costs nothing beside verifying, small enough that at the end no thread waits long for another. */
export const batchBytes = 512 * 1024
const batchBlocks = 256

/** A piece of a chain without its bytes; undefined: a block. */
export type GatheredPiece = Exclude<ChainPiece, { readonly _tag: 'Block' }> | undefined

/** Pieces of a chain, and their blocks in one batch. */
export interface GatheredBatch {
  readonly pieces: readonly GatheredPiece[]
  readonly batch: BlockBatch
}

/** What goes along with each batch, and where its bytes are kept. */
export interface Packing {
  readonly chaincode: string
  readonly memory: BatchMemory
}

const gather = (pieces: readonly ChainPiece[], outlook: Outlook, { chaincode, memory }: Packing): GatheredBatch => {
  const blocks = pieces.flatMap(piece => (piece._tag === 'Block' ? [piece.bytes] : []))
  const bytes = memory.take(blocks.reduce((sum, { length }) => sum + length, 0))
  const ends: number[] = []
  let at = 0
  for (const block of blocks) {
    bytes.set(block, at)
    at += block.length
    ends.push(at)
  }
  const gone = pieces.map(piece => (piece._tag === 'Block' ? undefined : piece))
  return { pieces: gone, batch: { bytes, ends, before: outlook.before, consenters: outlook.consenters, chaincode } }
}

/**
 * Gathers a chain into batches. The identities of BFT orderers that sign the blocks behind a configuration are those that it names, so
 * that a batch ends there.
 */
export async function* gatherBatches(source: ChainSource, packing: Packing): AsyncGenerator<GatheredBatch> {
  let outlook = firstOutlook
  let begin = outlook
  let pieces: ChainPiece[] = []
  let size = 0
  for await (const piece of source) {
    const behind = piece._tag === 'Block' ? outlookBehind(piece.bytes, outlook) : { ...outlook, before: '' }
    pieces.push(piece)
    size += piece._tag === 'Block' ? piece.bytes.length : 0
    const changes = behind.consenters !== outlook.consenters
    outlook = behind
    if (size < batchBytes && pieces.length < batchBlocks && !changes && piece._tag === 'Block') continue
    yield gather(pieces, begin, packing)
    begin = outlook
    pieces = []
    size = 0
  }
  if (pieces.length > 0) yield gather(pieces, begin, packing)
}
