import { Server, ServerCredentials, status } from '@grpc/grpc-js'
import type { ServerDuplexStream } from '@grpc/grpc-js'
import { peer } from '@hyperledger/fabric-protos'
import { newError } from '@bims/core'
import type { ChaincodePeer } from './chaincode-peer.ts'
import { newChaincodeSession } from './chaincode-session.ts'
import type { ChaincodeSession } from './chaincode-session.ts'
import { isFreePort } from './free-port.ts'
import { messageLimits } from './message-limits.ts'
import { decode } from '../protobuf/messages.ts'
import { rpcError, statusOf } from './rpc-error.ts'

/**
 * `protos.ChaincodeSupport` on a port of its own: chaincode that starts itself with the shim's `Start` connects here,
 * as it does to a peer in development mode.
 */
export interface ChaincodeSupport {
  /** The port at which it listens. */
  readonly port: number
  /** The peer's side of a chaincode that is to connect by this name. */
  readonly expect: (name: string) => ChaincodePeer
  readonly close: () => void
}

type Stream = ServerDuplexStream<peer.ChaincodeMessage, peer.ChaincodeMessage>

// One chaincode is one stream; those that never say who they are must not add up.
const maxNameless = 100

// A chaincode calls itself by its name alone or, as on a peer, with its version or package after a colon.
const nameOf = (message: peer.ChaincodeMessage): string | undefined => {
  if (message.getType() !== peer.ChaincodeMessage.Type.REGISTER) return undefined
  return decode(peer.ChaincodeID, message.getPayload_asU8())?.getName().split(':')[0]
}

const refusal = (
  message: peer.ChaincodeMessage,
  sessions: ReadonlyMap<string, ChaincodeSession>
): string | undefined => {
  const name = nameOf(message)
  if (name === undefined) return 'the first message of a chaincode must be REGISTER with its id'
  const session = sessions.get(name)
  if (session === undefined)
    return `peer will not accept external chaincode connection ${name}: it is not on the channel`
  return session.isReady() ? `duplicate chaincodeID: ${name}` : undefined
}

// Told why, then no longer read: gRPC would go on taking its messages. One that does not read either is not told.
const refuse = (stream: Stream, code: status, why: string): void => {
  stream.pause()
  if (stream.writableLength > 0) return void stream.destroy()
  stream.once('finish', () => stream.destroy())
  stream.emit('error', statusOf(rpcError(code, why)))
}

const portTaken = (port: number, cause?: unknown): unknown =>
  newError(
    'network-port-taken',
    `Chaincode cannot be awaited at port ${port}: another program has it.`,
    'Choose a port that no other program uses.',
    cause === undefined ? {} : { cause }
  )

const listen = async (server: Server, port: number): Promise<number> => {
  if (!(await isFreePort(port))) throw portTaken(port)
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(portTaken(port, error))
    )
  })
}

/**
 * Begins to listen for chaincode, on loopback and without TLS.
 * @throws `network-port-taken`
 */
export const startChaincodeSupport = async (
  wantedPort: number,
  executeTimeoutMs?: number,
  onChange?: () => void
): Promise<ChaincodeSupport> => {
  const sessions = new Map<string, ChaincodeSession>()
  const streams = new Set<Stream>()
  const nameless = new Set<Stream>()
  const server = new Server({ ...messageLimits, 'grpc.max_concurrent_streams': maxNameless })
  server.addService(peer.ChaincodeSupportService, {
    register: (stream: Stream) => {
      streams.add(stream)
      nameless.add(stream)
      stream.on('error', () => undefined)
      stream.once('close', () => {
        streams.delete(stream)
        nameless.delete(stream)
      })
      stream.once('data', (message: peer.ChaincodeMessage) => {
        nameless.delete(stream)
        const why = refusal(message, sessions)
        if (why !== undefined) return refuse(stream, status.UNKNOWN, why)
        const manners = {
          registered: message,
          refuse: (flood: string) => refuse(stream, status.RESOURCE_EXHAUSTED, flood)
        }
        void sessions.get(nameOf(message) ?? '')?.attach(stream, manners)
      })
      for (const oldest of nameless) {
        if (nameless.size <= maxNameless) return
        nameless.delete(oldest)
        refuse(
          oldest,
          status.RESOURCE_EXHAUSTED,
          `${maxNameless} others have connected since, and this did not register`
        )
      }
    }
  })
  const port = await listen(server, wantedPort)
  return {
    port,
    expect: name => {
      const describe = (): string => `the chaincode ${name}, which is to connect to 127.0.0.1:${port},`
      const session = newChaincodeSession({ describe, executeTimeoutMs, onChange })
      sessions.set(name, session)
      return { ...session, close: () => void sessions.delete(name) }
    },
    close: () => {
      for (const stream of streams) stream.destroy()
      server.forceShutdown()
    }
  }
}
