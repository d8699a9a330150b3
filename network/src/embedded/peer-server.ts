import { createServer } from 'node:net'
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
    server.bindAsync(`127.0.0.1:${port}`, credentials, (error, bound) =>
      error === null ? resolve(bound) : reject(error)
    )
  })

// Asked first by other means: the gRPC library writes to standard error when it cannot have a port.
const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

/** Serves a peer's services over TLS on loopback, at the port asked for where it is free, else at any other. */
export const startPeerServer = async (
  tls: Credential,
  wantedPort: number,
  handlers: { readonly gateway: UntypedServiceImplementation; readonly deliver: UntypedServiceImplementation }
): Promise<PeerServer> => {
  const server = new Server(options)
  server.addService(gateway.GatewayService, handlers.gateway)
  server.addService(deliverService, handlers.deliver)
  const pair = { private_key: Buffer.from(tls.privateKey), cert_chain: Buffer.from(tls.certificate) }
  const credentials = ServerCredentials.createSsl(null, [pair], false)
  const wanted = (await isFree(wantedPort)) ? wantedPort : 0
  const port = await bind(server, credentials, wanted).catch(() => bind(server, credentials, 0))
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
