import { ClassicLevel } from 'classic-level'
import { newBlockLocations } from './block-locations.ts'
import type { BlockLocation, BlockLocations } from './block-locations.ts'
import { corrupt } from './corrupt.ts'
import type { Height } from './height.ts'
import {
  blockKey,
  blockNumber,
  blockRange,
  historyHeight,
  historyKey,
  historyRange,
  locationValue,
  policiesKey,
  policiesNamespace,
  policiesRange,
  readLocation,
  savepointKey,
  stateEnd,
  stateKey,
  stateName,
  transactionKey
} from './state-keys.ts'
import { decodeState, encodeState, keyPolicyEntry } from './state-value.ts'
import type { StateValue } from './state-value.ts'

/** One write of a block. */
export interface StateUpdate {
  readonly namespace: string
  readonly key: string
  /** The new state; undefined deletes. */
  readonly state: StateValue | undefined
}

/** Where a transaction stands and what became of it. */
export interface TransactionEntry extends Height {
  readonly code: number
}

/** All that a block changes in the index. */
export interface IndexBatch {
  readonly number: number
  readonly location: BlockLocation
  readonly updates: readonly StateUpdate[]
  /** Every write in order, also those written over within the block. */
  readonly history: readonly { readonly namespace: string; readonly key: string; readonly at: Height }[]
  /** Transactions that are not in the index yet. */
  readonly transactions: ReadonlyMap<string, TransactionEntry>
}

/** A named state of a range. */
export interface NamedState extends StateValue {
  readonly key: string
}

/** A walk over states or history; close it. */
export interface StateCursor<A> {
  readonly next: () => Promise<A | undefined>
  readonly close: () => Promise<void>
}

/** The state as it was at one moment. */
export interface StateView {
  readonly get: (namespace: string, key: string) => StateValue | undefined
  /** States from `start` to `end` (left out) in the order of their bytes; an empty end is the end of the namespace. */
  readonly range: (namespace: string, start: string, end: string) => StateCursor<NamedState>
  /** Where a state was written, newest first. */
  readonly history: (namespace: string, key: string) => StateCursor<Height>
  readonly close: () => Promise<void>
}

/** Current state, history and transactions: an index over the blocks, rebuilt from them at any time. */
export interface StateStore extends Omit<StateView, 'close'> {
  /** A view that later commits do not change. */
  readonly snapshot: () => StateView
  readonly transaction: (txId: string) => TransactionEntry | undefined
  /** Whether keys of a namespace have endorsement policies of their own, or had: else nobody need look. */
  readonly hasKeyPolicies: (namespace: string) => boolean
  /** Number of the last block in the index plus one. */
  readonly savepoint: () => number
  /** Where the blocks stand that are in the index; throws `network-corrupt` where one is missing. */
  readonly blockLocations: () => Promise<BlockLocations>
  readonly commit: (batch: IndexBatch) => Promise<void>
  /** Forgets everything, to be built again. */
  readonly clear: () => Promise<void>
  readonly close: () => Promise<void>
}

type Level = ClassicLevel<Buffer, Buffer>
type LevelSnapshot = ReturnType<Level['snapshot']>
const binary = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const

const reading = (snapshot: LevelSnapshot | undefined): { readonly snapshot?: LevelSnapshot } =>
  snapshot === undefined ? {} : { snapshot }

const getState = (
  db: Level,
  snapshot: LevelSnapshot | undefined,
  namespace: string,
  key: string
): StateValue | undefined => {
  const value = db.getSync(stateKey(namespace, key), { ...binary, ...reading(snapshot) })
  return value === undefined ? undefined : decodeState(value)
}

const rangeOf = (
  db: Level,
  snapshot: LevelSnapshot | undefined,
  namespace: string,
  start: string,
  end: string
): StateCursor<NamedState> => {
  const lt = end === '' ? stateEnd(namespace) : stateKey(namespace, end)
  const iterator = db.iterator({ ...binary, ...reading(snapshot), gte: stateKey(namespace, start), lt })
  return {
    next: async () => {
      const entry = await iterator.next()
      return entry === undefined ? undefined : { key: stateName(namespace, entry[0]), ...decodeState(entry[1]) }
    },
    close: () => iterator.close()
  }
}

const historyOf = (
  db: Level,
  snapshot: LevelSnapshot | undefined,
  namespace: string,
  key: string
): StateCursor<Height> => {
  const iterator = db.keys({ ...binary, ...reading(snapshot), ...historyRange(namespace, key) })
  return {
    next: async () => {
      const entry = await iterator.next()
      return entry === undefined ? undefined : historyHeight(entry)
    },
    close: () => iterator.close()
  }
}

const viewOf = (db: Level): StateView => {
  const snapshot = db.snapshot()
  return {
    get: (namespace, key) => getState(db, snapshot, namespace, key),
    range: (namespace, start, end) => rangeOf(db, snapshot, namespace, start, end),
    history: (namespace, key) => historyOf(db, snapshot, namespace, key),
    close: () => snapshot.close()
  }
}

const transactionOf = (db: Level, txId: string): TransactionEntry | undefined => {
  const value = db.getSync(transactionKey(txId), binary)
  if (value === undefined) return undefined
  return { block: Number(value.readBigUInt64BE(0)), tx: value.readUInt32BE(8), code: value.readUInt8(12) }
}

const transactionValue = (entry: TransactionEntry): Buffer => {
  const out = Buffer.allocUnsafe(13)
  out.writeBigUInt64BE(BigInt(entry.block), 0)
  out.writeUInt32BE(entry.tx, 8)
  out.writeUInt8(entry.code, 12)
  return out
}

const commit = async (db: Level, guarded: Set<string>, batch: IndexBatch): Promise<void> => {
  const chained = db.batch()
  const fresh = new Set<string>()
  for (const { namespace, key, state } of batch.updates) {
    if (state?.metadata.has(keyPolicyEntry) === true && !guarded.has(namespace)) {
      fresh.add(namespace)
      chained.put(policiesKey(namespace), Buffer.alloc(0), binary)
    }
    if (state === undefined) chained.del(stateKey(namespace, key), binary)
    else chained.put(stateKey(namespace, key), encodeState(state), binary)
  }
  for (const { namespace, key, at } of batch.history)
    chained.put(historyKey(namespace, key, at), Buffer.alloc(0), binary)
  for (const [txId, entry] of batch.transactions) chained.put(transactionKey(txId), transactionValue(entry), binary)
  chained.put(blockKey(batch.number), locationValue(batch.location), binary)
  const height = Buffer.allocUnsafe(8)
  height.writeBigUInt64BE(BigInt(batch.number + 1))
  chained.put(savepointKey, height, binary)
  await chained.write()
  for (const namespace of fresh) guarded.add(namespace)
}

const locationsAtOnce = 10_000

// Every block leaves its location in the same batch as its writes: a batch that LevelDB silently dropped because
// its log was damaged shows as a gap.
const blockLocations = async (db: Level, savepoint: number): Promise<BlockLocations> => {
  const found = newBlockLocations()
  const iterator = db.iterator({ ...binary, ...blockRange, highWaterMarkBytes: locationsAtOnce * 64 })
  try {
    for (let entries = await iterator.nextv(locationsAtOnce); entries.length > 0;) {
      for (const [key, value] of entries) {
        if (blockNumber(key) !== found.count()) throw corrupt(`The index has lost block ${found.count()}.`)
        found.push(readLocation(value))
      }
      entries = await iterator.nextv(locationsAtOnce)
    }
  } finally {
    await iterator.close()
  }
  if (found.count() !== savepoint) throw corrupt('The index has lost blocks at its end.')
  return found
}

/** Opens the index in a folder. */
export const openStateStore = async (dir: string): Promise<StateStore> => {
  const db: Level = new ClassicLevel<Buffer, Buffer>(dir, { ...binary, cacheSize: 32 * 1024 * 1024 })
  await db.open()
  const guarded = new Set((await db.keys({ ...binary, ...policiesRange }).all()).map(policiesNamespace))
  const savepoint = (): number => {
    const value = db.getSync(savepointKey, binary)
    return value === undefined ? 0 : Number(value.readBigUInt64BE())
  }
  return {
    get: (namespace, key) => getState(db, undefined, namespace, key),
    range: (namespace, start, end) => rangeOf(db, undefined, namespace, start, end),
    history: (namespace, key) => historyOf(db, undefined, namespace, key),
    snapshot: () => viewOf(db),
    transaction: txId => transactionOf(db, txId),
    hasKeyPolicies: namespace => guarded.has(namespace),
    savepoint,
    blockLocations: () => blockLocations(db, savepoint()),
    commit: batch => commit(db, guarded, batch),
    clear: async () => {
      guarded.clear()
      await db.clear()
    },
    close: () => db.close()
  }
}
