import type { Collection } from './collection.ts'

/**
 * Keys of the store of private data, all binary. First byte: `D` a value by collection, hash of its key and transaction;
 * `K` a key as it is, for ranges; `P` a transaction whose values wait for its block, by the height at which it was
 * endorsed. Names are length-prefixed.
 */
const D = 0x44
const K = 0x4b
const P = 0x50

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

/** Key of the value that a transaction wrote. */
export const valueKey = (collection: Collection, keyHash: Uint8Array, txId: string): Buffer =>
  Buffer.concat([valuesPrefix(collection, keyHash), Buffer.from(txId)])

/** The transaction in the key of a value. */
export const transactionOf = (key: Buffer, prefix: Buffer): string => key.toString('utf8', prefix.length)

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
export const pendingKey = (height: number, txId: string): Buffer => {
  const head = Buffer.allocUnsafe(9)
  head[0] = P
  head.writeBigUInt64BE(BigInt(height), 1)
  return Buffer.concat([head, Buffer.from(txId)])
}

/** The range of the transactions that wait, the oldest first. */
export const pendingRange = { gte: Buffer.of(P), lt: Buffer.of(P + 1) }

/** What the key of a transaction that waits says. */
export const readPendingKey = (key: Buffer): { readonly height: number; readonly txId: string } => ({
  height: Number(key.readBigUInt64BE(1)),
  txId: key.toString('utf8', 9)
})
