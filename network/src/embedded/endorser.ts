import { peer } from '@hyperledger/fabric-protos'
import * as E from 'fp-ts/lib/Either.js'
import type { Chain } from './chain.ts'
import type { ChaincodePeer } from './chaincode-peer.ts'
import { answerCall, type CalledChaincode } from './chaincode-call.ts'
import { newStateRequests } from './chaincode-state.ts'
import { responsePayload } from './endorsed-envelope.ts'
import { errorText } from './error-text.ts'
import { newKeyHistory } from './key-history.ts'
import type { Identity, MspRegistry } from './msp.ts'
import type { FindCollection } from './private-data/collection-rules.ts'
import { checkProposal } from './proposal.ts'
import type { Proposal } from './proposal.ts'
import { newTransactionSimulation } from './transaction-simulation.ts'
import type { CollectionsOutcome, TransactionSimulation } from './transaction-simulation.ts'
import type { Turns } from './turns.ts'

/** A chaincode on the channel. */
export interface ChaincodeEntry {
  readonly name: string
  readonly version: string
  readonly peer: ChaincodePeer
  /** Processes that only the peers of single organisations call, by MSP id. */
  readonly own: ReadonlyMap<string, ChaincodePeer>
  /** Where it runs in one thread: the turns that large proposals take. */
  readonly turns?: Turns
}

/** Why a proposal came to nothing, in the classes that Fabric's gateway tells apart. */
export interface EndorseFailure {
  /** `proposal`: refused before it was executed; `peer`: not executed; `chaincode`: the chaincode said no. */
  readonly kind: 'proposal' | 'peer' | 'chaincode'
  readonly message: string
}

/** A proposal executed once: what every endorser signs. */
export interface Simulated {
  readonly proposal: Proposal
  readonly response: peer.Response
  readonly responsePayload: Uint8Array
  readonly collections: CollectionsOutcome
  /**
   * Another organisation's peer would come to the same: no plaintext of a private collection was asked for, and one
   * process answers everybody.
   */
  readonly sameEverywhere: boolean
}

/** What executing needs. */
export interface EndorserContext {
  readonly channel: string
  readonly chain: Chain
  readonly msp: MspRegistry
  readonly chaincode: (name: string) => ChaincodeEntry | undefined
  /** Private collections of the chaincodes. */
  readonly collection: FindCollection
}

type Result<A> = E.Either<EndorseFailure, A>

const failure = (kind: EndorseFailure['kind'], message: string): Result<never> => E.left({ kind, message })

const eventBytes = (event: peer.ChaincodeEvent | undefined, proposal: Proposal): Uint8Array => {
  if (event === undefined) return new Uint8Array()
  event.setChaincodeId(proposal.chaincode)
  event.setTxId(proposal.txId)
  return event.serializeBinary()
}

const chaincodeId = (name: string, version: string): peer.ChaincodeID => {
  const id = new peer.ChaincodeID()
  id.setName(name)
  id.setVersion(version)
  return id
}

const notDefined = (name: string, channel: string): string =>
  `make sure the chaincode ${name} has been successfully defined on channel ${channel} and try again: chaincode ${name} not found`

interface Runner {
  readonly run: CalledChaincode
  /** Whether one process of each chaincode that was called answers everybody. */
  readonly isShared: () => boolean
}

/** Executes a chaincode of a transaction, and those that it calls, as the peer of an organisation. */
const newRunner = (
  context: EndorserContext,
  { channelId, signed, txId }: Proposal,
  simulation: TransactionSimulation,
  peerOf: string
): Runner => {
  let shared = true
  const run: CalledChaincode = async (name, input) => {
    const entry = context.chaincode(name)
    if (entry === undefined) throw new Error(notDefined(name, channelId))
    shared &&= entry.own.size === 0
    const own = simulation.of(name)
    const historyOf = (key: string): ReturnType<typeof newKeyHistory> =>
      newKeyHistory(context.chain.read, own.history(key), name, key)
    const state = newStateRequests(name, own, historyOf, payload => answerCall(payload, channelId, run))
    const process = entry.own.get(peerOf) ?? entry.peer
    return process.execute({ channelId, txId, proposal: signed, input, state })
  }
  return { run, isShared: () => shared }
}

/**
 * Proposals from this size on take turns where one thread executes them. Side by side they would not come out earlier but all at
 * the same time: the thread opens one page after the other before it goes on with the first, and their clients, who have
 * waited for them together, then let it wait. A chaincode that another one calls is not held up by this.
 */
const largeProposal = 64 * 1024

const inTurn = async <A>(entry: ChaincodeEntry, proposal: Proposal, act: () => Promise<A>): Promise<A> => {
  const isLarge = proposal.signed.getProposalBytes_asU8().length >= largeProposal
  const leave = isLarge ? await entry.turns?.take() : undefined
  try {
    return await act()
  } finally {
    leave?.()
  }
}

const execute = async (
  context: EndorserContext,
  proposal: Proposal,
  entry: ChaincodeEntry,
  as: { readonly peerOf: string; readonly caller: Identity }
): Promise<Result<Simulated>> => {
  const { chain, channel, collection } = context
  const view = { ...as, channel, find: collection, store: chain.privateData }
  const simulation = newTransactionSimulation(chain.state, proposal.txId, view)
  try {
    const runner = newRunner(context, proposal, simulation, as.peerOf)
    const { response, event } = await runner.run(entry.name, proposal.input)
    if (response.getStatus() >= 400)
      return failure('chaincode', `chaincode response ${response.getStatus()}, ${response.getMessage()}`)
    const results = simulation.results()
    const payload = responsePayload({
      hash: proposal.hash,
      chaincode: chaincodeId(proposal.chaincode, entry.version),
      response,
      results,
      events: eventBytes(event, proposal)
    })
    const collections = simulation.collections()
    const sameEverywhere = runner.isShared() && !collections.seesPlaintext
    return E.right({ proposal, response, responsePayload: payload, collections, sameEverywhere })
  } catch (error) {
    return failure('peer', `error in simulation: failed to execute transaction ${proposal.txId}: ${errorText(error)}`)
  } finally {
    await simulation.close()
  }
}

/** Checks a proposal and executes it as the peer of an organisation: of private collections it has those that it is a member of. */
export const simulate = async (
  context: EndorserContext,
  proposal: Proposal,
  peerOf: string
): Promise<Result<Simulated>> => {
  if (proposal.channelId !== context.channel) return failure('peer', `channel '${proposal.channelId}' not found`)
  const creator = await checkProposal(context.msp, proposal)
  if (E.isLeft(creator)) return failure('proposal', creator.left)
  if (context.chain.state.transaction(proposal.txId) !== undefined)
    return failure('proposal', `duplicate transaction found [${proposal.txId}]`)
  const entry = context.chaincode(proposal.chaincode)
  if (entry === undefined) return failure('peer', notDefined(proposal.chaincode, proposal.channelId))
  return inTurn(entry, proposal, () => execute(context, proposal, entry, { peerOf, caller: creator.right }))
}
