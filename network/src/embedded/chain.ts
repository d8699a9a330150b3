import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { common, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { isBimsError } from '@bims/core'
import { commitHashOf, flagsOf, headerHash, newBlock, nextCommitHash } from './block.ts'
import { newBlockLocations } from './block-locations.ts'
import { corrupt } from './corrupt.ts'
import { openBlockStore } from './block-store.ts'
import type { BlockStore } from './block-store.ts'
import { parseAction, parseStored, type ParsedEnvelope } from './envelope.ts'
import { newBlockKeyPolicies, type BlockKeyPolicies } from './block-key-policies.ts'
import { validateReads } from './mvcc.ts'
import { openPrivateStore } from './private-data/private-store.ts'
import type { PrivateStore, PrivateStoreOptions, Settlement } from './private-data/private-store.ts'
import { syncFolder } from '../files/whole-file.ts'
import { purgedKeys, writtenHashes } from './private-data/settlement.ts'
import type { NamespaceSet } from './read-write-set.ts'
import type { Signer } from './signer.ts'
import { openStateStore } from './state-store.ts'
import type { IndexBatch, StateStore, TransactionEntry } from './state-store.ts'
import { newBlockUpdates } from './updates.ts'
import type { BlockUpdates } from './updates.ts'
import type { CheckedTransaction } from './validate.ts'

const Code = peer.TxValidationCode

/** A transaction as it was committed. */
export interface CommittedTransaction {
  readonly txId: string
  readonly block: number
  readonly code: number
}

/** The chain on disk with its index. */
export interface Chain {
  readonly state: StateStore
  readonly privateData: PrivateStore
  readonly height: () => number
  /** The bytes of a block. */
  readonly read: (number: number) => Promise<Uint8Array>
  /** Validates transactions in order and makes a block of them, durable when it resolves. */
  readonly commit: (transactions: readonly CheckedTransaction[]) => Promise<readonly CommittedTransaction[]>
  /** Resolves when the chain is higher than a number, or when the signal is aborted. */
  readonly reached: (number: number, signal: AbortSignal) => Promise<void>
  readonly close: () => Promise<void>
}

/** How a chain is opened. */
export interface ChainOptions {
  readonly dir: string
  /** Orderers that sign each block. */
  readonly signers: readonly Signer[]
  /** Makes the first block where there is none. */
  readonly genesis: () => common.Block
  /** Size of a block file, for tests. */
  readonly fileBytes?: number
}

interface Validated {
  readonly flags: Uint8Array
  readonly updates: BlockUpdates
  readonly batch: Omit<IndexBatch, 'location' | 'updates'>
  /** What became of private data, transaction by transaction. */
  readonly settlements: readonly Settlement[]
}

// Only the first transaction of an id decides what becomes of its private data. An invalid one's is kept, as on a peer.
const settlementOf = (isFirst: boolean, txId: string, code: number, sets: readonly NamespaceSet[]): Settlement =>
  isFirst
    ? { txId, written: writtenHashes(sets), purged: code === Code.VALID ? purgedKeys(sets) : [] }
    : { txId: '', written: [], purged: [] }

type HistoryEntry = IndexBatch['history'][number]

const historyOf = (sets: readonly NamespaceSet[], block: number, tx: number): readonly HistoryEntry[] =>
  sets.flatMap(({ collection, namespace, writes }) =>
    collection !== undefined ? [] : writes.map(({ key }) => ({ namespace, key, at: { block, tx } }))
  )

/** What the transactions of a block so far leave behind for the next. */
interface BlockSoFar {
  readonly updates: BlockUpdates
  readonly keys: BlockKeyPolicies
  /** Ids of those that were endorsed, whatever became of them then. */
  readonly endorsed: Set<string>
}

// In Fabric's order: an id of an earlier block, endorsement, an id of the same block, what was read.
const finalCode = async (
  state: StateStore,
  { endorsed, keys, updates }: BlockSoFar,
  { code, isEndorsed, namespaces, txId }: CheckedTransaction
): Promise<number> => {
  if (code !== Code.VALID) return code
  if (state.transaction(txId) !== undefined) return Code.DUPLICATE_TXID
  if (isEndorsed?.(keys) === false) return Code.ENDORSEMENT_POLICY_FAILURE
  // Whatever becomes of it now, it was endorsed: who writes these keys behind it in the block does so in vain.
  keys.change(namespaces)
  if (endorsed.has(txId)) return Code.DUPLICATE_TXID
  endorsed.add(txId)
  return validateReads(state, updates, namespaces)
}

const validateBlock = async (
  state: StateStore,
  number: number,
  transactions: readonly CheckedTransaction[]
): Promise<Validated> => {
  const updates = newBlockUpdates(state)
  const soFar = { updates, keys: newBlockKeyPolicies(state), endorsed: new Set<string>() }
  const flags = new Uint8Array(transactions.length)
  const entries = new Map<string, TransactionEntry>()
  const history: HistoryEntry[] = []
  const settlements: Settlement[] = []
  for (const [tx, transaction] of transactions.entries()) {
    const { txId, namespaces } = transaction
    const known = txId !== '' && (entries.has(txId) || state.transaction(txId) !== undefined)
    const code = await finalCode(state, soFar, transaction)
    flags[tx] = code
    if (txId !== '' && !known) entries.set(txId, { block: number, tx, code })
    const applied = code === Code.VALID ? namespaces : []
    settlements.push(settlementOf(txId !== '' && !known, txId, code, namespaces))
    updates.apply(applied, { block: number, tx }, txId)
    history.push(...historyOf(applied, number, tx))
  }
  return { flags, updates, settlements, batch: { number, history, transactions: entries } }
}

const namespacesOf = (parsed: ParsedEnvelope): readonly NamespaceSet[] => {
  const action = parseAction(parsed)
  return E.isRight(action) ? action.right.namespaces : []
}

// What a block that is already on disk did to the state: its flags were settled when it was committed.
const replayed = (block: common.Block, state: StateStore): Validated => {
  const number = block.getHeader()?.getNumber() ?? 0
  const flags = flagsOf(block)
  const updates = newBlockUpdates(state)
  const entries = new Map<string, TransactionEntry>()
  const history: HistoryEntry[] = []
  const settlements: Settlement[] = []
  const replay = (parsed: ParsedEnvelope, tx: number): void => {
    const txId = parsed.channel.getTxId()
    const code = flags[tx] ?? Code.INVALID_OTHER_REASON
    const known = txId === '' || entries.has(txId) || state.transaction(txId) !== undefined
    if (!known && keepsId(code)) entries.set(txId, { block: number, tx, code })
    const namespaces = namespacesOf(parsed)
    const applied = code === Code.VALID ? namespaces : []
    updates.apply(applied, { block: number, tx }, txId)
    history.push(...historyOf(applied, number, tx))
    settlements[tx] = settlementOf(!known && keepsId(code), txId, code, namespaces)
  }
  for (const [tx, bytes] of (block.getData()?.getDataList_asU8() ?? []).entries()) {
    const parsed = parseStored(bytes)
    if (parsed === undefined) settlements[tx] = settlementOf(false, '', Code.BAD_PAYLOAD, [])
    else replay(parsed, tx)
  }
  return { flags, updates, settlements, batch: { number, history, transactions: entries } }
}

// An id that was not proven to be the creator's own must not shadow the transaction whose id it is.
const withoutId: readonly number[] = [
  Code.BAD_CREATOR_SIGNATURE,
  Code.BAD_COMMON_HEADER,
  Code.BAD_PROPOSAL_TXID,
  Code.TARGET_CHAIN_NOT_FOUND,
  Code.UNKNOWN_TX_TYPE,
  Code.DUPLICATE_TXID
]
const keepsId = (code: number): boolean => !withoutId.includes(code)

const indexBlock = async (chain: Stores, validated: Validated): Promise<void> => {
  const { number, transactions } = validated.batch
  // Before the index knows the block: whatever ends the process in between, the start does it again.
  await chain.privateData.settle(validated.settlements, (txId, tx) => {
    const entry = transactions.get(txId) ?? chain.state.transaction(txId)
    return entry !== undefined && (entry.block < number || entry.tx <= tx)
  })
  const location = chain.blocks.locate(validated.batch.number)
  if (location === undefined) return
  await chain.state.commit({ ...validated.batch, location, updates: validated.updates.list() })
}

// Where LevelDB cannot open its files any more they are thrown away: all that they hold stands in the blocks.
const openIndex = (dir: string): Promise<StateStore> =>
  openStateStore(dir).catch(async () => {
    await rm(dir, { recursive: true, force: true })
    return openStateStore(dir)
  })

interface Stores {
  readonly state: StateStore
  readonly blocks: BlockStore
  readonly privateData: PrivateStore
}

const openBlocks = async (options: ChainOptions, state: StateStore): Promise<BlockStore> => {
  const more = options.fileBytes === undefined ? {} : { fileBytes: options.fileBytes }
  const dir = join(options.dir, 'blocks')
  const known = await state.blockLocations().catch((error: unknown) => {
    if (isBimsError(error)) return undefined
    throw error
  })
  if (known !== undefined) return openBlockStore({ dir, known, ...more })
  // The index contradicts itself: it is built again, but what it had acknowledged may not be missing.
  const committed = state.savepoint()
  const blocks = await openBlockStore({ dir, known: newBlockLocations(), committed, ...more })
  await state.clear()
  return blocks
}

const openPrivate = async (options: ChainOptions, state: StateStore, blocks: BlockStore): Promise<PrivateStore> => {
  const committed = async (txId: string): ReturnType<PrivateStoreOptions['committed']> => {
    const entry = state.transaction(txId)
    if (entry === undefined) return undefined
    const block = parseBlock(await blocks.read(entry.block))
    const parsed = parseStored(block.getData()?.getDataList_asU8()[entry.tx])
    return parsed === undefined ? [] : writtenHashes(namespacesOf(parsed))
  }
  const opened = await openPrivateStore({ dir: join(options.dir, 'private'), committed }).catch((error: unknown) => {
    throw corrupt('What stands in private collections cannot be read.', error)
  })
  await syncFolder(options.dir)
  return opened
}

const openStores = async (options: ChainOptions): Promise<Stores> => {
  const state = await openIndex(join(options.dir, 'index'))
  let blocks: BlockStore | undefined
  try {
    blocks = await openBlocks(options, state)
    return { state, blocks, privateData: await openPrivate(options, state, blocks) }
  } catch (error) {
    await blocks?.close()
    await state.close()
    throw error
  }
}

const parseBlock = (bytes: Uint8Array): common.Block => common.Block.deserializeBinary(bytes)

interface Tip {
  readonly hash: Uint8Array
  readonly commitHash: Uint8Array
}

const tipOf = (block: common.Block): Tip => {
  const header = block.getHeader()
  return { hash: header === undefined ? new Uint8Array() : headerHash(header), commitHash: commitHashOf(block) }
}

/**
 * Opens the chain in a folder: checks its tail, repairs a torn end, brings the index up to the blocks, and makes the
 * first block where there is none.
 * @throws `network-corrupt`
 */
export const openChain = async (options: ChainOptions): Promise<Chain> => {
  const stores = await openStores(options)
  const { state, blocks, privateData } = stores
  const waiting = new Set<() => void>()
  let tip: Tip

  const append = async (block: common.Block, validated: Validated): Promise<void> => {
    await blocks.append(block.serializeBinary())
    await indexBlock(stores, validated)
    tip = tipOf(block)
    for (const wake of [...waiting]) wake()
  }

  try {
    for (let number = state.savepoint(); number < blocks.height(); number++)
      await indexBlock(stores, replayed(parseBlock(await blocks.read(number)), state))
    await privateData.reconcile()
    if (blocks.height() === 0) {
      const genesis = options.genesis()
      await append(genesis, replayed(genesis, state))
    }
    tip = tipOf(parseBlock(await blocks.read(blocks.height() - 1)))
  } catch (error) {
    await blocks.close()
    await privateData.close()
    await state.close()
    throw error
  }

  const commit: Chain['commit'] = async transactions => {
    const number = blocks.height()
    const validated = await validateBlock(state, number, transactions)
    const block = newBlock({
      number,
      previousHash: tip.hash,
      data: transactions.map(transaction => transaction.envelope),
      flags: validated.flags,
      commitHash: nextCommitHash(validated.flags, validated.updates.bytes(), tip.commitHash),
      signers: options.signers
    })
    await append(block, validated)
    return transactions.map(({ txId }, tx) => ({
      txId,
      block: number,
      code: validated.flags[tx] ?? Code.NOT_VALIDATED
    }))
  }

  const reached: Chain['reached'] = (number, signal) =>
    new Promise(resolve => {
      const done = (): void => {
        if (blocks.height() <= number && !signal.aborted) return
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      waiting.add(done)
      signal.addEventListener('abort', done)
      done()
    })

  return {
    state,
    privateData,
    height: () => blocks.height(),
    read: number => blocks.read(number),
    commit,
    reached,
    close: async () => {
      await blocks.close()
      await privateData.close()
      await state.close()
    }
  }
}
