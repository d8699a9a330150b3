import { common } from '@hyperledger/fabric-protos'
import { metadataIndex, parseBlock } from '../chain/block.ts'
import { envelopeTypes, parseEnvelope } from '../chain/envelope.ts'
import { parseMetadata } from '../chain/metadata.ts'
import { readChannelConfig } from '../policy/channel-config.ts'
import { decoded } from '../wire/exact.ts'
import type { BlockBatch } from './batch.ts'

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
