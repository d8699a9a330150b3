import { Client, credentials } from '@grpc/grpc-js'
import { utf8, type Signer } from '@bims/core'
import { connect, hash, type Contract, type Gateway, type Network } from '@hyperledger/fabric-gateway'
import type { ProfilePeer } from '../profile/profile.ts'
import { codeOfThrown } from './error.ts'
import { fabricSigner, pemOf } from './signing.ts'

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

/** The way to one peer. */
export interface Link {
  readonly endpoint: string
  readonly client: Client
  readonly gateway: Gateway
  readonly network: Network
  readonly contract: Contract
  /** Tells whether the peer answers at all within some milliseconds, whatever it answers. */
  readonly answers: (within: number) => Promise<boolean>
  readonly close: () => void
}

// The whole write set comes back to the client; the default of 4 MiB is too little, and a peer takes and gives 100 MiB. Peers ban
// clients whose HTTP/2 keepalive comes more than once a minute, so that a peer that fell silent is found out by `answers` instead.
const channelOptions = {
  'grpc.max_receive_message_length': 110 * 1024 * 1024,
  'grpc.max_send_message_length': 110 * 1024 * 1024,
  'grpc.keepalive_time_ms': 120_000,
  'grpc.keepalive_timeout_ms': 20_000,
  'grpc.initial_reconnect_backoff_ms': 200,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // One channel a link: a link that was left is not to be found again in a pool with its backoff.
  'grpc.use_local_subchannel_pool': 1
}

const raw = (bytes: Buffer): Buffer => bytes

// A method that peers need not have: to say that it is unknown is an answer too.
const probe = (client: Client, within: number): Promise<boolean> =>
  new Promise(resolve => {
    client.makeUnaryRequest(
      '/grpc.health.v1.Health/Check',
      raw,
      raw,
      Buffer.alloc(0),
      { deadline: Date.now() + within },
      error => resolve(error === null || ![1, 4, 14].includes(codeOfThrown(error) ?? 14))
    )
  })

/** Opens the way to a peer; nothing is sent yet. */
export const openLink = (options: ConnectionOptions, peer: ProfilePeer): Link => {
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
    identity: { mspId: options.mspId, credentials: utf8(pemOf(options.signer.certificates[0] ?? new Uint8Array())) },
    signer: fabricSigner(options.signer),
    hash: hash.none,
    evaluateOptions: within(options.deadlines.evaluate),
    endorseOptions: within(options.deadlines.endorse),
    submitOptions: within(options.deadlines.submit),
    commitStatusOptions: within(options.deadlines.status)
  })
  const network = gateway.getNetwork(options.channel)
  return {
    endpoint: peer.endpoint,
    client,
    gateway,
    network,
    contract: network.getContract(options.chaincode),
    answers: milliseconds => probe(client, milliseconds),
    close: () => {
      gateway.close()
      client.close()
    }
  }
}
