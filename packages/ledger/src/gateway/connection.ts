import { newError, type BimsError, type Signer } from '@bims/core'
import type { Commit } from '@hyperledger/fabric-gateway'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { ProfilePeer } from '../profile/profile.ts'
import { commitOf } from './commit-request.ts'
import { gatewayError, isOrdered, isPeerAway } from './error.ts'
import { newFailover, type Held } from './failover.ts'
import { openLink, type ConnectionOptions, type Link } from './link.ts'
import { executeAt } from './peer-execution.ts'
import { fabricSigner } from './signing.ts'
import { statusName } from './status.ts'

export type { ConnectionOptions, Deadlines } from './link.ts'

/** An endorsed and signed transaction: these bytes may be submitted again, and count once. */
export interface SignedTransaction {
  readonly id: string
  readonly bytes: Uint8Array
}

/** How a transaction ended. */
export interface CommitOutcome {
  readonly block: number
  readonly valid: boolean
  /** Name of the validation code, such as `MVCC_READ_CONFLICT`. */
  readonly code: string
}

/** What accompanies a proposal. */
export interface ProposalOptions {
  /** Reaches the chaincode, never a block. */
  readonly transient?: Readonly<Record<string, Uint8Array>>
  /** MSP ids of the only organisations whose peers may execute it; where it is about private data these see it. */
  readonly organizations?: readonly string[]
}

/** The peers of an organisation as a client uses them; where one does not answer, the next is asked from then on. */
export interface Connection {
  readonly evaluate: (
    transaction: string,
    argument: string,
    options?: ProposalOptions
  ) => TaskEither<BimsError, Uint8Array>
  /** Has one peer execute a query, at its own endpoint and nowhere else. */
  readonly evaluateAt: (peer: ProfilePeer, transaction: string, argument: string) => TaskEither<BimsError, Uint8Array>
  readonly endorse: (
    transaction: string,
    argument: string,
    options?: ProposalOptions
  ) => TaskEither<BimsError, SignedTransaction>
  /** Submits signed bytes and waits for the block. To do it again with the same bytes changes nothing. */
  readonly settle: (bytes: Uint8Array) => TaskEither<BimsError, CommitOutcome>
  /** The peer that is asked at present, for what stays open longer than a call, such as a stream of events. */
  readonly hold: () => Held<Link>
  /** The organisation's peers, as the profile lists them. */
  readonly peers: readonly ProfilePeer[]
  readonly close: () => void
}

const proposalOptions = (
  argument: string,
  { transient, organizations }: ProposalOptions
): {
  readonly arguments: string[]
  readonly transientData?: Readonly<Record<string, Uint8Array>>
  readonly endorsingOrganizations?: string[]
} => ({
  arguments: [argument],
  ...(transient !== undefined && { transientData: transient }),
  ...(organizations !== undefined && { endorsingOrganizations: [...organizations] })
})

const endorseOn = async (
  { gateway, contract }: Link,
  signer: Signer,
  transaction: string,
  argument: string,
  options: ProposalOptions
): Promise<SignedTransaction> => {
  const endorsed = await contract.newProposal(transaction, proposalOptions(argument, options)).endorse()
  const signature = await fabricSigner(signer)(endorsed.getDigest())
  const signed = gateway.newSignedTransaction(endorsed.getBytes(), signature)
  return { id: signed.getTransactionId(), bytes: signed.getBytes() }
}

// Once the orderer has taken it, the transaction counts: a refusal to tell its status is no refusal of the transaction.
const statusUnknown = (cause: unknown): BimsError => {
  const error = gatewayError(cause)
  return error._tag === 'Unavailable'
    ? error
    : newError('ledger-timeout', `The outcome of the transaction is not known: ${error.what}`, error.advice, { cause })
}

const submitOn = async (link: Link, bytes: Uint8Array): Promise<Commit> => {
  try {
    return await link.gateway.newTransaction(bytes).submit()
  } catch (cause) {
    if (!isOrdered(cause)) throw cause
    return commitOf(link, bytes)
  }
}

const settleOn = async (link: Link, bytes: Uint8Array): Promise<E.Either<BimsError, CommitOutcome>> => {
  const submitted = await submitOn(link, bytes)
  try {
    const { blockNumber, code, successful } = await submitted.getStatus()
    return E.right({ block: Number(blockNumber), valid: successful, code: statusName(code) })
  } catch (cause) {
    if (isPeerAway(cause)) throw cause
    return E.left(statusUnknown(cause))
  }
}

const openAt =
  (options: ConnectionOptions) =>
  (place: number): Link =>
    openLink(options, options.peers[place] ?? { endpoint: '' })

/** Opens a connection; nothing is sent yet, so that the ledger may be away. All that fabric-gateway throws is caught here. */
export const openConnection = (options: ConnectionOptions): Connection => {
  const failover = newFailover(options.peers.length, openAt(options))
  // Each peer by itself, for what must be asked there and nowhere else.
  const single = new Map<string, Link>()
  const linkTo = (peer: ProfilePeer): Link => {
    const link = single.get(peer.endpoint) ?? openLink(options, peer)
    single.set(peer.endpoint, link)
    return link
  }
  return {
    peers: options.peers,
    evaluate:
      (transaction, argument, more = {}) =>
      () =>
        failover.ask(({ contract }) => contract.newProposal(transaction, proposalOptions(argument, more)).evaluate()),
    evaluateAt: (peer, transaction, argument) => async () => {
      try {
        const link = linkTo(peer)
        const proposal = link.contract.newProposal(
          transaction,
          proposalOptions(argument, { organizations: [options.mspId] })
        )
        return E.right(await executeAt(link, proposal, options.signer, options.deadlines.evaluate))
      } catch (cause) {
        return E.left(gatewayError(cause))
      }
    },
    endorse:
      (transaction, argument, more = {}) =>
      () =>
        failover.ask(link => endorseOn(link, options.signer, transaction, argument, more)),
    settle: bytes => async () => E.flatten(await failover.ask(link => settleOn(link, bytes))),
    hold: failover.hold,
    close: () => {
      failover.close()
      for (const link of single.values()) link.close()
      single.clear()
    }
  }
}
