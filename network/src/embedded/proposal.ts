import { common, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { parseHeaders, proposalHash, transactionId } from './envelope.ts'
import type { Headers } from './envelope.ts'
import { decode } from '../protobuf/messages.ts'
import type { Identity, MspRegistry } from './msp.ts'

/** A signed proposal taken apart; nothing of it is checked yet. */
export interface Proposal extends Headers {
  readonly signed: peer.SignedProposal
  readonly channelId: string
  readonly txId: string
  readonly chaincode: string
  readonly input: peer.ChaincodeInput
  readonly hasTransient: boolean
  /** The proposal's payload without its transient part, as it goes into the transaction. */
  readonly publicPayload: Uint8Array
  /** What the endorsers put into their response. */
  readonly hash: Uint8Array
}

const chaincodeOf = (header: common.ChannelHeader): string =>
  decode(peer.ChaincodeHeaderExtension, header.getExtension_asU8())?.getChaincodeId()?.getName() ?? ''

const withoutTransient = (payload: peer.ChaincodeProposalPayload): Uint8Array => {
  const publicPart = new peer.ChaincodeProposalPayload()
  publicPart.setInput(payload.getInput_asU8())
  return publicPart.serializeBinary()
}

/** Takes a signed proposal apart, or says what is wrong with its form. */
export const parseProposal = (signed: peer.SignedProposal): E.Either<string, Proposal> => {
  const proposal = decode(peer.Proposal, signed.getProposalBytes_asU8())
  if (proposal === undefined) return E.left('error unmarshalling Proposal')
  const header = decode(common.Header, proposal.getHeader_asU8())
  const headers = parseHeaders(header)
  if (headers === undefined) return E.left('error unmarshalling Header')
  const chaincode = chaincodeOf(headers.channel)
  if (chaincode === '') return E.left('ChaincodeHeaderExtension.ChaincodeId.Name is empty')
  const payload = decode(peer.ChaincodeProposalPayload, proposal.getPayload_asU8())
  if (payload === undefined) return E.left('error unmarshalling ChaincodeProposalPayload')
  const input = decode(peer.ChaincodeInvocationSpec, payload.getInput_asU8())?.getChaincodeSpec()?.getInput()
  if (input === undefined) return E.left('chaincode input did not contain any input')
  const publicPayload = withoutTransient(payload)
  return E.right({
    ...headers,
    signed,
    channelId: headers.channel.getChannelId(),
    txId: headers.channel.getTxId(),
    chaincode,
    input,
    hasTransient: payload.getTransientmapMap().getLength() > 0,
    publicPayload,
    hash: proposalHash(headers.header, headers.header.getSignatureHeader_asU8(), publicPayload)
  })
}

const formProblem = (proposal: Proposal): string | undefined => {
  if (proposal.channel.getType() !== common.HeaderType.ENDORSER_TRANSACTION)
    return `invalid header type ${proposal.channel.getType()}`
  if (proposal.channel.getEpoch() !== 0) return 'epoch is non-zero'
  if (proposal.signature.getNonce_asU8().length === 0) return 'nonce is empty'
  if (proposal.signature.getCreator_asU8().length === 0) return 'creator is empty'
  const expected = transactionId(proposal.signature)
  if (proposal.txId !== expected) return `incorrectly computed txid '${proposal.txId}' -- expected '${expected}'`
  return proposal.signed.getSignature_asU8().length === 0 ? 'empty signature bytes' : undefined
}

/**
 * Checks of a proposal its form, its creator and the creator's signature.
 * @returns The creator, or the sentence with which Fabric refuses.
 */
export const checkProposal = async (msp: MspRegistry, proposal: Proposal): Promise<E.Either<string, Identity>> => {
  const problem = formProblem(proposal)
  if (problem !== undefined) return E.left(`error validating proposal: ${problem}`)
  const creator = msp.identify(proposal.signature.getCreator_asU8())
  const denied = `error validating proposal: access denied: channel [${proposal.channelId}] creator org`
  if (E.isLeft(creator)) {
    const { mspId } = creator.left
    return E.left(mspId === undefined ? `${denied} unknown, creator is malformed` : `${denied} [${mspId}]`)
  }
  if (creator.right.notAfter < Date.now()) return E.left('proposal client identity expired')
  const holds = await msp.verify(
    creator.right,
    proposal.signed.getProposalBytes_asU8(),
    proposal.signed.getSignature_asU8()
  )
  return holds ? creator : E.left(`${denied} [${creator.right.mspId}]`)
}
