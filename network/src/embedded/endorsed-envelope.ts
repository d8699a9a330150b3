import { common, peer } from '@hyperledger/fabric-protos'
import { fieldParts } from '../protobuf/messages.ts'

/** What came of an execution, as its endorsers sign it. */
export interface ExecutionOutcome {
  /** The hash of the proposal. */
  readonly hash: Uint8Array
  readonly chaincode: peer.ChaincodeID
  readonly response: peer.Response
  /** The serialized read and write set. */
  readonly results: Uint8Array
  /** The serialized event, empty where there is none. */
  readonly events?: Uint8Array
}

/** The payload of a proposal's response, which endorsers sign. */
export const responsePayload = ({ chaincode, events, hash, response, results }: ExecutionOutcome): Uint8Array => {
  const action = new peer.ChaincodeAction()
  action.setResults(results)
  action.setEvents(events ?? new Uint8Array())
  action.setResponse(response)
  action.setChaincodeId(chaincode)
  const payload = new peer.ProposalResponsePayload()
  payload.setProposalHash(hash)
  payload.setExtension$(action.serializeBinary())
  return payload.serializeBinary()
}

/** What a transaction is put together from. */
export interface EndorsedParts {
  /** The proposal's own header. */
  readonly header: common.Header
  /** The proposal's payload without its transient part. */
  readonly publicPayload: Uint8Array
  /** As {@link responsePayload} makes it. */
  readonly responsePayload: Uint8Array
  readonly endorsements: readonly peer.Endorsement[]
}

/** The envelope of an endorsed transaction, for its creator to sign. */
export const endorsedEnvelope = (parts: EndorsedParts): common.Envelope => {
  // peer.ChaincodeEndorsedAction in ChaincodeActionPayload in TransactionAction in Transaction in common.Payload.
  const endorsed = [
    ...fieldParts(1, parts.responsePayload),
    ...parts.endorsements.flatMap(endorsement => fieldParts(2, endorsement.serializeBinary()))
  ]
  const actionPayload = [...fieldParts(1, parts.publicPayload), ...fieldParts(2, ...endorsed)]
  const action = [...fieldParts(1, parts.header.getSignatureHeader_asU8()), ...fieldParts(2, ...actionPayload)]
  const transaction = fieldParts(1, ...action)
  const envelope = new common.Envelope()
  envelope.setPayload(
    Buffer.concat([...fieldParts(1, parts.header.serializeBinary()), ...fieldParts(2, ...transaction)])
  )
  return envelope
}
