import { status } from '@grpc/grpc-js'
import { common, gateway, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { simulate } from './endorser.ts'
import type { EndorseFailure, Simulated } from './endorser.ts'
import type { LedgerContext, OrganizationPeer } from './ledger-context.ts'
import { parseProposal } from './proposal.ts'
import { rpcError } from './rpc-error.ts'
import type { ErrorDetail } from './rpc-error.ts'

const detailOf = (organization: OrganizationPeer, message: string): ErrorDetail => ({
  address: organization.endpoint(),
  mspId: organization.mspId,
  message
})

const signedProposal = (signed: peer.SignedProposal | undefined, channel: string): peer.SignedProposal => {
  if (signed === undefined || signed.getProposalBytes_asU8().length === 0)
    throw rpcError(status.INVALID_ARGUMENT, 'the proposed transaction must contain a signed proposal')
  const parsed = parseProposal(signed)
  if (E.isLeft(parsed)) throw rpcError(status.INVALID_ARGUMENT, `failed to unpack transaction proposal: ${parsed.left}`)
  if (parsed.right.channelId === '')
    throw rpcError(status.INVALID_ARGUMENT, 'failed to unpack transaction proposal: no channel id provided')
  if (parsed.right.channelId !== channel)
    throw rpcError(
      status.FAILED_PRECONDITION,
      `failed to get config for channel [${parsed.right.channelId}]: channel not found`
    )
  return signed
}

const selected = (context: LedgerContext, mspIds: readonly string[]): readonly OrganizationPeer[] => {
  const missing = mspIds.filter(id => !context.peers.some(p => p.mspId === id))
  if (missing.length > 0)
    throw rpcError(status.UNAVAILABLE, `failed to find any endorsing peers for org(s): ${missing.join(', ')}`)
  return mspIds.flatMap(id => context.peers.filter(p => p.mspId === id))
}

// The envelope that the client signs: the proposal's own header, and no trace of the transient part.
const prepared = (simulated: Simulated, endorsements: readonly peer.Endorsement[]): common.Envelope => {
  const endorsed = new peer.ChaincodeEndorsedAction()
  endorsed.setProposalResponsePayload(simulated.responsePayload)
  endorsed.setEndorsementsList([...endorsements])
  const actionPayload = new peer.ChaincodeActionPayload()
  actionPayload.setChaincodeProposalPayload(simulated.proposal.publicPayload)
  actionPayload.setAction(endorsed)
  const action = new peer.TransactionAction()
  action.setHeader(simulated.proposal.header.getSignatureHeader_asU8())
  action.setPayload(actionPayload.serializeBinary())
  const transaction = new peer.Transaction()
  transaction.addActions(action)
  const payload = new common.Payload()
  payload.setHeader(simulated.proposal.header)
  payload.setData(transaction.serializeBinary())
  const envelope = new common.Envelope()
  envelope.setPayload(payload.serializeBinary())
  return envelope
}

/**
 * `gateway.Gateway/Endorse`: executes a proposal once and has a peer of each organisation that the policy needs, or
 * that the client names, sign the outcome.
 */
export const endorseRequest = async (
  context: LedgerContext,
  own: OrganizationPeer,
  request: gateway.EndorseRequest
): Promise<gateway.EndorseResponse> => {
  const signed = signedProposal(request.getProposedTransaction(), context.channel)
  const named = request.getEndorsingOrganizationsList()
  const mspIds = named.length > 0 ? [...new Set(named)] : context.endorsement.endorsers(own.mspId)
  const endorsers = selected(context, mspIds)
  const simulated = await simulate(context, signed)
  if (E.isLeft(simulated)) {
    const text =
      named.length > 0 ? 'failed to collect enough transaction endorsements' : 'failed to endorse transaction'
    const first = endorsers[0] ?? own
    throw rpcError(status.ABORTED, `${text}, see attached details for more info`, [
      detailOf(first, simulated.left.message)
    ])
  }
  const { responsePayload } = simulated.right
  const response = new gateway.EndorseResponse()
  response.setPreparedTransaction(
    prepared(
      simulated.right,
      endorsers.map(({ signer }) => context.endorsements.endorse(signer, responsePayload))
    )
  )
  return response
}

const evaluateCode: Readonly<Record<EndorseFailure['kind'], status>> = {
  proposal: status.FAILED_PRECONDITION,
  peer: status.ABORTED,
  chaincode: status.UNKNOWN
}

/** `gateway.Gateway/Evaluate`: executes a proposal at one peer and answers with the result. */
export const evaluateRequest = async (
  context: LedgerContext,
  own: OrganizationPeer,
  request: gateway.EvaluateRequest
): Promise<gateway.EvaluateResponse> => {
  const signed = signedProposal(request.getProposedTransaction(), context.channel)
  const targets = request.getTargetOrganizationsList()
  const target = targets.length > 0 ? (selected(context, targets)[0] ?? own) : own
  const simulated = await simulate(context, signed)
  if (E.isLeft(simulated)) {
    const { kind, message } = simulated.left
    const text =
      kind === 'peer'
        ? 'failed to evaluate transaction, see attached details for more info'
        : `evaluate call to endorser returned error: ${message}`
    throw rpcError(evaluateCode[kind], text, [detailOf(target, message)])
  }
  const response = new gateway.EvaluateResponse()
  response.setResult(simulated.right.response)
  return response
}
