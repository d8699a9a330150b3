import { common, ledger, peer } from '@hyperledger/fabric-protos'
import { proposalHash, transactionId } from '../../src/embedded/envelope.ts'
import { countingPolicy } from '../../src/policies/endorsement-policy.ts'
import { newGenesisBlock } from '../../src/embedded/genesis.ts'
import { parseReadWriteSet } from '../../src/embedded/read-write-set.ts'
import type { CheckedTransaction } from '../../src/embedded/validate.ts'

/** Name of the chaincode in whose state the transactions write. */
export const namespace = 'probe'

/** The key that every transaction writes. */
export const lastKey = 'last'

/** The key that only one transaction writes. */
export const ownKey = (text: string): string => `of ${text}`

/** A first block with no organisation. */
export const emptyGenesis = (): common.Block =>
  newGenesisBlock({ channel: 'bims', endorsement: countingPolicy('any', []), organizations: [] }, new Date(0))

const headerOf = (text: string): { readonly header: common.Header; readonly txId: string } => {
  const signature = new common.SignatureHeader()
  signature.setCreator(Buffer.from('nobody'))
  signature.setNonce(Buffer.from(text))
  const channel = new common.ChannelHeader()
  channel.setType(common.HeaderType.ENDORSER_TRANSACTION)
  channel.setChannelId('bims')
  const txId = transactionId(signature)
  channel.setTxId(txId)
  const header = new common.Header()
  header.setChannelHeader(channel.serializeBinary())
  header.setSignatureHeader(signature.serializeBinary())
  return { header, txId }
}

const resultsOf = (writes: ReadonlyMap<string, string>): Uint8Array => {
  const set = new ledger.rwset.kvrwset.KVRWSet()
  for (const [key, value] of writes) {
    const write = new ledger.rwset.kvrwset.KVWrite()
    write.setKey(key)
    write.setValue(Buffer.from(value))
    set.addWrites(write)
  }
  const ns = new ledger.rwset.NsReadWriteSet()
  ns.setNamespace(namespace)
  ns.setRwset(set.serializeBinary())
  const results = new ledger.rwset.TxReadWriteSet()
  results.addNsRwset(ns)
  return results.serializeBinary()
}

const dataOf = (header: common.Header, results: Uint8Array): Uint8Array => {
  const id = new peer.ChaincodeID()
  id.setName(namespace)
  const action = new peer.ChaincodeAction()
  action.setChaincodeId(id)
  action.setResults(results)
  const response = new peer.ProposalResponsePayload()
  response.setProposalHash(proposalHash(header, header.getSignatureHeader_asU8(), new Uint8Array()))
  response.setExtension$(action.serializeBinary())
  const endorsed = new peer.ChaincodeEndorsedAction()
  endorsed.setProposalResponsePayload(response.serializeBinary())
  const payload = new peer.ChaincodeActionPayload()
  payload.setAction(endorsed)
  const only = new peer.TransactionAction()
  only.setHeader(header.getSignatureHeader_asU8())
  only.setPayload(payload.serializeBinary())
  const transaction = new peer.Transaction()
  transaction.addActions(only)
  return transaction.serializeBinary()
}

/** A transaction as the chain takes it, unsigned: it writes a key of its own, and one that all write. */
export const syntheticTransaction = (text: string, value = text): CheckedTransaction => {
  const { header, txId } = headerOf(text)
  const writes = new Map([
    [ownKey(text), value],
    [lastKey, value]
  ])
  const results = resultsOf(writes)
  const payload = new common.Payload()
  payload.setHeader(header)
  payload.setData(dataOf(header, results))
  const envelope = new common.Envelope()
  envelope.setPayload(payload.serializeBinary())
  return {
    envelope: envelope.serializeBinary(),
    txId,
    code: peer.TxValidationCode.VALID,
    namespaces: parseReadWriteSet(results) ?? [],
    event: undefined
  }
}
