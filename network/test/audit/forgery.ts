import { common, ledger, peer } from '@hyperledger/fabric-protos'
import type { Signer } from '../../src/embedded/signer.ts'

/** A transaction laid open, to be changed at any depth and put together again. */
export interface OpenTransaction {
  readonly header: common.Header
  readonly channelHeader: common.ChannelHeader
  readonly signatureHeader: common.SignatureHeader
  readonly proposal: peer.ChaincodeProposalPayload
  readonly response: peer.ProposalResponsePayload
  readonly action: peer.ChaincodeAction
  readonly sets: ledger.rwset.TxReadWriteSet
  readonly endorsements: peer.Endorsement[]
  signature: Uint8Array
}

/** Lays an envelope open. */
export const openTransaction = (bytes: Uint8Array): OpenTransaction => {
  const envelope = common.Envelope.deserializeBinary(bytes)
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8())
  const header = payload.getHeader()!
  const [only] = peer.Transaction.deserializeBinary(payload.getData_asU8()).getActionsList()
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(only!.getPayload_asU8())
  const endorsed = actionPayload.getAction()!
  const response = peer.ProposalResponsePayload.deserializeBinary(endorsed.getProposalResponsePayload_asU8())
  const action = peer.ChaincodeAction.deserializeBinary(response.getExtension_asU8())
  return {
    header,
    channelHeader: common.ChannelHeader.deserializeBinary(header.getChannelHeader_asU8()),
    signatureHeader: common.SignatureHeader.deserializeBinary(header.getSignatureHeader_asU8()),
    proposal: peer.ChaincodeProposalPayload.deserializeBinary(actionPayload.getChaincodeProposalPayload_asU8()),
    response,
    action,
    sets: ledger.rwset.TxReadWriteSet.deserializeBinary(action.getResults_asU8()),
    endorsements: endorsed.getEndorsementsList(),
    signature: envelope.getSignature_asU8()
  }
}

/** Whose keys a forger has. */
export interface Forger {
  readonly creator?: Signer
  readonly peers?: readonly Signer[]
}

const respond = (open: OpenTransaction): Uint8Array => {
  open.action.setResults(open.sets.serializeBinary())
  open.response.setExtension$(open.action.serializeBinary())
  return open.response.serializeBinary()
}

const endorse = (payload: Uint8Array, peers: readonly Signer[]): peer.Endorsement[] =>
  peers.map(signer => {
    const endorsement = new peer.Endorsement()
    endorsement.setEndorser(signer.identity)
    endorsement.setSignature(signer.sign(payload, signer.identity))
    return endorsement
  })

/** Puts a transaction together again, signed by whose keys the forger has; what else was signed stays as it was. */
export const closeTransaction = (open: OpenTransaction, { creator, peers }: Forger = {}): Uint8Array => {
  const response = respond(open)
  const endorsed = new peer.ChaincodeEndorsedAction()
  endorsed.setProposalResponsePayload(response)
  endorsed.setEndorsementsList(peers === undefined ? open.endorsements : endorse(response, peers))
  const actionPayload = new peer.ChaincodeActionPayload()
  actionPayload.setChaincodeProposalPayload(open.proposal.serializeBinary())
  actionPayload.setAction(endorsed)
  const action = new peer.TransactionAction()
  action.setHeader(open.signatureHeader.serializeBinary())
  action.setPayload(actionPayload.serializeBinary())
  const transaction = new peer.Transaction()
  transaction.addActions(action)
  open.header.setChannelHeader(open.channelHeader.serializeBinary())
  open.header.setSignatureHeader(open.signatureHeader.serializeBinary())
  const payload = new common.Payload()
  payload.setHeader(open.header)
  payload.setData(transaction.serializeBinary())
  const envelope = new common.Envelope()
  envelope.setPayload(payload.serializeBinary())
  envelope.setSignature(creator === undefined ? open.signature : creator.sign(envelope.getPayload_asU8()))
  return envelope.serializeBinary()
}

/** The public read and write set of a chaincode in an open transaction, changed and put back. */
export const changeWrites = (
  open: OpenTransaction,
  namespace: string,
  change: (set: ledger.rwset.kvrwset.KVRWSet) => void
): void => {
  const own = open.sets.getNsRwsetList().find(set => set.getNamespace() === namespace)!
  const set = ledger.rwset.kvrwset.KVRWSet.deserializeBinary(own.getRwset_asU8())
  change(set)
  own.setRwset(set.serializeBinary())
}
