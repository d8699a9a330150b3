import { status } from '@grpc/grpc-js'
import { common, gateway, peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { plannedEndorsers } from './endorsement-plan.ts'
import { simulate } from './endorser.ts'
import type { EndorseFailure, Simulated } from './endorser.ts'
import type { LedgerContext, OrganizationPeer } from './ledger-context.ts'
import { sameBytes } from './messages.ts'
import { parseProposal } from './proposal.ts'
import { rpcError } from './rpc-error.ts'
import type { ErrorDetail, RpcError } from './rpc-error.ts'

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

const failed = (named: boolean, details: readonly ErrorDetail[]): RpcError =>
  rpcError(
    status.ABORTED,
    `${named ? 'failed to collect enough transaction endorsements' : 'failed to endorse transaction'}, see attached details for more info`,
    details
  )

const mismatch = 'ProposalResponsePayloads do not match'

/**
 * Where plaintext of private collections was read, every organisation's peer executes for itself: what it sees differs.
 * All else is executed once, and comes out the same for everybody.
 */
const executedByOthers = async (
  context: LedgerContext,
  signed: peer.SignedProposal,
  first: Simulated,
  others: readonly OrganizationPeer[]
): Promise<readonly ErrorDetail[]> => {
  if (first.collections.read.length === 0) return []
  const details: ErrorDetail[] = []
  for (const other of others) {
    const simulated = await simulate(context, signed, other.mspId)
    if (E.isLeft(simulated)) details.push(detailOf(other, simulated.left.message))
    else if (!sameBytes(simulated.right.responsePayload, first.responsePayload)) details.push(detailOf(other, mismatch))
  }
  return details
}

/**
 * `gateway.Gateway/Endorse`: executes a proposal at the organisation that was called, or the first that the client names,
 * and has a peer of each organisation that the policies need, or that the client names, sign the outcome.
 */
export const endorseRequest = async (
  context: LedgerContext,
  own: OrganizationPeer,
  request: gateway.EndorseRequest
): Promise<gateway.EndorseResponse> => {
  const signed = signedProposal(request.getProposedTransaction(), context.channel)
  const named = [...new Set(request.getEndorsingOrganizationsList())]
  const first = selected(context, named)[0] ?? own
  const simulated = await simulate(context, signed, first.mspId)
  if (E.isLeft(simulated)) throw failed(named.length > 0, [detailOf(first, simulated.left.message)])
  const planned = named.length > 0 ? E.right(named) : plannedEndorsers(context, own.mspId, simulated.right)
  if (E.isLeft(planned)) throw planned.left
  const endorsers = selected(context, planned.right)
  const others = endorsers.filter(({ mspId }) => mspId !== first.mspId)
  const details = await executedByOthers(context, signed, simulated.right, others)
  if (details.length > 0) throw failed(true, details)
  const { collections, proposal, responsePayload } = simulated.right
  // Durable before anybody can submit it: once in a block, nothing but this has the contents.
  await context.chain.privateData.keep(proposal.txId, context.chain.height(), collections.writes)
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
  const simulated = await simulate(context, signed, target.mspId)
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
