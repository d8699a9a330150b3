import { isSignedBy } from '../membership/signature.ts'
import { joined } from '../wire/joined.ts'
import { checkBlock } from './block-check.ts'
import type { BlockFinding, UnreadableBlock } from './finding.ts'
import type { KeyRing } from './key-ring.ts'
import { newSignatureQueue, type WaitingSignature } from './signature-queue.ts'

/** Blocks one after another, as they travel to a thread: their bytes put together, and where each ends. */
export interface BlockBatch {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly ends: readonly number[]
  /** Hex of the commit hash of the block before. */
  readonly before: string
  /** Numbers and serialized identities of the channel's BFT orderers. */
  readonly consenters: readonly (readonly [number, Uint8Array])[]
  readonly chaincode: string
}

/** What was found of a batch beside its signatures. */
export interface BlockFindings {
  readonly blocks: readonly (BlockFinding | UnreadableBlock)[]
  /** Identities that were met for the first time, in the order of their handles. */
  readonly identities: readonly Uint8Array[]
}

/** What was found of a batch. */
export interface BatchFinding extends BlockFindings {
  /** 1 for each of its signatures that holds, else 0. */
  readonly verdicts: Uint8Array
}

/** A batch taken apart. */
export interface OpenBatch {
  readonly findings: BlockFindings
  /** What is to be verified; good as long as the bytes of the batch are. */
  readonly signatures: readonly WaitingSignature[]
}

/** Looks at the blocks of a batch, without verifying signatures. */
export const openBatch = (batch: BlockBatch, keys: KeyRing): OpenBatch => {
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
  const identities = keys.fresh().map(one => new Uint8Array(one))
  return { findings: { blocks, identities }, signatures: signatures.waiting }
}

/** Looks at the blocks of a batch and verifies their signatures. */
export const checkBatch = (batch: BlockBatch, keys: KeyRing): BatchFinding => {
  const { findings, signatures } = openBatch(batch, keys)
  const verdicts = new Uint8Array(signatures.length)
  for (const [at, { signer, parts, signature }] of signatures.entries())
    verdicts[at] = signer.key !== undefined && isSignedBy(signer.key, joined(...parts), signature) ? 1 : 0
  return { ...findings, verdicts }
}
