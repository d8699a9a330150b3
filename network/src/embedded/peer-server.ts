import { Server, ServerCredentials } from '@grpc/grpc-js'
import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import { gateway } from '@hyperledger/fabric-protos'
import type { Credential } from '../ca/authority.ts'
import { deliverService } from './deliver-service.ts'

/** The gRPC server of one organisation's peer. */
export interface PeerServer {
  readonly port: number
  /** Ends all calls. */
  readonly close: () => Promise<void>
}

// Fabric's peers and clients agree on 100 MiB; a little more is left for what stands around a message.
const maxMessageBytes = 110 * 1024 * 1024

const options = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': -1,
  'grpc.max_concurrent_streams': 2000
}

const bind = (server: Server, credentials: ServerCredentials, port: number): Promise<number> =>
  new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) => (error === null ? resolve(bound) : reject(error)))
  })

/** Serves a peer's services over TLS on loopback, at the port asked for where it is free, else at any other. */
export const startPeerServer = async (
  tls: Credential,
  wantedPort: number,
  handlers: { readonly gateway: UntypedServiceImplementation; readonly deliver: UntypedServiceImplementation }
): Promise<PeerServer> => {
  const newServer = (): Server => {
    const server = new Server(options)
    server.addService(gateway.GatewayService, handlers.gateway)
    server.addService(deliverService, handlers.deliver)
    return server
  }
  const pair = { private_key: Buffer.from(tls.privateKey), cert_chain: Buffer.from(tls.certificate) }
  const credentials = ServerCredentials.createSsl(null, [pair], false)
  let server = newServer()
  const port = await bind(server, credentials, wantedPort).catch(() => {
    server.forceShutdown()
    server = newServer()
    return bind(server, credentials, 0)
  })
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
