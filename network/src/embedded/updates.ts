import type { Height } from './height.ts'
import { byUtf8, fieldParts, sortedEntries, type Parts } from '../protobuf/messages.ts'
import type { KeyMetadata } from './key-metadata.ts'
import type { StateStore, StateUpdate } from './state-store.ts'
import type { StateValue } from './state-value.ts'
import { transactionMetadata, type Collection } from './private-data/collection.ts'
import type { NamespaceSet } from './read-write-set.ts'

/** The writes of the valid transactions of a block so far, that the later ones are validated against. */
export interface BlockUpdates {
  readonly has: (namespace: string, key: string) => boolean
  /** Keys written in a namespace within a range, in the order of their bytes. */
  readonly within: (
    namespace: string,
    start: string,
    end: string
  ) => readonly (readonly [string, StateValue | undefined])[]
  readonly apply: (sets: readonly NamespaceSet[], at: Height, txId: string) => void
  readonly list: () => readonly StateUpdate[]
  /** The bytes over which the commit hash goes, as Fabric's peers serialize them. */
  readonly bytes: () => Parts
}

type Writes = Map<string, StateValue | undefined>

/** The transaction whose writes are applied, and those of the block so far in their namespace. */
interface Applying {
  readonly at: Height
  readonly txId: string
  readonly own: Writes
}

// Fabric's order-preserving encoding: the count of bytes, then the bytes without leading zeros.
const orderPreserving = (value: number): Buffer => {
  if (value === 0) return Buffer.of(0)
  const hex = value.toString(16)
  const bytes = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex')
  return Buffer.concat([Buffer.of(bytes.length), bytes])
}

interface Named {
  readonly namespace?: string
  readonly collection?: string
}

// Names stand with the first write of each namespace and collection only.
const writeBytes = (named: Named, key: Uint8Array, value: StateValue | undefined, version: Height): Parts => {
  const body: Uint8Array[] = []
  if (named.namespace !== undefined) body.push(...fieldParts(1, Buffer.from(named.namespace)))
  if (named.collection !== undefined) body.push(...fieldParts(2, Buffer.from(named.collection)))
  body.push(...fieldParts(3, key))
  if (value === undefined) body.push(Buffer.of(0x20, 1))
  else body.push(...fieldParts(5, value.value))
  body.push(...fieldParts(6, orderPreserving(version.block), orderPreserving(version.tx)))
  return fieldParts(1, ...body)
}

const ownOf = (state: StateValue | undefined): KeyMetadata =>
  new Map([...(state?.metadata ?? [])].filter(([name]) => name !== transactionMetadata))

const transactionOf = ({ metadata }: StateValue): KeyMetadata =>
  new Map([...metadata].filter(([name]) => name === transactionMetadata))

// Metadata alone leave the value as it is; of a key that is not there they are not kept.
const setAlone = (
  own: Writes,
  key: string,
  prior: StateValue | undefined,
  { at, given }: { readonly at: Height; readonly given: KeyMetadata }
): void => {
  if (prior === undefined) return
  own.set(key, { value: prior.value, version: at, metadata: besideValue(transactionOf(prior), given) })
}

const besideValue = (plain: KeyMetadata, own: KeyMetadata): KeyMetadata => new Map([...plain, ...own])

/** Begins to collect the writes of a block. */
export const newBlockUpdates = (state: Pick<StateStore, 'get' | 'hasKeyPolicies'>): BlockUpdates => {
  const namespaces = new Map<string, Writes>()
  const deletedAt = new Map<string, Map<string, Height>>()
  const collections = new Map<string, Collection>()
  const guarded = new Set<string>()
  const writesOf = (namespace: string): Writes => {
    const present = namespaces.get(namespace)
    if (present !== undefined) return present
    const created: Writes = new Map()
    namespaces.set(namespace, created)
    deletedAt.set(namespace, new Map())
    return created
  }
  const versionOf = (namespace: string, key: string, value: StateValue | undefined): Height =>
    value?.version ?? deletedAt.get(namespace)?.get(key) ?? { block: 0, tx: 0 }
  const keepsMetadata = ({ metadata, namespace }: NamespaceSet): boolean => {
    if (metadata !== undefined) guarded.add(namespace)
    return guarded.has(namespace) || state.hasKeyPolicies(namespace)
  }
  const applySet = (set: NamespaceSet, { at, own, txId }: Applying): void => {
    const { collection, metadata, namespace, writes } = set
    if (collection !== undefined) collections.set(namespace, collection)
    const plain = new Map(collection === undefined ? [] : [[transactionMetadata, Buffer.from(txId)]])
    const kept = keepsMetadata(set)
    const before = (key: string): StateValue | undefined => (own.has(key) ? own.get(key) : state.get(namespace, key))
    const alone = new Map(metadata)
    for (const { key, value } of writes) {
      const beside = kept ? besideValue(plain, alone.get(key) ?? ownOf(before(key))) : plain
      own.set(key, value === undefined ? undefined : { value, version: at, metadata: beside })
      if (value === undefined) deletedAt.get(namespace)?.set(key, at)
      alone.delete(key)
    }
    for (const [key, given] of alone) setAlone(own, key, before(key), { at, given })
  }
  return {
    has: (namespace, key) => namespaces.get(namespace)?.has(key) ?? false,
    within: (namespace, start, end) =>
      sortedEntries(namespaces.get(namespace) ?? new Map()).filter(
        ([key]) => byUtf8(key, start) >= 0 && (end === '' || byUtf8(key, end) < 0)
      ),
    apply: (sets, at, txId) => {
      for (const set of sets)
        if (set.writes.length > 0 || set.metadata !== undefined)
          applySet(set, { at, txId, own: writesOf(set.namespace) })
    },
    list: () =>
      [...namespaces].flatMap(([namespace, writes]) => [...writes].map(([key, state]) => ({ namespace, key, state }))),
    bytes: () => {
      const parts: Uint8Array[] = []
      let last: Named = {}
      for (const { name, writes, ...place } of placed(namespaces, collections)) {
        for (const [key, value] of sortedEntries(writes)) {
          const keyBytes = place.collection === undefined ? Buffer.from(key) : Buffer.from(key, 'hex')
          const named = {
            ...(place.namespace !== last.namespace && { namespace: place.namespace }),
            ...(place.collection !== undefined && name !== last.collection && { collection: place.collection })
          }
          parts.push(...writeBytes(named, keyBytes, value, versionOf(name, key, value)))
          last = { namespace: place.namespace, collection: name }
        }
      }
      return parts
    }
  }
}

interface Placed {
  /** The name under which the writes are collected. */
  readonly name: string
  readonly namespace: string
  readonly collection?: string
  readonly writes: Writes
}

// As Fabric's peers go through them: each namespace with its public writes first, then its collections by name.
const placed = (
  namespaces: ReadonlyMap<string, Writes>,
  collections: ReadonlyMap<string, Collection>
): readonly Placed[] =>
  [...namespaces]
    .map(([name, writes]): Placed => {
      const own = collections.get(name)
      return own === undefined
        ? { name, namespace: name, writes }
        : { name, namespace: own.namespace, collection: own.name, writes }
    })
    .sort((a, b) => byUtf8(a.namespace, b.namespace) || byUtf8(a.collection ?? '', b.collection ?? ''))
