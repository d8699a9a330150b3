import { dataHashOf, metadataIndex, parseBlock, type RawBlock } from '../chain/block.ts'
import { parseSignatureHeader } from '../chain/envelope.ts'
import { headerBytes, headerHash } from '../chain/header.ts'
import {
  identifierIn,
  lastConfigIn,
  lastConfigNumber,
  parseMetadata,
  type MetadataSignature
} from '../chain/metadata.ts'
import { validationCodes as Code } from '../chain/validation-code.ts'
import { none } from '../wire/fields.ts'
import type { BlockFinding, FoundSignature, UnreadableBlock } from './finding.ts'
import { checkTransaction, type CheckContext, type CheckedTransaction } from './transaction-check.ts'
import { commitHashOf } from './update-bytes.ts'

/** What a block is looked at with. */
export interface BlockContext extends CheckContext {
  /** Serialized identities of the channel's BFT orderers by their number; empty on any other channel. */
  readonly consenters: ReadonlyMap<number, Buffer>
}

const signerOf = (signature: MetadataSignature, { consenters }: BlockContext): Buffer | undefined => {
  if (signature.header.length > 0) return parseSignatureHeader(signature.header)?.creator
  const identifier = identifierIn(signature.identifier)
  return identifier === undefined ? undefined : consenters.get(identifier)
}

const checkSignature = (
  signature: MetadataSignature,
  value: Buffer,
  header: Buffer,
  context: BlockContext
): FoundSignature => {
  const serialized = signerOf(signature, context)
  if (serialized === undefined) return { signer: -1, verdict: -1 }
  const signer = context.keys.of(serialized)
  const about = signature.header.length > 0 ? signature.header : signature.identifier
  const waiting = { signer, parts: [value, about, header], signature: signature.signature }
  return { signer: signer.handle, verdict: context.signatures.add(waiting) }
}

type MetadataFinding = Pick<
  BlockFinding,
  'signatures' | 'metadataProblems' | 'lastConfig' | 'unsigned' | 'flags' | 'commitHash'
>

const entry = (block: RawBlock, index: number): Buffer => block.metadata[index] ?? none

// Older orderers say the number of the last configuration a second time, signed by itself.
const legacyProblem = (block: RawBlock, lastConfig: number | undefined): string | undefined => {
  const bytes = entry(block, metadataIndex.lastConfig)
  if (bytes.length === 0) return undefined
  const metadata = parseMetadata(bytes)
  return metadata !== undefined && lastConfigNumber(metadata.value) === (lastConfig ?? 0)
    ? undefined
    : 'its LAST_CONFIG does not say what the orderers signed'
}

const unsignedEntries = (block: RawBlock): readonly string[] =>
  block.metadata.flatMap((bytes, index) => {
    if (bytes.length === 0) return []
    if (index === metadataIndex.transactionsFilter) return ['TRANSACTIONS_FILTER']
    if (index === metadataIndex.commitHash) return ['COMMIT_HASH']
    if (index === metadataIndex.lastConfig) return ['LAST_CONFIG']
    return index === metadataIndex.signatures ? [] : [`metadata ${index}`]
  })

const lastIndex = Math.max(...Object.values(metadataIndex))

const commitHashIn = (block: RawBlock): string | undefined => {
  const bytes = entry(block, metadataIndex.commitHash)
  if (bytes.length === 0) return ''
  const metadata = parseMetadata(bytes)
  return metadata?.signatures.length === 0 ? metadata.value.toString('hex') : undefined
}

const checkMetadata = (block: RawBlock, header: Buffer, context: BlockContext): MetadataFinding => {
  const signed = entry(block, metadataIndex.signatures)
  const metadata = signed.length === 0 ? { value: none, signatures: [] } : parseMetadata(signed)
  const lastConfig = metadata === undefined ? undefined : lastConfigIn(metadata.value)
  const commitHash = commitHashIn(block)
  const problems = [
    metadata === undefined ? 'its SIGNATURES cannot be read' : undefined,
    legacyProblem(block, lastConfig),
    commitHash === undefined ? 'its COMMIT_HASH cannot be read' : undefined,
    entry(block, metadataIndex.orderer).length > 0 ? 'its ORDERER metadata is not empty' : undefined,
    block.metadata.length > lastIndex + 1 ? 'it has metadata that Fabric does not know' : undefined
  ].flatMap(problem => problem ?? [])
  return {
    signatures: (metadata?.signatures ?? []).map(one => checkSignature(one, metadata?.value ?? none, header, context)),
    metadataProblems: problems,
    lastConfig,
    unsigned: unsignedEntries(block),
    flags: Buffer.from(entry(block, metadataIndex.transactionsFilter)),
    commitHash: commitHash ?? ''
  }
}

const commitHolds = (
  block: RawBlock,
  { flags, commitHash }: MetadataFinding,
  checked: readonly CheckedTransaction[],
  before: string
): boolean | undefined => {
  if (commitHash === '') return undefined
  const valid = checked.flatMap(({ sets }, place) => (flags[place] === Code.VALID ? [{ place, sets }] : []))
  const expected = commitHashOf(block.number, flags, valid, Buffer.from(before, 'hex'))
  return expected === undefined ? undefined : expected.toString('hex') === commitHash
}

/**
 * Looks at a serialized block: everything that can be told of it from its own bytes and the commit hash of the block
 * before, which is where an audit spends its time.
 */
export const checkBlock = (bytes: Buffer, context: BlockContext, before: string): BlockFinding | UnreadableBlock => {
  const block = parseBlock(bytes)
  if (block === undefined) return { unreadable: true }
  const header = headerBytes(block)
  const metadata = checkMetadata(block, header, context)
  const checked = block.data.map(envelope => checkTransaction(context, envelope))
  return {
    number: block.number,
    hash: headerHash(block).toString('hex'),
    previousHash: block.previousHash.toString('hex'),
    dataHashHolds: dataHashOf(block).equals(block.dataHash),
    exact: block.exact,
    ...metadata,
    commitHashHolds: commitHolds(block, metadata, checked, before),
    transactions: checked.map(({ finding }) => finding),
    verified: checked.reduce((sum, { verified }) => sum + verified, metadata.signatures.length)
  }
}
