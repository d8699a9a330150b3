import { Worker } from 'node:worker_threads'
import { setTimeout as delay } from 'node:timers/promises'
import { newError } from '@bims/core'

/** A chaincode that the embedded ledger itself runs, in a thread. */
export interface ChaincodeHost {
  /** `host:port` at which it listens now. */
  readonly address: () => string
  readonly close: () => Promise<void>
}

/** What to run. */
export interface ChaincodeModule {
  readonly name: string
  readonly version: string
  /** URL of a module that exports `contracts`, an array of contract classes, or the name of such a package. */
  readonly module: string
}

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './chaincode-worker.ts' : './chaincode-worker.js',
  import.meta.url
)

const failed = (name: string, why: unknown): unknown =>
  newError(
    'unexpected',
    `The chaincode ${name} does not start: ${String(why)}`,
    'See whether its module loads by itself.',
    {
      cause: why
    }
  )

const isMessage = (u: unknown): u is { readonly port?: number; readonly error?: string } =>
  typeof u === 'object' && u !== null

// The shim reads its log level and its peer's organisation from the environment of its process.
const environment = (): NodeJS.ProcessEnv => {
  // Left out as on a peer that does not set it: which organisation's peer asks differs from call to call.
  const rest = Object.entries(process.env).filter(([name]) => name !== 'CORE_PEER_LOCALMSPID')
  return {
    ...Object.fromEntries(rest),
    CORE_CHAINCODE_LOGGING_LEVEL: 'CRITICAL',
    CORE_CHAINCODE_LOGGING_SHIM: 'CRITICAL'
  }
}

const startWorker = (chaincode: ChaincodeModule): Promise<{ readonly worker: Worker; readonly port: number }> =>
  new Promise((resolve, reject) => {
    const ccid = `${chaincode.name}:${chaincode.version}`
    const worker = new Worker(entry, {
      workerData: { ...chaincode, ccid },
      env: environment(),
      execArgv: [],
      name: ccid
    })
    worker.once('error', error => reject(failed(chaincode.name, error)))
    worker.once('exit', code => reject(failed(chaincode.name, `exit code ${code}`)))
    worker.once('message', (message: unknown) => {
      if (isMessage(message) && message.port !== undefined) resolve({ worker, port: message.port })
      else {
        void worker.terminate()
        reject(failed(chaincode.name, isMessage(message) ? message.error : message))
      }
    })
  })

/**
 * Starts a chaincode in a thread of its own, and again whenever it ends by itself.
 * @throws `unexpected` where it does not start.
 */
export const startChaincodeHost = async (chaincode: ChaincodeModule): Promise<ChaincodeHost> => {
  let current = await startWorker(chaincode)
  const closing = new AbortController()
  const isClosed = (): boolean => closing.signal.aborted
  const watch = (): void => {
    current.worker.on('error', () => undefined)
    current.worker.once('exit', () => void restart())
  }
  const restart = async (): Promise<void> => {
    for (let wait = 100; !isClosed(); wait = Math.min(wait * 2, 5000)) {
      try {
        current = await startWorker(chaincode)
        if (isClosed()) await current.worker.terminate()
        else watch()
        return
      } catch {
        await delay(wait, undefined, { ref: false })
      }
    }
  }
  watch()
  return {
    address: () => `127.0.0.1:${current.port}`,
    close: async () => {
      closing.abort()
      await current.worker.terminate()
    }
  }
}
