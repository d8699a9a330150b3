import { status } from '@grpc/grpc-js'
import { gateway, type peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import { endorsedEnvelope } from './endorsed-envelope.ts'
import { plannedEndorsers } from './endorsement-plan.ts'
import { simulate } from './endorser.ts'
import type { EndorseFailure, Simulated } from './endorser.ts'
import type { LedgerContext, OrganizationPeer } from './ledger-context.ts'
import { sameBytes } from '../protobuf/messages.ts'
import { parseProposal } from './proposal.ts'
import type { Proposal } from './proposal.ts'
import { rpcError } from './rpc-error.ts'
import type { ErrorDetail, RpcError } from './rpc-error.ts'

const detailOf = (organization: OrganizationPeer, message: string): ErrorDetail => ({
  address: organization.endpoint(),
  mspId: organization.mspId,
  message
})

const proposalOf = (signed: peer.SignedProposal | undefined, channel: string): Proposal => {
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
  return parsed.right
}

const selected = (context: LedgerContext, mspIds: readonly string[]): readonly OrganizationPeer[] => {
  const missing = mspIds.filter(id => !context.peers.some(p => p.mspId === id))
  if (missing.length > 0)
    throw rpcError(status.UNAVAILABLE, `failed to find any endorsing peers for org(s): ${missing.join(', ')}`)
  return mspIds.flatMap(id => context.peers.filter(p => p.mspId === id))
}

const failed = (named: boolean, details: readonly ErrorDetail[]): RpcError =>
  rpcError(
    status.ABORTED,
    `${named ? 'failed to collect enough transaction endorsements' : 'failed to endorse transaction'}, see attached details for more info`,
    details
  )

const mismatch = 'ProposalResponsePayloads do not match'

/**
 * Where plaintext of private collections was asked for, or a chaincode has processes of single organisations, every
 * organisation's peer executes for itself: what it sees differs. All else is executed once, and comes out the same for
 * everybody.
 */
const executedByOthers = async (
  context: LedgerContext,
  proposal: Proposal,
  first: Simulated | undefined,
  others: readonly OrganizationPeer[]
): Promise<readonly ErrorDetail[]> => {
  if (first?.sameEverywhere === true) return []
  const details: ErrorDetail[] = []
  for (const other of others) {
    const simulated = await simulate(context, proposal, other.mspId)
    if (E.isLeft(simulated)) details.push(detailOf(other, simulated.left.message))
    else if (first !== undefined && !sameBytes(simulated.right.responsePayload, first.responsePayload))
      details.push(detailOf(other, mismatch))
  }
  return details
}

interface Endorsing {
  readonly simulated: Simulated
  readonly endorsers: readonly OrganizationPeer[]
}

const atNamed = async (
  context: LedgerContext,
  proposal: Proposal,
  [first, ...others]: readonly [OrganizationPeer, ...OrganizationPeer[]]
): Promise<Endorsing> => {
  const simulated = await simulate(context, proposal, first.mspId)
  if (E.isRight(simulated)) {
    const details = await executedByOthers(context, proposal, simulated.right, others)
    if (details.length > 0) throw failed(true, details)
    return { simulated: simulated.right, endorsers: [first, ...others] }
  }
  // What was not executed at all would not be elsewhere either.
  const further =
    simulated.left.kind === 'chaincode' ? await executedByOthers(context, proposal, undefined, others) : []
  throw failed(true, [detailOf(first, simulated.left.message), ...further])
}

const atChosen = async (context: LedgerContext, proposal: Proposal, own: OrganizationPeer): Promise<Endorsing> => {
  const simulated = await simulate(context, proposal, own.mspId)
  if (E.isLeft(simulated)) throw failed(false, [detailOf(own, simulated.left.message)])
  const planned = plannedEndorsers(context, own.mspId, simulated.right)
  if (E.isLeft(planned)) throw planned.left
  const endorsers = selected(context, planned.right)
  const others = endorsers.filter(({ mspId }) => mspId !== own.mspId)
  const details = await executedByOthers(context, proposal, simulated.right, others)
  if (details.length > 0) throw failed(true, details)
  return { simulated: simulated.right, endorsers }
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
  const proposal = proposalOf(request.getProposedTransaction(), context.channel)
  const [first, ...others] = selected(context, [...new Set(request.getEndorsingOrganizationsList())])
  const { endorsers, simulated } =
    first === undefined ? await atChosen(context, proposal, own) : await atNamed(context, proposal, [first, ...others])
  const { collections, responsePayload } = simulated
  // Durable before anybody can submit it: once in a block, nothing but this has the contents.
  await context.chain.privateData.keep(proposal.txId, collections.writes)
  const response = new gateway.EndorseResponse()
  response.setPreparedTransaction(
    // No trace of the transient part: it is the proposal's public payload that goes into it.
    endorsedEnvelope({
      header: proposal.header,
      publicPayload: proposal.publicPayload,
      responsePayload,
      endorsements: context.endorsements.endorse(
        endorsers.map(({ signer }) => signer),
        responsePayload
      )
    })
  )
  return response
}

const evaluateCode: Readonly<Record<EndorseFailure['kind'], status>> = {
  proposal: status.FAILED_PRECONDITION,
  peer: status.ABORTED,
  chaincode: status.UNKNOWN
}

// Of those that the client names, the called peer's own organisation goes first; names that nobody bears are passed over.
const evaluator = (
  context: LedgerContext,
  own: OrganizationPeer,
  targets: readonly string[]
): OrganizationPeer | undefined =>
  targets.length === 0 || targets.includes(own.mspId)
    ? own
    : targets.flatMap(mspId => context.peers.filter(one => one.mspId === mspId))[0]

/** `gateway.Gateway/Evaluate`: executes a proposal at one peer and answers with the result. */
export const evaluateRequest = async (
  context: LedgerContext,
  own: OrganizationPeer,
  request: gateway.EvaluateRequest
): Promise<gateway.EvaluateResponse> => {
  const proposal = proposalOf(request.getProposedTransaction(), context.channel)
  const target = evaluator(context, own, request.getTargetOrganizationsList())
  if (target === undefined)
    throw rpcError(
      status.FAILED_PRECONDITION,
      `no peers available to evaluate a chaincode in channel ${context.channel}`
    )
  const simulated = await simulate(context, proposal, target.mspId)
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
