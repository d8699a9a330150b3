import { metadataIndex, parseBlock } from '../chain/block.ts'
import { envelopeTypes, parseEnvelope } from '../chain/envelope.ts'
import { parseMetadata } from '../chain/metadata.ts'
import { common } from '@hyperledger/fabric-protos'
import { readChannelConfig } from '../policy/channel-config.ts'
import { decoded } from '../wire/exact.ts'
import { checkBlock } from './block-check.ts'
import type { BlockFinding, UnreadableBlock } from './finding.ts'
import { newKeyRing, type KeyRing } from './key-ring.ts'

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
  /** Identities that it met for the first time, in the order of their handles. */
  readonly identities: readonly Uint8Array[]
}

/** Looks at the blocks of a batch. */
export const checkBatch = (batch: BlockBatch, keys: KeyRing): BatchFinding => {
  const bytes = Buffer.from(batch.bytes.buffer, batch.bytes.byteOffset, batch.bytes.length)
  const consenters = new Map(batch.consenters.map(([id, identity]) => [id, Buffer.from(identity)] as const))
  const context = { keys, chaincode: batch.chaincode, consenters }
  let before = batch.before
  let from = 0
  const blocks = batch.ends.map(end => {
    const finding = checkBlock(bytes.subarray(from, end), context, before)
    before = 'unreadable' in finding ? '' : finding.commitHash
    from = end
    return finding
  })
  return { blocks, identities: keys.fresh().map(one => new Uint8Array(one)) }
}

/** A key ring for {@link checkBatch}: one a worker, for all its batches. */
export const newBatchKeys = newKeyRing

/** What the following blocks are looked at with, read from the blocks as they are handed out. */
export interface Outlook {
  readonly before: string
  readonly consenters: BlockBatch['consenters']
}

const noConsenters: Outlook['consenters'] = []

/** The outlook before the first block. */
export const firstOutlook: Outlook = { before: '', consenters: noConsenters }

const consentersIn = (envelope: Buffer): Outlook['consenters'] | undefined => {
  const parsed = parseEnvelope(envelope)
  if (typeof parsed === 'number' || parsed.type !== envelopeTypes.config) return undefined
  const message = decoded(common.ConfigEnvelope, parsed.data)?.getConfig()
  const config = message === undefined ? undefined : readChannelConfig(message)
  if (config?.consensus !== 'BFT') return noConsenters
  return config.consenters.map(({ id, identity }) => [id, new Uint8Array(identity)] as const)
}

/** The outlook behind a block. */
export const outlookBehind = (bytes: Uint8Array, outlook: Outlook): Outlook => {
  const block = parseBlock(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
  if (block === undefined) return { ...outlook, before: '' }
  const commitHash = block.metadata[metadataIndex.commitHash]
  const before = commitHash === undefined || commitHash.length === 0 ? undefined : parseMetadata(commitHash)
  const [only] = block.data
  const consenters = block.data.length === 1 && only !== undefined ? consentersIn(only) : undefined
  return { before: before?.value.toString('hex') ?? '', consenters: consenters ?? outlook.consenters }
}
