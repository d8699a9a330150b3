import { ledger } from '@hyperledger/fabric-protos'
import type { Height } from '../height.ts'
import { metadataEntries, metadataOf, type KeyMetadata } from '../key-metadata.ts'
import { decode, sha256, sortedEntries } from '../../protobuf/messages.ts'
import { hashedNamespace, hashOfKey, type Collection } from './collection.ts'

const { rwset } = ledger
const { kvrwset } = rwset

/** What an execution did with the keys of one collection. */
export interface CollectionAccess {
  /** Versions of the hashes that were read, by key. */
  readonly reads: Map<string, Height | undefined>
  /** Values that were written; undefined deletes. */
  readonly writes: Map<string, Uint8Array | undefined>
  /** Keys that are purged; they stand among the writes too. */
  readonly purges: Set<string>
  /** What was written beside the values of keys. */
  readonly metadata: Map<string, KeyMetadata>
}

const versionMessage = ({ block, tx }: Height): ledger.rwset.kvrwset.Version => {
  const message = new kvrwset.Version()
  message.setBlockNum(block)
  message.setTxNum(tx)
  return message
}

/** The private write set as the members of the collection are sent it; blocks hold its hash. */
export const privateSetBytes = ({
  metadata,
  writes
}: Pick<CollectionAccess, 'writes'> & Partial<CollectionAccess>): Uint8Array => {
  const set = new kvrwset.KVRWSet()
  for (const [key, value] of sortedEntries(writes)) {
    const write = new kvrwset.KVWrite()
    write.setKey(key)
    if (value === undefined) write.setIsDelete(true)
    else write.setValue(value)
    set.addWrites(write)
  }
  // Of metadata the private set names the keys alone.
  for (const [key] of sortedEntries(metadata ?? new Map<string, KeyMetadata>())) {
    const write = new kvrwset.KVMetadataWrite()
    write.setKey(key)
    set.addMetadataWrites(write)
  }
  return set.serializeBinary()
}

const hashedSetBytes = ({ metadata, reads, writes, purges }: CollectionAccess): Uint8Array => {
  const set = new kvrwset.HashedRWSet()
  for (const [key, version] of sortedEntries(reads)) {
    const read = new kvrwset.KVReadHash()
    read.setKeyHash(hashOfKey(key))
    if (version !== undefined) read.setVersion(versionMessage(version))
    set.addHashedReads(read)
  }
  for (const [key, value] of sortedEntries(writes)) {
    const write = new kvrwset.KVWriteHash()
    write.setKeyHash(hashOfKey(key))
    if (value === undefined) write.setIsDelete(true)
    else write.setValueHash(sha256(value))
    if (purges.has(key)) write.setIsPurge(true)
    set.addHashedWrites(write)
  }
  for (const [key, entries] of sortedEntries(metadata)) {
    const write = new kvrwset.KVMetadataWriteHash()
    write.setKeyHash(hashOfKey(key))
    write.setEntriesList(metadataEntries(entries))
    set.addMetadataWrites(write)
  }
  return set.serializeBinary()
}

/** The part of a read and write set about one collection: hashes alone. */
export const collectionMessage = (
  name: string,
  access: CollectionAccess
): ledger.rwset.CollectionHashedReadWriteSet => {
  const message = new rwset.CollectionHashedReadWriteSet()
  message.setCollectionName(name)
  message.setHashedRwset(hashedSetBytes(access))
  if (access.writes.size + access.metadata.size > 0) message.setPvtRwsetHash(sha256(privateSetBytes(access)))
  return message
}

/** What a transaction read and wrote of a collection, by the hashes of keys in hex: the state holds them like any other. */
export interface HashedSet {
  readonly namespace: string
  readonly collection: Collection
  readonly reads: readonly { readonly key: string; readonly version: Height | undefined }[]
  readonly writes: readonly { readonly key: string; readonly value: Uint8Array | undefined }[]
  /** Hashes of keys that are purged. */
  readonly purges: readonly string[]
  readonly metadata?: ReadonlyMap<string, KeyMetadata>
}

const emptyHash = sha256()

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Reads the part of a read and write set about one collection; undefined where it is none. */
export const parseHashedSet = (
  namespace: string,
  message: ledger.rwset.CollectionHashedReadWriteSet
): HashedSet | undefined => {
  const set = decode(kvrwset.HashedRWSet, message.getHashedRwset_asU8())
  if (set === undefined) return undefined
  const collection = { namespace, name: message.getCollectionName() }
  const metadata = set.getMetadataWritesList()
  return {
    namespace: hashedNamespace(collection),
    collection,
    reads: set.getHashedReadsList().map(read => {
      const version = read.getVersion()
      return {
        key: hex(read.getKeyHash_asU8()),
        version: version === undefined ? undefined : { block: version.getBlockNum(), tx: version.getTxNum() }
      }
    }),
    writes: set.getHashedWritesList().map(write => {
      const value = write.getValueHash_asU8()
      const deletes = write.getIsDelete() || value.length === 0 || emptyHash.equals(value)
      return { key: hex(write.getKeyHash_asU8()), value: deletes ? undefined : value }
    }),
    purges: set.getHashedWritesList().flatMap(write => (write.getIsPurge() ? [hex(write.getKeyHash_asU8())] : [])),
    ...(metadata.length > 0 && {
      metadata: new Map(metadata.map(write => [hex(write.getKeyHash_asU8()), metadataOf(write.getEntriesList())]))
    })
  }
}
