import { createHash } from 'node:crypto'
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

const varint = (value: number): readonly number[] => {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return bytes
}

// Fabric's order-preserving encoding: the count of bytes, then the bytes without leading zeros.
const orderPreserving = (value: number): readonly number[] => {
  const bytes: number[] = []
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return [bytes.length, ...bytes]
}

const field = (number: number, value: Buffer): readonly Buffer[] =>
  value.length === 0 ? [] : [Buffer.from([number * 8 + 2, ...varint(value.length)]), value]

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

interface Heading {
  namespace: string
  collection: string
}

const writeBytes = (
  block: number,
  [key, { value, place }]: readonly [string, Update],
  heading: Heading
): readonly Buffer[] => {
  const version = Buffer.from([...orderPreserving(block), ...orderPreserving(place)])
  const body = [
    ...field(1, Buffer.from(heading.namespace)),
    ...field(2, Buffer.from(heading.collection)),
    ...field(3, Buffer.from(key, 'latin1')),
    ...(value === undefined ? [Buffer.of(0x20, 1)] : field(5, value)),
    ...field(6, version)
  ]
  heading.namespace = ''
  heading.collection = ''
  return [Buffer.from([10, ...varint(body.reduce((sum, { length }) => sum + length, 0))]), ...body]
}

const namespaceBytes = (block: number, namespace: string, updates: NamespaceUpdates): readonly Buffer[] => {
  const heading = { namespace, collection: '' }
  const parts = sorted(updates.own).flatMap(update => writeBytes(block, update, heading))
  for (const [name, own] of byName(updates.collections)) {
    heading.collection = name
    parts.push(...sorted(own).flatMap(update => writeBytes(block, update, heading)))
  }
  return parts
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
  const digest = createHash('sha256')
    .update(Buffer.from(varint(flags.length)))
    .update(flags)
  for (const [namespace, updates] of byName(collect(transactions)))
    for (const part of namespaceBytes(block, namespace, updates)) digest.update(part)
  return digest.update(before).digest()
}
