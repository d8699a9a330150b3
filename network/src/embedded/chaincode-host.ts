import { EventEmitter } from 'node:events'
import type { Worker } from 'node:worker_threads'
import { setTimeout as delay } from 'node:timers/promises'
import { peer } from '@hyperledger/fabric-protos'
import { newError } from '@bims/core'
import { takeThread } from './chaincode-thread.ts'
import type { ChaincodeStream, StreamManners } from './chaincode-session.ts'

/** A chaincode that the embedded ledger itself runs, in a thread. */
export interface ChaincodeHost {
  readonly close: () => Promise<void>
}

/** What to run. */
export interface ChaincodeModule {
  readonly name: string
  readonly version: string
  /** URL of a module that exports `contracts`, an array of contract classes, or the name of such a package. */
  readonly module: string
}

const failed = (name: string, why: unknown): unknown =>
  newError(
    'unexpected',
    `The chaincode ${name} does not start: ${String(why)}`,
    'See whether its module loads by itself.',
    {
      cause: why
    }
  )

const isMessage = (u: unknown): u is { readonly loaded?: boolean; readonly error?: string } =>
  typeof u === 'object' && u !== null

/** The conversation with a chaincode in a thread: what goes over gRPC to one elsewhere, a message a post. */
class ThreadStream extends EventEmitter implements ChaincodeStream {
  readonly #worker: Worker

  constructor(worker: Worker) {
    super()
    this.#worker = worker
    worker.on('message', (bytes: Uint8Array) => this.emit('data', peer.ChaincodeMessage.deserializeBinary(bytes)))
    worker.once('exit', () => this.emit('end'))
  }

  write(message: peer.ChaincodeMessage, written: () => void): void {
    const bytes = message.serializeBinary()
    // Its bytes stand alone in their buffer, which can be handed over as it is.
    this.#worker.postMessage(bytes, bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [])
    written()
  }
}

const startWorker = (chaincode: ChaincodeModule): Promise<Worker> =>
  new Promise((resolve, reject) => {
    const worker = takeThread()
    worker.once('error', error => reject(failed(chaincode.name, error)))
    worker.once('exit', code => reject(failed(chaincode.name, `exit code ${code}`)))
    worker.once('message', (message: unknown) => {
      if (isMessage(message) && message.loaded === true) resolve(worker)
      else {
        void worker.terminate()
        reject(failed(chaincode.name, isMessage(message) ? message.error : message))
      }
    })
    worker.postMessage({ ...chaincode, ccid: `${chaincode.name}:${chaincode.version}` })
  })

/**
 * Starts a chaincode in a thread of its own, and again whenever it ends by itself; `attach` gets each of its streams.
 * @throws `unexpected` where it does not start.
 */
export const startChaincodeHost = async (
  chaincode: ChaincodeModule,
  attach: (stream: ChaincodeStream, manners: StreamManners) => unknown
): Promise<ChaincodeHost> => {
  const closing = new AbortController()
  const isClosed = (): boolean => closing.signal.aborted
  const start = async (): Promise<Worker> => {
    const worker = await startWorker(chaincode)
    worker.on('error', () => undefined)
    worker.once('exit', () => void restart())
    attach(new ThreadStream(worker), { refuse: () => void worker.terminate() })
    return worker
  }
  const restart = async (): Promise<void> => {
    for (let wait = 100; !isClosed(); wait = Math.min(wait * 2, 5000)) {
      try {
        current = await start()
        if (isClosed()) await current.terminate()
        return
      } catch {
        await delay(wait, undefined, { ref: false })
      }
    }
  }
  let current = await start()
  return {
    close: async () => {
      closing.abort()
      await current.terminate()
    }
  }
}
