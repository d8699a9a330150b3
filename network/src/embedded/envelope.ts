import { common, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { decode, sameBytes, sha256 } from '../protobuf/messages.ts'
import { parseReadWriteSet } from './read-write-set.ts'
import type { NamespaceSet } from './read-write-set.ts'

const Code = peer.TxValidationCode

/** The two headers that every signed message has. */
export interface Headers {
  readonly channel: common.ChannelHeader
  readonly signature: common.SignatureHeader
  readonly header: common.Header
}

/** An endorsed transaction taken apart. */
export interface EndorsedAction {
  readonly chaincode: string
  readonly namespaces: readonly NamespaceSet[]
  readonly event: peer.ChaincodeEvent | undefined
  /** What the endorsers signed, before their identity. */
  readonly responsePayload: Uint8Array
  readonly endorsements: readonly peer.Endorsement[]
}

/** A signed envelope with a payload whose headers can be read. */
export interface ParsedEnvelope extends Headers {
  readonly payload: Uint8Array
  readonly envelopeSignature: Uint8Array
  readonly data: Uint8Array
}

/** Reads a header with its two parts. */
export const parseHeaders = (header: common.Header | undefined): Headers | undefined => {
  if (header === undefined) return undefined
  const channel = decode(common.ChannelHeader, header.getChannelHeader_asU8())
  const signature = decode(common.SignatureHeader, header.getSignatureHeader_asU8())
  return channel === undefined || signature === undefined ? undefined : { channel, signature, header }
}

/**
 * Reads an envelope as far as its headers, with the validation code where it cannot be. A seek has no nonce and the
 * first block's configuration no creator either: whether they must be there depends on what the envelope is.
 */
export const parseEnvelope = (envelope: common.Envelope): E.Either<number, ParsedEnvelope> => {
  const payload = decode(common.Payload, envelope.getPayload_asU8())
  if (payload === undefined) return E.left(Code.BAD_PAYLOAD)
  const headers = parseHeaders(payload.getHeader())
  if (headers === undefined) return E.left(Code.BAD_COMMON_HEADER)
  const signed = { payload: envelope.getPayload_asU8(), envelopeSignature: envelope.getSignature_asU8() }
  return E.right({ ...headers, ...signed, data: payload.getData_asU8() })
}

/** Reads an envelope of a block; undefined where its headers cannot be read. */
export const parseStored = (bytes: Uint8Array | undefined): ParsedEnvelope | undefined => {
  const envelope = bytes === undefined ? undefined : decode(common.Envelope, bytes)
  const parsed = envelope === undefined ? undefined : parseEnvelope(envelope)
  return parsed === undefined || E.isLeft(parsed) ? undefined : parsed.right
}

/** The id that a transaction must have: SHA-256 over nonce and creator, in hex. */
export const transactionId = (header: common.SignatureHeader): string =>
  sha256(header.getNonce_asU8(), header.getCreator_asU8()).toString('hex')

/** What endorsers hash of a proposal: its two headers, and its payload without the transient part. */
export const proposalHash = (header: common.Header, signatureHeader: Uint8Array, payload: Uint8Array): Buffer =>
  sha256(header.getChannelHeader_asU8(), signatureHeader, payload)

const soleAction = (data: Uint8Array): peer.TransactionAction | undefined => {
  const actions = decode(peer.Transaction, data)?.getActionsList()
  return actions?.length === 1 ? actions[0] : undefined
}

const eventOf = (bytes: Uint8Array): peer.ChaincodeEvent | undefined => {
  const event = bytes.length === 0 ? undefined : decode(peer.ChaincodeEvent, bytes)
  return event === undefined || event.getChaincodeId() === '' ? undefined : event
}

const actionOf = (
  action: peer.ChaincodeAction,
  endorsed: peer.ChaincodeEndorsedAction
): E.Either<number, EndorsedAction> => {
  const namespaces = parseReadWriteSet(action.getResults_asU8())
  const chaincode = action.getChaincodeId()?.getName() ?? ''
  if (namespaces === undefined) return E.left(Code.BAD_RWSET)
  if (chaincode === '') return E.left(Code.INVALID_CHAINCODE)
  return E.right({
    chaincode,
    namespaces,
    event: eventOf(action.getEvents_asU8()),
    responsePayload: endorsed.getProposalResponsePayload_asU8(),
    endorsements: endorsed.getEndorsementsList()
  })
}

/** Takes an endorsed transaction apart and checks that proposal, response and transaction belong together. */
export const parseAction = (parsed: ParsedEnvelope): E.Either<number, EndorsedAction> => {
  const action = soleAction(parsed.data)
  const payload = action === undefined ? undefined : decode(peer.ChaincodeActionPayload, action.getPayload_asU8())
  const endorsed = payload?.getAction()
  if (action === undefined || payload === undefined || endorsed === undefined)
    return E.left(Code.INVALID_ENDORSER_TRANSACTION)
  const response = decode(peer.ProposalResponsePayload, endorsed.getProposalResponsePayload_asU8())
  const hash = proposalHash(parsed.header, action.getHeader_asU8(), payload.getChaincodeProposalPayload_asU8())
  if (response === undefined || !sameBytes(hash, response.getProposalHash_asU8()))
    return E.left(Code.INVALID_ENDORSER_TRANSACTION)
  if (!sameBytes(action.getHeader_asU8(), parsed.header.getSignatureHeader_asU8()))
    return E.left(Code.INVALID_ENDORSER_TRANSACTION)
  const chaincodeAction = decode(peer.ChaincodeAction, response.getExtension_asU8())
  return chaincodeAction === undefined ? E.left(Code.BAD_RESPONSE_PAYLOAD) : actionOf(chaincodeAction, endorsed)
}
