import { Worker } from 'node:worker_threads'

const entry = new URL(
  import.meta.url.endsWith('.ts') ? './chaincode-worker.ts' : './chaincode-worker.js',
  import.meta.url
)

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

const newThread = (likely?: string): Worker => {
  const worker = new Worker(entry, {
    workerData: { likely },
    env: environment(),
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 64 },
    name: 'chaincode'
  })
  // Whoever takes it sees that it has ended; until then nobody hears of its error.
  worker.on('error', () => undefined)
  return worker
}

let spare: Worker | undefined

/**
 * Begins a thread for a chaincode before it is known which: it loads the shim and the module that it will most likely be while the
 * ledger loads its own program, and these two are most of a start. This module itself must load next to nothing.
 */
export const warmThread = (likely: string): void => {
  spare ??= newThread(likely)
}

/** A thread that waits to be told which chaincode it runs. */
export const takeThread = (): Worker => {
  const taken = spare
  spare = undefined
  // One that has ended has no number any more.
  return taken !== undefined && taken.threadId > 0 ? taken : newThread()
}

/** Ends a thread that nobody took. */
export const dropThread = async (): Promise<void> => {
  const dropped = spare
  spare = undefined
  await dropped?.terminate()
}
