import { common, ledger, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { flagsOf } from '../block.ts'
import { parseAction, parseStored } from '../envelope.ts'
import { bytesField, varint } from '../messages.ts'
import type { NamespaceSet } from '../read-write-set.ts'
import { ownerOf } from './collection.ts'
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

const transactionBytes = (
  store: PrivateStore,
  owner: string,
  txId: string,
  sets: readonly NamespaceSet[]
): Uint8Array | undefined => {
  const all = new rwset.TxPvtReadWriteSet()
  all.setDataModel(rwset.TxReadWriteSet.DataModel.KV)
  const byNamespace = new Map<string, ledger.rwset.NsPvtReadWriteSet>()
  for (const set of sets) {
    if (set.collection === undefined || ownerOf(set.collection.name) !== owner) continue
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

/**
 * A block with what its transactions, valid or not, wrote into the collection of an organisation (`peer.BlockAndPrivateData`),
 * serialized; undefined: nobody's.
 */
export const blockAndPrivateData = (store: PrivateStore, block: Uint8Array, owner: string | undefined): Buffer => {
  const parts = [bytesField(1, block)]
  const parsedBlock = owner === undefined ? undefined : common.Block.deserializeBinary(block)
  if (parsedBlock === undefined || owner === undefined) return Buffer.concat(parts)
  const flags = flagsOf(parsedBlock)
  for (const [tx, bytes] of (parsedBlock.getData()?.getDataList_asU8() ?? []).entries()) {
    if (flags[tx] === peer.TxValidationCode.DUPLICATE_TXID) continue
    const parsed = parseStored(bytes)
    const action = parsed === undefined ? undefined : parseAction(parsed)
    if (parsed === undefined || action === undefined || E.isLeft(action)) continue
    const own = transactionBytes(store, owner, parsed.channel.getTxId(), action.right.namespaces)
    // An entry of a map: the place in the block, then the message.
    if (own !== undefined) parts.push(bytesField(2, Buffer.concat([Buffer.of(8), varint(tx), bytesField(2, own)])))
  }
  return Buffer.concat(parts)
}
