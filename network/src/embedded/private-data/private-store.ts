import { status } from '@grpc/grpc-js'
import type { ClassicLevel } from 'classic-level'
import { sha256 } from '../../protobuf/messages.ts'
import { rpcError } from '../rpc-error.ts'
import { hashOfKey, type Collection } from './collection.ts'
import { newErasure } from './erasure.ts'
import { openLevel } from './open-level.ts'
import { newPendingTransactions, type PendingLimits } from './pending-transactions.ts'
import {
  erasureKey,
  nameBeside,
  nameKey,
  nameOf,
  nameRange,
  pendingKey,
  pendingRange,
  pendingTransaction,
  prefixOf,
  rangeOf,
  transactionOf,
  valueKey,
  valuesPrefix,
  type WrittenHash
} from './private-keys.ts'
import { decodeEntry, decodePending, encodeEntry, encodePending, type PrivateEntry } from './private-value.ts'

/** What an execution wrote under a key of a collection. */
export interface PrivateWrite extends PrivateEntry {
  readonly collection: Collection
}

/** A key that a transaction purges. */
export interface PurgedKey {
  readonly collection: Collection
  readonly keyHash: Uint8Array
}

/** What became of the private part of a transaction that stands in a block. */
export interface Settlement {
  readonly txId: string
  /** What it wrote, by hashes, whether it is valid or not. */
  readonly written: readonly WrittenHash[]
  readonly purged: readonly PurgedKey[]
}

/** How a store of private data is opened. */
export interface PrivateStoreOptions {
  readonly dir: string
  /** What a transaction wrote that stands in a block, by hashes; undefined where it stands in none. */
  readonly committed: (txId: string) => Promise<readonly WrittenHash[] | undefined>
  readonly limits?: Partial<PendingLimits> | undefined
}

/** A walk over the keys of a collection; close it. */
export interface NameCursor {
  readonly next: () => Promise<string | undefined>
  readonly close: () => Promise<void>
}

/**
 * What stands in private collections, which blocks hold the hashes of. Unlike the index it cannot be built again: what is
 * kept is durable before anybody learns of the endorsement, and so before its transaction can be in a block.
 */
export interface PrivateStore {
  /** Keeps what a transaction wrote. Rejects as the disk does, and with an RpcError where too much waits for its block. */
  readonly keep: (txId: string, writes: readonly PrivateWrite[]) => Promise<void>
  /** What a transaction wrote under a key; undefined where it is not here or is damaged. */
  readonly get: (written: WrittenHash, txId: string) => PrivateEntry | undefined
  /** Keys of a collection in the order of their bytes, also those whose values do not count. */
  readonly keys: (collection: Collection, start: string, end: string) => NameCursor
  /**
   * The transactions of a block, in order: keeps of each what stands in the block and forgets all else of it, and deletes
   * what is purged, as far as a transaction in a block up to there wrote it. May be called again for the same block.
   */
  readonly settle: (
    transactions: readonly Settlement[],
    isBefore: (txId: string, tx: number) => boolean
  ) => Promise<void>
  /** Settles what waits for a transaction that stands in a block already: the process ended in between. */
  readonly reconcile: () => Promise<void>
  /** Resolves when what was deleted is erased from the files. */
  readonly erased: () => Promise<void>
  readonly close: () => Promise<void>
}

const binary = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const
type Level = ClassicLevel<Buffer, Buffer>

const hashesOf = ({ collection, key, value }: PrivateWrite): WrittenHash => ({
  collection,
  keyHash: hashOfKey(key),
  valueHash: value === undefined ? undefined : sha256(value)
})

// A machine's clock may be set while values wait for their block: they are not older for it.
const steadyNow = (): number => Math.round(performance.timeOrigin + performance.now())

const readPending = async (
  db: Level,
  limits: Partial<PendingLimits>
): Promise<ReturnType<typeof newPendingTransactions>> => {
  const pending = newPendingTransactions(limits)
  const found = await db.iterator({ ...binary, ...pendingRange }).all()
  const read = found.flatMap(([key, value]) => {
    const entry = decodePending(value)
    return entry === undefined ? [] : [[pendingTransaction(key), entry] as const]
  })
  // Written by a clock that was ahead: nothing waits since a time to come.
  const now = steadyNow()
  for (const [txId, entry] of read.sort((a, b) => a[1].at - b[1].at))
    pending.add(txId, { ...entry, at: Math.min(entry.at, now) })
  return pending
}

interface Put {
  readonly entries: readonly (readonly [Buffer, Buffer])[]
  readonly keys: readonly Buffer[]
  readonly bytes: number
}

const putOf = (txId: string, writes: readonly PrivateWrite[]): Put => {
  const values = writes.map(entry => [valueKey(hashesOf(entry), txId), encodeEntry(entry)] as const)
  const names = writes.map(({ collection, key }) => [nameKey(collection, key), Buffer.alloc(0)] as const)
  const bytes = values.reduce((sum, [key, value]) => sum + 2 * key.length + value.length, 0)
  return { entries: [...values, ...names], keys: values.map(([key]) => key), bytes }
}

/** Opens the store of private data in a folder. */
export const openPrivateStore = async (options: PrivateStoreOptions): Promise<PrivateStore> => {
  const db: Level = await openLevel(options.dir)
  const pending = await readPending(db, options.limits ?? {})
  const cursors = new Set<Promise<unknown>>()
  const erasure = await newErasure(db, () => Promise.all([...cursors]))
  const keeping = new Set<Promise<unknown>>()
  let gate: Promise<unknown> = Promise.resolve()

  /** Deletes while nothing is being kept: the name of a key goes with its last value. */
  const alone = (act: () => Promise<void>): Promise<void> => {
    const work = gate.then(async () => {
      await Promise.all([...keeping])
      await act()
    })
    gate = work.catch(() => undefined)
    return work
  }

  /** Deletes values, the names that nothing else bears, and notes of transactions that waited. */
  const remove = async (values: readonly Buffer[], txIds: readonly string[], erase: boolean): Promise<void> => {
    const gone = new Map(values.map(key => [key.toString('latin1'), key] as const))
    const prefixes = new Map(values.map(key => [prefixOf(key).toString('latin1'), key] as const))
    const keys = [...gone.values(), ...txIds.map(pendingKey)]
    for (const one of prefixes.values()) {
      const all = await db.keys({ ...binary, ...rangeOf(prefixOf(one)) }).all()
      const entry = decodeEntry(db.getSync(one, binary))
      if (entry !== undefined && all.every(key => gone.has(key.toString('latin1'))))
        keys.push(nameBeside(one, entry.key))
    }
    const batch = db.batch()
    for (const key of keys) batch.del(key, binary)
    const erased = erase ? [...prefixes.values()].map(prefixOf) : []
    for (const prefix of erased) batch.put(erasureKey(prefix), Buffer.alloc(0), binary)
    // A purge is durable before the index knows of it; what else goes is found again at the next start.
    await batch.write({ sync: erase })
    erasure.begin(erased)
  }

  /** What a transaction that waited left and that does not stand in a block. */
  const leftovers = (txId: string, written: readonly WrittenHash[]): readonly Buffer[] => {
    const stands = new Set(written.map(hashes => valueKey(hashes, txId).toString('latin1')))
    return (pending.take(txId)?.keys ?? []).filter(key => !stands.has(key.toString('latin1')))
  }

  const release = async (txIds: readonly string[]): Promise<void> => {
    const values: Buffer[] = []
    for (const txId of txIds) values.push(...leftovers(txId, (await options.committed(txId)) ?? []))
    if (txIds.length > 0) await remove(values, txIds, false)
  }

  const write = async (txId: string, put: Put): Promise<void> => {
    if (!pending.hasRoom(put.bytes))
      throw rpcError(
        status.RESOURCE_EXHAUSTED,
        'too much private data waits for transactions that were endorsed and not submitted'
      )
    const entry = pending.add(txId, { at: steadyNow(), bytes: put.bytes, keys: put.keys })
    const batch = db.batch()
    for (const [key, value] of put.entries) batch.put(key, value, binary)
    batch.put(pendingKey(txId), encodePending(entry), binary)
    try {
      await batch.write({ sync: true })
    } catch (error) {
      pending.take(txId)
      throw error
    }
  }

  const keep: PrivateStore['keep'] = async (txId, writes) => {
    if (writes.length === 0) return
    const put = putOf(txId, writes)
    const over = pending.expired(steadyNow(), put.bytes)
    if (over.length > 0) await alone(() => release(over))
    for (let seen: unknown; seen !== gate;) {
      seen = gate
      await gate
    }
    const work = write(txId, put)
    const settled = work.catch(() => undefined)
    keeping.add(settled)
    try {
      await work
    } finally {
      keeping.delete(settled)
    }
  }

  const settle: PrivateStore['settle'] = async (transactions, isBefore) => {
    const waited = transactions.filter(({ txId }) => pending.has(txId))
    const purges = transactions.flatMap(({ purged }, tx) => purged.map(key => ({ ...key, tx })))
    if (waited.length === 0 && purges.length === 0) return
    await alone(async () => {
      const values = waited.flatMap(({ txId, written }) => leftovers(txId, written))
      if (waited.length > 0)
        await remove(
          values,
          waited.map(({ txId }) => txId),
          false
        )
      const purged: Buffer[] = []
      for (const { collection, keyHash, tx } of purges) {
        const all = await db.keys({ ...binary, ...rangeOf(valuesPrefix(collection, keyHash)) }).all()
        purged.push(...all.filter(key => isBefore(transactionOf(key), tx)))
      }
      if (purged.length > 0) await remove(purged, [], true)
    })
  }

  const keys: PrivateStore['keys'] = (collection, start, end) => {
    const iterator = db.keys({ ...binary, ...nameRange(collection, start, end) })
    let over = (): void => undefined
    const closed = new Promise<void>(resolve => {
      over = resolve
    })
    cursors.add(closed)
    return {
      next: async () => {
        const key = await iterator.next()
        return key === undefined ? undefined : nameOf(collection, key)
      },
      close: async () => {
        await iterator.close()
        cursors.delete(closed)
        over()
      }
    }
  }

  return {
    keep,
    get: (written, txId) => decodeEntry(db.getSync(valueKey(written, txId), binary)),
    keys,
    settle,
    reconcile: () =>
      alone(async () => {
        const inBlocks: string[] = []
        for (const txId of pending.all()) if ((await options.committed(txId)) !== undefined) inBlocks.push(txId)
        await release(inBlocks)
      }),
    erased: erasure.done,
    close: async () => {
      await gate
      await Promise.all([...keeping])
      await erasure.done()
      await db.close()
    }
  }
}
