import { hash } from 'node:crypto'
import type { NamespaceSet, KeyWrite } from '../chain/read-write-set.ts'

/** The writes of one valid transaction of a block. */
export interface PlacedSets {
  readonly place: number
  readonly sets: readonly NamespaceSet[]
}

interface Update {
  readonly value: Buffer | undefined
  readonly place: number
}

type Updates = Map<string, Update>

interface NamespaceUpdates {
  readonly own: Updates
  readonly collections: Map<string, Updates>
}

/** Bytes one after another, in a buffer that grows and is used again for every block. */
interface Writer {
  bytes: Buffer
  at: number
}

const writer: Writer = { bytes: Buffer.alloc(64 * 1024), at: 0 }

const reserve = (out: Writer, length: number): void => {
  if (out.at + length <= out.bytes.length) return
  const grown = Buffer.alloc(Math.max(out.bytes.length * 2, out.at + length))
  out.bytes.copy(grown, 0, 0, out.at)
  out.bytes = grown
}

const varintSize = (value: number): number => {
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1
  return size
}

const putVarint = (out: Writer, value: number): void => {
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) out.bytes[out.at++] = (rest % 128) | 128
  out.bytes[out.at++] = rest
}

const putField = (out: Writer, field: number, value: Buffer): void => {
  if (value.length === 0) return
  out.bytes[out.at++] = field * 8 + 2
  putVarint(out, value.length)
  out.at += value.copy(out.bytes, out.at)
}

// Keys are binary text, a character a byte.
const putName = (out: Writer, field: number, name: string): void => {
  if (name.length === 0) return
  out.bytes[out.at++] = field * 8 + 2
  putVarint(out, name.length)
  out.at += out.bytes.write(name, out.at, 'latin1')
}

const fieldSize = ({ length }: Buffer | string): number => (length === 0 ? 0 : 1 + varintSize(length) + length)

/** Bytes of a number without leading zeros. */
const byteCount = (value: number): number => {
  let count = 0
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) count += 1
  return count
}

// Fabric's order-preserving encoding: the count of bytes, then the bytes without leading zeros.
const putOrderPreserving = (out: Writer, value: number): void => {
  const count = byteCount(value)
  out.bytes[out.at++] = count
  let rest = value
  for (let i = count - 1; i >= 0; i--) {
    out.bytes[out.at + i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  out.at += count
}

const apply = (updates: Updates, writes: readonly KeyWrite[], place: number): void => {
  for (const { key, value } of writes) updates.set(key.toString('latin1'), { value, place })
}

const collect = (transactions: readonly PlacedSets[]): ReadonlyMap<string, NamespaceUpdates> => {
  const namespaces = new Map<string, NamespaceUpdates>()
  const of = (namespace: string): NamespaceUpdates => {
    const found = namespaces.get(namespace) ?? { own: new Map(), collections: new Map() }
    namespaces.set(namespace, found)
    return found
  }
  for (const { place, sets } of transactions)
    for (const set of sets) {
      if (set.writes.length > 0) apply(of(set.namespace).own, set.writes, place)
      for (const { name, writes } of set.collections) {
        if (writes.length === 0) continue
        const { collections } = of(set.namespace)
        const updates: Updates = collections.get(name) ?? new Map<string, Update>()
        collections.set(name, updates)
        apply(updates, writes, place)
      }
    }
  return namespaces
}

const sorted = <A>(map: ReadonlyMap<string, A>): readonly (readonly [string, A])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

// Names of namespaces and collections sort by their UTF-8 bytes; keys are binary text already.
const byName = <A>(map: ReadonlyMap<string, A>): readonly (readonly [string, A])[] =>
  [...map].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

const empty = Buffer.alloc(0)
const deletion = Buffer.of(0x20, 1)

const putWrite = (
  out: Writer,
  block: number,
  [name, { value, place }]: readonly [string, Update],
  namespace: Buffer,
  collection: Buffer
): void => {
  const version = 2 + byteCount(block) + byteCount(place)
  const size =
    fieldSize(namespace) +
    fieldSize(collection) +
    fieldSize(name) +
    (value === undefined ? deletion.length : fieldSize(value)) +
    2 +
    version
  reserve(out, size + 16)
  out.bytes[out.at++] = 10
  putVarint(out, size)
  putField(out, 1, namespace)
  putField(out, 2, collection)
  putName(out, 3, name)
  if (value === undefined) out.at += deletion.copy(out.bytes, out.at)
  else putField(out, 5, value)
  out.bytes[out.at++] = 6 * 8 + 2
  putVarint(out, version)
  putOrderPreserving(out, block)
  putOrderPreserving(out, place)
}

// Names stand with the first write of each namespace and collection only.
const putNamespace = (out: Writer, block: number, name: string, updates: NamespaceUpdates): void => {
  let namespace = Buffer.from(name)
  for (const update of sorted(updates.own)) {
    putWrite(out, block, update, namespace, empty)
    namespace = empty
  }
  for (const [own, writes] of byName(updates.collections)) {
    let collection = Buffer.from(own)
    for (const update of sorted(writes)) {
      putWrite(out, block, update, namespace, collection)
      namespace = empty
      collection = empty
    }
  }
}

/**
 * The commit hash of a block as Fabric's peers compute it: over the validation flags, the writes of the valid
 * transactions and the commit hash before. Undefined where a transaction wrote only the metadata of a key: the value
 * that then counts as written anew stands in an earlier block.
 */
export const commitHashOf = (
  block: number,
  flags: Uint8Array,
  transactions: readonly PlacedSets[],
  before: Uint8Array
): Buffer | undefined => {
  const onlyMetadata = transactions.some(({ sets }) =>
    sets.some(set => set.metadata.length > 0 || set.collections.some(({ metadata }) => metadata.length > 0))
  )
  if (onlyMetadata) return undefined
  writer.at = 0
  reserve(writer, flags.length + 16)
  putVarint(writer, flags.length)
  writer.bytes.set(flags, writer.at)
  writer.at += flags.length
  for (const [namespace, updates] of byName(collect(transactions))) putNamespace(writer, block, namespace, updates)
  reserve(writer, before.length)
  writer.bytes.set(before, writer.at)
  return hash('sha256', writer.bytes.subarray(0, writer.at + before.length), 'buffer')
}
