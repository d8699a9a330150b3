import type { Commit } from '@hyperledger/fabric-gateway'
import { gateway, msp } from '@hyperledger/fabric-protos'
import type { Link } from './link.ts'

/**
 * The question for the outcome of a transaction that the orderers have, made from its bytes alone: fabric-gateway gives it only
 * to whoever submits, and BFT orderers refuse what they have ordered.
 */
export const commitOf = ({ gateway: connection, network }: Link, bytes: Uint8Array): Commit => {
  const { mspId, credentials } = connection.getIdentity()
  const identity = new msp.SerializedIdentity()
  identity.setMspid(mspId)
  identity.setIdBytes(credentials)
  const request = new gateway.CommitStatusRequest()
  request.setChannelId(network.getName())
  request.setTransactionId(gateway.PreparedTransaction.deserializeBinary(bytes).getTransactionId())
  request.setIdentity(identity.serializeBinary())
  const signed = new gateway.SignedCommitStatusRequest()
  signed.setRequest(request.serializeBinary())
  return connection.newCommit(signed.serializeBinary())
}
