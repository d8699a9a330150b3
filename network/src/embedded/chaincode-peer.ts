import { setTimeout as delay } from 'node:timers/promises'
import { credentials } from '@grpc/grpc-js'
import { peer } from '@hyperledger/fabric-protos'
import { newChaincodeSession } from './chaincode-session.ts'
import type { ChaincodeSession } from './chaincode-session.ts'
import { messageLimits } from './message-limits.ts'

/** The peer's side of a chaincode, connected or not. */
export interface ChaincodePeer extends Pick<ChaincodeSession, 'execute' | 'ready' | 'isReady'> {
  readonly close: () => void
}

/** Where a chaincode that runs as a service is found and how long it may take. */
export interface ChaincodePeerOptions {
  readonly name: string
  /** `host:port`; asked again at every connection, so that a chaincode may come back elsewhere. */
  readonly address: () => string
  /** Milliseconds an execution may take. Default 30,000, as in Fabric. */
  readonly executeTimeoutMs?: number | undefined
  /** Called when it has connected and when it is gone. */
  readonly onChange?: (() => void) | undefined
}

// Well within the time that a call waits for its chaincode.
const maxBackoffMs = 1000

/** Connects to a chaincode that runs as a service and keeps connected until closed. */
export const newChaincodePeer = (options: ChaincodePeerOptions): ChaincodePeer => {
  const { address, name } = options
  const session = newChaincodeSession({ ...options, describe: () => `the chaincode ${name} at ${address()}` })
  let closed = false
  let cancel = (): void => undefined

  const connectOnce = async (): Promise<void> => {
    const client = new peer.ChaincodeClient(address(), credentials.createInsecure(), messageLimits)
    const stream = client.connect()
    cancel = () => stream.cancel()
    await session.attach(stream, { refuse: () => stream.cancel() })
    client.close()
  }

  const keepConnected = async (): Promise<void> => {
    let backoff = 20
    while (!closed) {
      const began = Date.now()
      await connectOnce()
      backoff = Date.now() - began > 5000 ? 20 : Math.min(backoff * 2, maxBackoffMs)
      await delay(backoff, undefined, { ref: false })
    }
  }
  void keepConnected()

  return {
    execute: session.execute,
    ready: session.ready,
    isReady: session.isReady,
    close: () => {
      closed = true
      cancel()
    }
  }
}
