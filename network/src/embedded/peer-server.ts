import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import { gateway } from '@hyperledger/fabric-protos'
import { newError } from '@bims/core'
import type { Credential } from '../ca/authority.ts'
import { deliverService } from './deliver-service.ts'
import { isFreePort } from './free-port.ts'
import { messageLimits } from './message-limits.ts'

/** The gRPC server of one organisation's peer. */
export interface PeerServer {
  readonly port: number
  /** Ends all calls. */
  readonly close: () => Promise<void>
}

const options = { ...messageLimits, 'grpc.max_concurrent_streams': 2000 }

const bind = (server: Server, credentials: ServerCredentials, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error)
    )
  })

/** The port that a peer is to have: one that must be had, or one that is only preferred. */
export interface WantedPort {
  readonly port: number
  readonly must: boolean
}

const bindWanted = async (server: Server, credentials: ServerCredentials, wanted: WantedPort): Promise<number> => {
  const free = await isFreePort(wanted.port)
  if (!free && wanted.must)
    throw newError(
      'network-port-taken',
      `Port ${wanted.port} is taken by another program.`,
      'Choose another port, or none: any that is free is then used, and the profile names it.'
    )
  return bind(server, credentials, free ? wanted.port : 0).catch((error: unknown) => {
    if (wanted.must) throw error
    return bind(server, credentials, 0)
  })
}

/**
 * Serves a peer's services over TLS on loopback, at the port asked for; at any other where that is only preferred.
 * @throws `network-port-taken`
 */
export const startPeerServer = async (
  tls: Credential,
  wanted: WantedPort,
  handlers: { readonly gateway: UntypedServiceImplementation; readonly deliver: UntypedServiceImplementation }
): Promise<PeerServer> => {
  const server = new Server(options)
  server.addService(gateway.GatewayService, handlers.gateway)
  server.addService(deliverService, handlers.deliver)
  const pair = { private_key: Buffer.from(tls.privateKey), cert_chain: Buffer.from(tls.certificate) }
  const credentials = ServerCredentials.createSsl(null, [pair], false)
  const port = await bindWanted(server, credentials, wanted)
  return {
    port,
    close: () =>
      new Promise(resolve => {
        const force = setTimeout(() => server.forceShutdown(), 500)
        server.tryShutdown(() => {
          clearTimeout(force)
          resolve()
        })
      })
  }
}
