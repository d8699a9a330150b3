import { Client, credentials } from '@grpc/grpc-js'
import { newError, toBase64, utf8, type BimsError, type Signer } from '@bims/core'
import { connect, hash, type Contract, type Gateway } from '@hyperledger/fabric-gateway'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { ProfilePeer } from '../profile/profile.ts'
import { gatewayError, isPeerAway } from './error.ts'
import { statusName } from './status.ts'

/** How long each step may take, in milliseconds. */
export interface Deadlines {
  readonly evaluate: number
  readonly endorse: number
  readonly submit: number
  readonly status: number
}

/** What a connection is made of. */
export interface ConnectionOptions {
  readonly peers: readonly ProfilePeer[]
  /** PEM of the authority of the peers' TLS certificates. */
  readonly tlsRoot: string
  readonly mspId: string
  readonly signer: Signer
  readonly channel: string
  readonly chaincode: string
  readonly deadlines: Deadlines
}

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

/** The peers of an organisation as a client uses them; where one does not answer, the next is asked from then on. */
export interface Connection {
  readonly evaluate: (transaction: string, argument: string) => TaskEither<BimsError, Uint8Array>
  readonly endorse: (
    transaction: string,
    argument: string,
    transient?: Readonly<Record<string, Uint8Array>>
  ) => TaskEither<BimsError, SignedTransaction>
  /** Submits signed bytes and waits for the block. To do it again with the same bytes changes nothing. */
  readonly settle: (bytes: Uint8Array) => TaskEither<BimsError, CommitOutcome>
  readonly close: () => void
}

// The whole write set comes back to the client; the default of 4 MiB is too little. Peers ban clients that ping more than once a minute.
const channelOptions = {
  'grpc.max_receive_message_length': 128 * 1024 * 1024,
  'grpc.max_send_message_length': 128 * 1024 * 1024,
  'grpc.keepalive_time_ms': 120_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000
}

interface Link {
  readonly client: Client
  readonly gateway: Gateway
  readonly contract: Contract
}

const pem = (der: Uint8Array): string =>
  `-----BEGIN CERTIFICATE-----\n${toBase64(der).replaceAll(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`

// The signer takes messages, so that nothing is hashed before it: node:crypto hashes and signs in one call.
const fabricSigner =
  (signer: Signer) =>
  async (message: Uint8Array): Promise<Uint8Array> => {
    const signature = await signer.sign(message)()
    if (E.isLeft(signature)) throw new Error(signature.left.what)
    return signature.right
  }

const openLink = (options: ConnectionOptions, peer: ProfilePeer): Link => {
  const override =
    peer.hostOverride === undefined
      ? {}
      : { 'grpc.ssl_target_name_override': peer.hostOverride, 'grpc.default_authority': peer.hostOverride }
  const client = new Client(peer.endpoint, credentials.createSsl(Buffer.from(options.tlsRoot)), {
    ...channelOptions,
    ...override
  })
  const within = (milliseconds: number) => () => ({ deadline: Date.now() + milliseconds })
  const gateway = connect({
    client,
    identity: { mspId: options.mspId, credentials: utf8(pem(options.signer.certificates[0] ?? new Uint8Array())) },
    signer: fabricSigner(options.signer),
    hash: hash.none,
    evaluateOptions: within(options.deadlines.evaluate),
    endorseOptions: within(options.deadlines.endorse),
    submitOptions: within(options.deadlines.submit),
    commitStatusOptions: within(options.deadlines.status)
  })
  return { client, gateway, contract: gateway.getNetwork(options.channel).getContract(options.chaincode) }
}

const endorseOn = async (
  { gateway, contract }: Link,
  signer: Signer,
  transaction: string,
  argument: string,
  transientData: Readonly<Record<string, Uint8Array>>
): Promise<SignedTransaction> => {
  const endorsed = await contract.newProposal(transaction, { arguments: [argument], transientData }).endorse()
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

const settleOn = async ({ gateway }: Link, bytes: Uint8Array): Promise<E.Either<BimsError, CommitOutcome>> => {
  const submitted = await gateway.newTransaction(bytes).submit()
  try {
    const { blockNumber, code, successful } = await submitted.getStatus()
    return E.right({ block: Number(blockNumber), valid: successful, code: statusName(code) })
  } catch (cause) {
    if (isPeerAway(cause)) throw cause
    return E.left(statusUnknown(cause))
  }
}

/** Opens a connection; nothing is sent yet, so that the ledger may be away. All that fabric-gateway throws is caught here. */
export const openConnection = (options: ConnectionOptions): Connection => {
  const links = new Map<number, Link>()
  let current = 0
  const link = (): Link => {
    const known = links.get(current)
    if (known !== undefined) return known
    const opened = openLink(options, options.peers[current] ?? { endpoint: '' })
    links.set(current, opened)
    return opened
  }
  const asked =
    <A>(question: (link: Link) => Promise<A>): TaskEither<BimsError, A> =>
    async () => {
      for (let tried = 1; ; tried++) {
        try {
          return E.right(await question(link()))
        } catch (cause) {
          if (!isPeerAway(cause)) return E.left(gatewayError(cause))
          current = (current + 1) % options.peers.length
          if (tried >= options.peers.length) return E.left(gatewayError(cause))
        }
      }
    }
  return {
    evaluate: (transaction, argument) =>
      asked(({ contract }) => contract.newProposal(transaction, { arguments: [argument] }).evaluate()),
    endorse: (transaction, argument, transient = {}) =>
      asked(on => endorseOn(on, options.signer, transaction, argument, transient)),
    settle: bytes => async () => E.flatten(await asked(on => settleOn(on, bytes))()),
    close: () => {
      for (const { client, gateway } of links.values()) {
        gateway.close()
        client.close()
      }
      links.clear()
    }
  }
}
