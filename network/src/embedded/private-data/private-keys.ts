import type { Collection } from './collection.ts'

/**
 * Keys of the store of private data, all binary. First byte: `D` a value by collection, hash of its key, hash of itself and
 * transaction; `K` a key as it is, for ranges; `P` a transaction that is not in a block yet; `E` what was deleted and is
 * still to be erased from the files. Names are length-prefixed.
 */
const D = 0x44
const K = 0x4b
const P = 0x50
const E = 0x45

const hashBytes = 32

/** What a transaction wrote under a key of a collection, as blocks tell it. */
export interface WrittenHash {
  readonly collection: Collection
  readonly keyHash: Uint8Array
  /** Undefined where the key was deleted. */
  readonly valueHash: Uint8Array | undefined
}

const named = (text: string): Buffer => {
  const name = Buffer.from(text)
  const head = Buffer.allocUnsafe(2)
  head.writeUInt16BE(name.length)
  return Buffer.concat([head, name])
}

const ofCollection = (kind: number, { namespace, name }: Collection): Buffer =>
  Buffer.concat([Buffer.of(kind), named(namespace), named(name)])

/** Beginning of the keys of all values that one key of a collection had. */
export const valuesPrefix = (collection: Collection, keyHash: Uint8Array): Buffer =>
  Buffer.concat([ofCollection(D, collection), keyHash])

/** Key of the value that a transaction wrote. Two executions of one proposal may differ, and both are kept apart. */
export const valueKey = ({ collection, keyHash, valueHash }: WrittenHash, txId: string): Buffer =>
  Buffer.concat([valuesPrefix(collection, keyHash), valueHash ?? Buffer.alloc(hashBytes), Buffer.from(txId)])

const namesEnd = (key: Buffer): number => {
  const second = 3 + key.readUInt16BE(1)
  return second + 2 + key.readUInt16BE(second)
}

/** The {@link valuesPrefix} with which the key of a value begins. */
export const prefixOf = (key: Buffer): Buffer => key.subarray(0, namesEnd(key) + hashBytes)

/** The transaction in the key of a value. */
export const transactionOf = (key: Buffer): string => key.toString('utf8', namesEnd(key) + 2 * hashBytes)

/** The range of all keys that begin so. */
export const rangeOf = (prefix: Buffer): { readonly gte: Buffer; readonly lt: Buffer } => ({
  gte: prefix,
  lt: Buffer.concat([prefix, Buffer.alloc(hashBytes + 1, 0xff)])
})

/** The range of the names of the collection in the key of a value. */
export const namesBeside = (key: Buffer): { readonly gte: Buffer; readonly lt: Buffer } => {
  const prefix = Buffer.from(key.subarray(0, namesEnd(key)))
  prefix[0] = K
  return { gte: prefix, lt: Buffer.concat([prefix, Buffer.of(0xff)]) }
}

/** The name of a key, in the collection of the key of one of its values. */
export const nameBeside = (key: Buffer, name: string): Buffer =>
  Buffer.concat([namesBeside(key).gte, Buffer.from(name)])

/** Key under which a key of a collection stands as it is. */
export const nameKey = (collection: Collection, key: string): Buffer =>
  Buffer.concat([ofCollection(K, collection), Buffer.from(key)])

/** The range of the keys of a collection from `start` to `end` (left out); an empty end is the end of the collection. */
export const nameRange = (
  collection: Collection,
  start: string,
  end: string
): { readonly gte: Buffer; readonly lt: Buffer } => ({
  gte: nameKey(collection, start),
  lt: end === '' ? Buffer.concat([ofCollection(K, collection), Buffer.of(0xff)]) : nameKey(collection, end)
})

/** The key that stands under {@link nameKey}. */
export const nameOf = (collection: Collection, key: Buffer): string =>
  key.toString('utf8', ofCollection(K, collection).length)

/** Key of a transaction that waits for its block. */
export const pendingKey = (txId: string): Buffer => Buffer.concat([Buffer.of(P), Buffer.from(txId)])

/** The range of the transactions that wait. */
export const pendingRange = { gte: Buffer.of(P), lt: Buffer.of(P + 1) }

/** The transaction in the key of one that waits. */
export const pendingTransaction = (key: Buffer): string => key.toString('utf8', 1)

/** Key of a note that a range was deleted, which begins so. */
export const erasureKey = (prefix: Buffer): Buffer => Buffer.concat([Buffer.of(E), prefix])

/** The range of what is still to be erased. */
export const erasureRange = { gte: Buffer.of(E), lt: Buffer.of(E + 1) }

/** The beginning of a range that is still to be erased. */
export const erasedPrefix = (key: Buffer): Buffer => key.subarray(1)
