import { common, ledger, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { flagsOf } from '../block.ts'
import { parseAction, parseStored } from '../envelope.ts'
import { bytesField, varint } from '../../protobuf/messages.ts'
import type { NamespaceSet } from '../read-write-set.ts'
import type { Collection } from './collection.ts'
import { privateSetBytes } from './hashed-set.ts'
import type { PrivateStore } from './private-store.ts'
import { writtenHashes } from './settlement.ts'

const { rwset } = ledger

// What is not here any more, because it was purged, is left out, as a peer does that has not got it.
const collectionBytes = (
  store: PrivateStore,
  txId: string,
  set: NamespaceSet
): ledger.rwset.CollectionPvtReadWriteSet | undefined => {
  const entries = writtenHashes([set]).flatMap(hashes => store.get(hashes, txId) ?? [])
  if (set.collection === undefined || entries.length === 0) return undefined
  const message = new rwset.CollectionPvtReadWriteSet()
  message.setCollectionName(set.collection.name)
  message.setRwset(privateSetBytes({ writes: new Map(entries.map(({ key, value }) => [key, value])) }))
  return message
}

/** What is delivered, and of which collections. */
export interface DeliveredData {
  readonly store: PrivateStore
  /** Whether the peer has the contents of a collection and gives them to whoever asks. */
  readonly gives: (collection: Collection) => boolean
}

const transactionBytes = (
  { gives, store }: DeliveredData,
  txId: string,
  sets: readonly NamespaceSet[]
): Uint8Array | undefined => {
  const all = new rwset.TxPvtReadWriteSet()
  all.setDataModel(rwset.TxReadWriteSet.DataModel.KV)
  const byNamespace = new Map<string, ledger.rwset.NsPvtReadWriteSet>()
  for (const set of sets) {
    if (set.collection === undefined || !gives(set.collection)) continue
    const message = collectionBytes(store, txId, set)
    if (message === undefined) continue
    const { namespace } = set.collection
    const own = byNamespace.get(namespace) ?? new rwset.NsPvtReadWriteSet()
    own.setNamespace(namespace)
    own.addCollectionPvtRwset(message)
    byNamespace.set(namespace, own)
  }
  all.setNsPvtRwsetList([...byNamespace.values()])
  return byNamespace.size === 0 ? undefined : all.serializeBinary()
}

// An entry of a map: the place in the block, then the message.
const entryBytes = (data: DeliveredData, bytes: Uint8Array, tx: number): Buffer => {
  const parsed = parseStored(bytes)
  const action = parsed === undefined ? undefined : parseAction(parsed)
  if (parsed === undefined || action === undefined || E.isLeft(action)) return Buffer.alloc(0)
  const own = transactionBytes(data, parsed.channel.getTxId(), action.right.namespaces)
  if (own === undefined) return Buffer.alloc(0)
  return bytesField(2, Buffer.concat([Buffer.of(8), varint(tx), bytesField(2, own)]))
}

/**
 * A block with what its transactions, valid or not, wrote into the collections that are given (`peer.BlockAndPrivateData`),
 * serialized.
 */
export const blockAndPrivateData = (data: DeliveredData, bytes: Uint8Array): Buffer => {
  const block = common.Block.deserializeBinary(bytes)
  const flags = flagsOf(block)
  const entries = (block.getData()?.getDataList_asU8() ?? []).map((envelope, tx) =>
    flags[tx] === peer.TxValidationCode.DUPLICATE_TXID ? Buffer.alloc(0) : entryBytes(data, envelope, tx)
  )
  return Buffer.concat([bytesField(1, bytes), ...entries])
}
