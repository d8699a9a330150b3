import { common, gateway, msp, orderer, peer } from '@hyperledger/fabric-protos'
import timestampMessage from 'google-protobuf/google/protobuf/timestamp_pb.js'
import { nativeSigner, type TestClient } from '../client.ts'

/** A valid request of a method, taken apart so that what is signed can be changed before it is signed. */
export interface BaseRequest {
  readonly path: string
  readonly stream: boolean
  /** What is signed. */
  readonly signed: Buffer
  /** The whole request, for what was signed and the signature over it. */
  readonly wrap: (signed: Buffer, signature: Uint8Array) => Buffer
}

const bytesOf = (message: { readonly serializeBinary: () => Uint8Array }): Buffer =>
  Buffer.from(message.serializeBinary())

const identityOf = (client: TestClient): Buffer => {
  const identity = new msp.SerializedIdentity()
  identity.setMspid(client.mspId)
  identity.setIdBytes(Buffer.from(client.credential.certificate))
  return bytesOf(identity)
}

const proposing = (method: 'Endorse' | 'Evaluate', channel: string, proposal: Uint8Array): BaseRequest => ({
  path: `/gateway.Gateway/${method}`,
  stream: false,
  signed: Buffer.from(proposal),
  wrap: (signed, signature) => {
    const message = new peer.SignedProposal()
    message.setProposalBytes(signed)
    message.setSignature(signature)
    const request = method === 'Endorse' ? new gateway.EndorseRequest() : new gateway.EvaluateRequest()
    request.setChannelId(channel)
    request.setProposedTransaction(message)
    return bytesOf(request)
  }
})

const enveloped = (signed: Buffer, signature: Uint8Array): common.Envelope => {
  const envelope = new common.Envelope()
  envelope.setPayload(signed)
  envelope.setSignature(signature)
  return envelope
}

const submitting = (channel: string, payload: Uint8Array): BaseRequest => ({
  path: '/gateway.Gateway/Submit',
  stream: false,
  signed: Buffer.from(payload),
  wrap: (signed, signature) => {
    const request = new gateway.SubmitRequest()
    request.setChannelId(channel)
    request.setPreparedTransaction(enveloped(signed, signature))
    return bytesOf(request)
  }
})

const asking = (channel: string, identity: Buffer, transaction: string): BaseRequest => {
  const inner = new gateway.CommitStatusRequest()
  inner.setChannelId(channel)
  inner.setIdentity(identity)
  inner.setTransactionId(transaction)
  return {
    path: '/gateway.Gateway/CommitStatus',
    stream: false,
    signed: bytesOf(inner),
    wrap: (signed, signature) => {
      const request = new gateway.SignedCommitStatusRequest()
      request.setRequest(signed)
      request.setSignature(signature)
      return bytesOf(request)
    }
  }
}

const listening = (channel: string, identity: Buffer): BaseRequest => {
  const from = new orderer.SeekPosition()
  const specified = new orderer.SeekSpecified()
  specified.setNumber(0)
  from.setSpecified(specified)
  const inner = new gateway.ChaincodeEventsRequest()
  inner.setChannelId(channel)
  inner.setChaincodeId('probe')
  inner.setIdentity(identity)
  inner.setStartPosition(from)
  return {
    path: '/gateway.Gateway/ChaincodeEvents',
    stream: false,
    signed: bytesOf(inner),
    wrap: (signed, signature) => {
      const request = new gateway.SignedChaincodeEventsRequest()
      request.setRequest(signed)
      request.setSignature(signature)
      return bytesOf(request)
    }
  }
}

/** What asks for blocks, from the first on; the delivery ends with the last where `endless` is not set. */
export const seekPayload = (channel: string, identity: Buffer, endless = false): Buffer => {
  const start = new orderer.SeekPosition()
  start.setOldest(new orderer.SeekOldest())
  const stop = new orderer.SeekPosition()
  if (endless) {
    const last = new orderer.SeekSpecified()
    last.setNumber(Number.MAX_SAFE_INTEGER)
    stop.setSpecified(last)
  } else stop.setNewest(new orderer.SeekNewest())
  const seek = new orderer.SeekInfo()
  seek.setStart(start)
  seek.setStop(stop)
  const at = new timestampMessage.Timestamp()
  at.fromDate(new Date())
  const channelHeader = new common.ChannelHeader()
  channelHeader.setType(common.HeaderType.DELIVER_SEEK_INFO)
  channelHeader.setChannelId(channel)
  channelHeader.setTimestamp(at)
  const signatureHeader = new common.SignatureHeader()
  signatureHeader.setCreator(identity)
  signatureHeader.setNonce(Buffer.from('nonce'))
  const header = new common.Header()
  header.setChannelHeader(channelHeader.serializeBinary())
  header.setSignatureHeader(signatureHeader.serializeBinary())
  const payload = new common.Payload()
  payload.setHeader(header)
  payload.setData(seek.serializeBinary())
  return bytesOf(payload)
}

const delivering = (method: string, payload: Buffer): BaseRequest => ({
  path: `/protos.Deliver/${method}`,
  stream: true,
  signed: payload,
  wrap: (signed, signature) => bytesOf(enveloped(signed, signature))
})

/** One valid request of every method that a peer serves. */
export const baseRequests = async (client: TestClient, channel: string): Promise<readonly BaseRequest[]> => {
  const contract = client.gateway.getNetwork(channel).getContract('probe')
  const options = { arguments: ['hostile', 'v'], transientData: { content: 'secret' } }
  const proposal = contract.newProposal('put', options)
  const transaction = await proposal.endorse()
  const proposed = gateway.ProposedTransaction.deserializeBinary(proposal.getBytes()).getProposal()
  const prepared = gateway.PreparedTransaction.deserializeBinary(transaction.getBytes()).getEnvelope()
  const [identity, other] = [identityOf(client), contract.newProposal('put', options)]
  const evaluated = gateway.ProposedTransaction.deserializeBinary(other.getBytes()).getProposal()
  const seek = seekPayload(channel, identity)
  return [
    proposing('Endorse', channel, proposed?.getProposalBytes_asU8() ?? new Uint8Array()),
    proposing('Evaluate', channel, evaluated?.getProposalBytes_asU8() ?? new Uint8Array()),
    submitting(channel, prepared?.getPayload_asU8() ?? new Uint8Array()),
    asking(channel, identity, 'f'.repeat(64)),
    listening(channel, identity),
    delivering('Deliver', seek),
    delivering('DeliverFiltered', seek),
    delivering('DeliverWithPrivateData', seek)
  ]
}

/** Signs as a client does. */
export const signAs = (client: TestClient): ((bytes: Uint8Array) => Promise<Uint8Array>) =>
  nativeSigner(client.credential.privateKey)
