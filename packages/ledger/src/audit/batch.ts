import { checkBlock } from './block-check.ts'
import type { BlockFinding, UnreadableBlock } from './finding.ts'
import { newKeyRing, type KeyRing } from './key-ring.ts'
import { newSignatureQueue } from './signature-queue.ts'

/** Blocks one after another, as they travel to a worker: their bytes put together, and where each ends. */
export interface BlockBatch {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: readonly number[]
  /** Hex of the commit hash of the block before. */
  readonly before: string
  /** Numbers and serialized identities of the channel's BFT orderers. */
  readonly consenters: readonly (readonly [number, Uint8Array])[]
  readonly chaincode: string
}

/** What a worker found of a batch. */
export interface BatchFinding {
  readonly blocks: readonly (BlockFinding | UnreadableBlock)[]
  /** 1 for each of its signatures that holds, else 0. */
  readonly verdicts: Uint8Array
  /** Identities that it met for the first time, in the order of their handles. */
  readonly identities: readonly Uint8Array[]
}

/** Looks at the blocks of a batch. */
export const checkBatch = (batch: BlockBatch, keys: KeyRing): BatchFinding => {
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length)
  const consenters = new Map(batch.consenters.map(([id, identity]) => [id, Buffer.from(identity)] as const))
  const signatures = newSignatureQueue()
  const context = { keys, signatures, chaincode: batch.chaincode, consenters }
  let before = batch.before
  let from = 0
  const blocks = batch.ends.map(end => {
    const finding = checkBlock(bytes.subarray(from, end), context, before)
    before = 'unreadable' in finding ? '' : finding.commitHash
    from = end
    return finding
  })
  return { blocks, verdicts: signatures.verify(), identities: keys.fresh().map(one => new Uint8Array(one)) }
}

/** A key ring for {@link checkBatch}: one a worker, for all its batches. */
export const newBatchKeys = newKeyRing
