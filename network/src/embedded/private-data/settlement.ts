import type { NamespaceSet } from '../read-write-set.ts'
import type { WrittenHash } from './private-keys.ts'
import type { PurgedKey } from './private-store.ts'

/** What a transaction wrote into private collections, by hashes. */
export const writtenHashes = (sets: readonly NamespaceSet[]): readonly WrittenHash[] =>
  sets.flatMap(({ collection, writes }) =>
    collection === undefined
      ? []
      : writes.map(({ key, value }) => ({ collection, keyHash: Buffer.from(key, 'hex'), valueHash: value }))
  )

/** What a transaction purges. */
export const purgedKeys = (sets: readonly NamespaceSet[]): readonly PurgedKey[] =>
  sets.flatMap(({ collection, purges = [] }) =>
    collection === undefined ? [] : purges.map(hash => ({ collection, keyHash: Buffer.from(hash, 'hex') }))
  )
