import { crc32 } from 'node:zlib'
import { ClassicLevel } from 'classic-level'
import { hashOfKey, type Collection } from './collection.ts'
import {
  nameKey,
  nameOf,
  nameRange,
  pendingKey,
  pendingRange,
  readPendingKey,
  transactionOf,
  valueKey,
  valuesPrefix
} from './private-keys.ts'

/** A value that an execution wrote into a collection. */
export interface PrivateWrite {
  readonly collection: Collection
  readonly key: string
  readonly value: Uint8Array
}

/** A key and its value as they were written. */
export interface PrivateEntry {
  readonly key: string
  readonly value: Uint8Array
}

/** A key that is purged. */
export interface PurgedKey {
  readonly collection: Collection
  readonly keyHash: Uint8Array
}

/**
 * What stands in private collections, which blocks hold the hashes of. Unlike the index it cannot be built again: what is
 * kept is durable before anybody learns of the endorsement, and so before its transaction can be in a block.
 */
export interface PrivateStore {
  /** Keeps what a transaction wrote. Rejects as the disk does, and `Error` where too much waits for its block. */
  readonly keep: (txId: string, height: number, writes: readonly PrivateWrite[]) => Promise<void>
  /** What a transaction wrote under a key, by its hash; undefined where it is not here or is damaged. */
  readonly get: (collection: Collection, keyHash: Uint8Array, txId: string) => PrivateEntry | undefined
  /** Keys of a collection in the order of their bytes, also those whose values are gone. */
  readonly keys: (
    collection: Collection,
    start: string,
    end: string
  ) => { readonly next: () => Promise<string | undefined>; readonly close: () => Promise<void> }
  /** Erases all values of keys that transactions wrote which are told by `erased`. */
  readonly purge: (keys: readonly PurgedKey[], erased: (txId: string) => boolean) => Promise<void>
  /** Transactions have come into a block, or never will: what never will is erased. */
  readonly settle: (height: number, isCommitted: (txId: string) => boolean) => Promise<void>
  readonly close: () => Promise<void>
}

const binary = { keyEncoding: 'buffer', valueEncoding: 'buffer' } as const
type Level = ClassicLevel<Buffer, Buffer>

/** After so many blocks an endorsement that was not submitted is forgotten, as in Fabric (`transientstoreMaxBlockRetention`). */
const retention = 20_000
/** Bytes that may wait for their blocks. */
const maxPendingBytes = 512 * 1024 * 1024
/** How often it is looked for what waits in vain, in blocks. */
const settleEvery = 1000

const encode = (key: string, value: Uint8Array): Buffer => {
  const name = Buffer.from(key)
  const out = Buffer.allocUnsafe(8 + name.length + value.length)
  out.writeUInt32BE(name.length, 4)
  out.set(name, 8)
  out.set(value, 8 + name.length)
  out.writeUInt32BE(crc32(out.subarray(4)), 0)
  return out
}

const decode = (bytes: Buffer | undefined): PrivateEntry | undefined => {
  if (bytes === undefined || bytes.length < 8 || crc32(bytes.subarray(4)) !== bytes.readUInt32BE(0)) return undefined
  const end = 8 + bytes.readUInt32BE(4)
  return { key: bytes.toString('utf8', 8, end), value: bytes.subarray(end) }
}

// The keys of the values of one transaction, each with its length before it.
const joined = (keys: readonly Buffer[]): Buffer =>
  Buffer.concat(
    keys.flatMap(key => {
      const head = Buffer.allocUnsafe(4)
      head.writeUInt32BE(key.length)
      return [head, key]
    })
  )

const parted = (bytes: Buffer): readonly Buffer[] => {
  const keys: Buffer[] = []
  for (let at = 0; at + 4 <= bytes.length;) {
    const end = at + 4 + bytes.readUInt32BE(at)
    keys.push(bytes.subarray(at + 4, end))
    at = end
  }
  return keys
}

const keysWithin = async (db: Level, prefix: Buffer): Promise<readonly Buffer[]> =>
  db.keys({ ...binary, gte: prefix, lt: Buffer.concat([prefix, Buffer.of(0xff)]) }).all()

/** Opens the store of private data in a folder. */
export const openPrivateStore = async (dir: string): Promise<PrivateStore> => {
  const db: Level = new ClassicLevel<Buffer, Buffer>(dir, { ...binary })
  await db.open()
  let pendingBytes = 0
  let settledAt = 0

  const keep: PrivateStore['keep'] = async (txId, height, writes) => {
    if (writes.length === 0) return
    const bytes = writes.reduce((sum, { value }) => sum + value.length, 0)
    if (pendingBytes + bytes > maxPendingBytes)
      throw new Error('too much private data waits for transactions that were endorsed and not submitted')
    pendingBytes += bytes
    const batch = db.batch()
    const keys: Buffer[] = []
    for (const { collection, key, value } of writes) {
      const at = valueKey(collection, hashOfKey(key), txId)
      keys.push(at)
      batch.put(at, encode(key, value), binary)
      batch.put(nameKey(collection, key), Buffer.alloc(0), binary)
    }
    batch.put(pendingKey(height, txId), joined(keys), binary)
    await batch.write({ sync: true })
  }

  const eraseNames = async (
    collection: Collection,
    keyHash: Uint8Array,
    erased: readonly Buffer[]
  ): Promise<Buffer[]> => {
    const all = await keysWithin(db, valuesPrefix(collection, keyHash))
    const entry = decode(db.getSync(erased[0] ?? Buffer.alloc(0), binary))
    return all.length === erased.length && entry !== undefined ? [nameKey(collection, entry.key)] : []
  }

  const purge: PrivateStore['purge'] = async (keys, erased) => {
    const gone: Buffer[] = []
    for (const { collection, keyHash } of keys) {
      const prefix = valuesPrefix(collection, keyHash)
      const values = (await keysWithin(db, prefix)).filter(key => erased(transactionOf(key, prefix)))
      if (values.length > 0) gone.push(...values, ...(await eraseNames(collection, keyHash, values)))
    }
    if (gone.length === 0) return
    await db.batch(
      gone.map(key => ({ type: 'del' as const, key })),
      { ...binary, sync: true }
    )
    // LevelDB keeps what was deleted until it rewrites the files that hold it.
    const [first, last] = [gone.reduce(lesser), gone.reduce(greater)]
    await db.compactRange(first, Buffer.concat([last, Buffer.of(0)]), binary)
  }

  const settle: PrivateStore['settle'] = async (height, isCommitted) => {
    if (settledAt !== 0 && height < settledAt + settleEvery) return
    settledAt = height
    pendingBytes = 0
    for await (const [key, value] of db.iterator({ ...binary, ...pendingRange })) {
      const { height: endorsed, txId } = readPendingKey(key)
      const committed = isCommitted(txId)
      if (!committed && endorsed + retention > height) {
        for (const at of parted(value)) pendingBytes += db.getSync(at, binary)?.length ?? 0
        continue
      }
      const gone = committed ? [key] : [key, ...parted(value)]
      await db.batch(
        gone.map(one => ({ type: 'del' as const, key: one })),
        binary
      )
    }
  }

  return {
    keep,
    get: (collection, keyHash, txId) => decode(db.getSync(valueKey(collection, keyHash, txId), binary)),
    keys: (collection, start, end) => {
      const iterator = db.keys({ ...binary, ...nameRange(collection, start, end) })
      return {
        next: async () => {
          const key = await iterator.next()
          return key === undefined ? undefined : nameOf(collection, key)
        },
        close: () => iterator.close()
      }
    },
    purge,
    settle,
    close: () => db.close()
  }
}

const lesser = (a: Buffer, b: Buffer): Buffer => (Buffer.compare(a, b) <= 0 ? a : b)
const greater = (a: Buffer, b: Buffer): Buffer => (Buffer.compare(a, b) >= 0 ? a : b)
