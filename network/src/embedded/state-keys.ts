import type { BlockLocation } from './block-locations.ts'
import type { Height } from './height.ts'

/**
 * Keys of the index, all binary. First byte: `S` current state, `H` history of a key, `T` transaction, `B` block,
 * `P` the savepoint, `M` a namespace with keys that have endorsement policies of their own. Names are length-prefixed where something follows them, because keys may hold any character.
 */
const S = 0x53
const H = 0x48
const T = 0x54
const B = 0x42
const M = 0x4d

/** The key under which the savepoint stands. */
export const savepointKey = Buffer.from('P')

const prefixed = (kind: number, namespace: string): Buffer => {
  const name = Buffer.from(namespace)
  const out = Buffer.allocUnsafe(3 + name.length)
  out[0] = kind
  out.writeUInt16BE(name.length, 1)
  out.set(name, 3)
  return out
}

/** Key that says that keys of a namespace have policies of their own, or had. */
export const policiesKey = (namespace: string): Buffer => prefixed(M, namespace)

/** The range of all such keys. */
export const policiesRange = { gte: Buffer.of(M), lt: Buffer.of(M + 1) }

/** The namespace of such a key. */
export const policiesNamespace = (key: Buffer): string => key.toString('utf8', 3)

/** Key of a state. */
export const stateKey = (namespace: string, key: string): Buffer =>
  Buffer.concat([prefixed(S, namespace), Buffer.from(key)])

/** The end of the range of all states of a namespace. */
export const stateEnd = (namespace: string): Buffer => Buffer.concat([prefixed(S, namespace), Buffer.of(0xff)])

/** The name of a state within its namespace. */
export const stateName = (namespace: string, key: Buffer): string =>
  key.toString('utf8', 3 + Buffer.byteLength(namespace))

const historyPrefix = (namespace: string, key: string): Buffer => {
  const name = Buffer.from(key)
  const length = Buffer.allocUnsafe(4)
  length.writeUInt32BE(name.length)
  return Buffer.concat([prefixed(H, namespace), length, name])
}

const last = 0xffffffffffffffffn

/** Key of an entry in the history of a state; the newest sorts first. */
export const historyKey = (namespace: string, key: string, at: Height): Buffer => {
  const tail = Buffer.allocUnsafe(12)
  tail.writeBigUInt64BE(last - BigInt(at.block), 0)
  tail.writeUInt32BE(0xffffffff - at.tx, 8)
  return Buffer.concat([historyPrefix(namespace, key), tail])
}

/** The range of the history of a state. */
export const historyRange = (namespace: string, key: string): { readonly gte: Buffer; readonly lt: Buffer } => {
  const prefix = historyPrefix(namespace, key)
  return { gte: prefix, lt: Buffer.concat([prefix, Buffer.alloc(13, 0xff)]) }
}

/** Where an entry of the history points. */
export const historyHeight = (key: Buffer): Height => ({
  block: Number(last - key.readBigUInt64BE(key.length - 12)),
  tx: 0xffffffff - key.readUInt32BE(key.length - 4)
})

/** Key of a transaction. */
export const transactionKey = (txId: string): Buffer => Buffer.concat([Buffer.of(T), Buffer.from(txId)])

/** Key of a block's location. */
export const blockKey = (number: number): Buffer => {
  const out = Buffer.allocUnsafe(9)
  out[0] = B
  out.writeBigUInt64BE(BigInt(number), 1)
  return out
}

/** The range of all blocks' locations. */
export const blockRange = { gte: Buffer.of(B), lt: Buffer.of(B + 1) }

/** The number in a block's key. */
export const blockNumber = (key: Buffer): number => Number(key.readBigUInt64BE(1))

/** A block's location as it is kept. */
export const locationValue = (location: BlockLocation): Buffer => {
  const out = Buffer.allocUnsafe(16)
  out.writeUInt32BE(location.file, 0)
  out.writeBigUInt64BE(BigInt(location.offset), 4)
  out.writeUInt32BE(location.length, 12)
  return out
}

/** Reads a block's location. */
export const readLocation = (value: Buffer): BlockLocation => ({
  file: value.readUInt32BE(0),
  offset: Number(value.readBigUInt64BE(4)),
  length: value.readUInt32BE(12)
})
