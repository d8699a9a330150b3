import { ledger } from '@hyperledger/fabric-protos'
import type { Height } from './height.ts'
import { metadataOf, type KeyMetadata } from './key-metadata.ts'
import { decode } from '../protobuf/messages.ts'
import type { Collection } from './private-data/collection.ts'
import { parseHashedSet } from './private-data/hashed-set.ts'

const { kvrwset } = ledger.rwset

/** A read as validation compares it. */
export interface KeyRead {
  readonly key: string
  readonly version: Height | undefined
}

/** What a transaction read and wrote of one chaincode's state, or of the hashes of one of its private collections. */
export interface NamespaceSet {
  readonly namespace: string
  readonly reads: readonly KeyRead[]
  readonly ranges: readonly ledger.rwset.kvrwset.RangeQueryInfo[]
  /** Writes in order; undefined deletes. */
  readonly writes: readonly { readonly key: string; readonly value: Uint8Array | undefined }[]
  /** The private collection of which it tells hashes; undefined for the public state. */
  readonly collection?: Collection
  /** Hashes of keys, in hex, whose contents are purged. */
  readonly purges?: readonly string[]
  /** What it wrote beside the values of keys; undefined where it is nothing. */
  readonly metadata?: ReadonlyMap<string, KeyMetadata>
}

/** The version in a read of a read set. */
export const versionOf = (read: ledger.rwset.kvrwset.KVRead): Height | undefined => {
  const version = read.getVersion()
  return version === undefined ? undefined : { block: version.getBlockNum(), tx: version.getTxNum() }
}

const publicSet = (set: ledger.rwset.NsReadWriteSet): NamespaceSet | undefined => {
  const message = decode(kvrwset.KVRWSet, set.getRwset_asU8())
  if (message === undefined) return undefined
  const metadata = message.getMetadataWritesList()
  return {
    namespace: set.getNamespace(),
    reads: message.getReadsList().map(read => ({ key: read.getKey(), version: versionOf(read) })),
    ranges: message.getRangeQueriesInfoList(),
    writes: message.getWritesList().map(write => {
      const deletes = write.getIsDelete() || write.getValue_asU8().length === 0
      return { key: write.getKey(), value: deletes ? undefined : write.getValue_asU8() }
    }),
    ...(metadata.length > 0 && {
      metadata: new Map(metadata.map(write => [write.getKey(), metadataOf(write.getEntriesList())]))
    })
  }
}

const namespaceSets = (set: ledger.rwset.NsReadWriteSet): readonly (NamespaceSet | undefined)[] => [
  publicSet(set),
  ...set.getCollectionHashedRwsetList().map((message): NamespaceSet | undefined => {
    const hashed = parseHashedSet(set.getNamespace(), message)
    return hashed === undefined ? undefined : { ...hashed, ranges: [] }
  })
]

/** Reads a serialized read and write set; undefined where it is none. */
export const parseReadWriteSet = (bytes: Uint8Array): readonly NamespaceSet[] | undefined => {
  const message = decode(ledger.rwset.TxReadWriteSet, bytes)
  const sets = message?.getNsRwsetList().flatMap(namespaceSets)
  return sets?.some(set => set === undefined) ? undefined : sets?.flatMap(set => (set === undefined ? [] : [set]))
}
