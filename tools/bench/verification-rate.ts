import { generateKeyPairSync, sign } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

// Plain node:crypto and nothing else, in as many threads as there are cores.
const program = `
const { parentPort, workerData } = require('node:worker_threads')
const { createPublicKey, verify } = require('node:crypto')
const key = createPublicKey(workerData.key)
parentPort.on('message', count => {
  for (let i = 0; i < count; i++)
    if (!verify('sha256', workerData.message, key, workerData.signature)) throw new Error('it does not hold')
  parentPort.postMessage(count)
})`

/** Threads that verify one signature over and over. */
export interface Verifiers {
  readonly threads: number
  /** Milliseconds for so many verifications over all cores. */
  readonly time: (count: number) => Promise<number>
  readonly close: () => Promise<void>
}

const answered = (worker: Worker, count: number): Promise<void> =>
  new Promise((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
    worker.postMessage(count)
  })

/** Starts a thread a core; each verifies signatures on P-256 over messages of this length. */
export const startVerifiers = async (messageBytes: number): Promise<Verifiers> => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const message = Buffer.alloc(messageBytes, 7)
  const workerData = {
    key: publicKey.export({ type: 'spki', format: 'pem' }),
    message,
    signature: sign('sha256', message, privateKey)
  }
  const workers = Array.from(
    { length: availableParallelism() },
    () => new Worker(program, { eval: true, execArgv: [], workerData })
  )
  await Promise.all(workers.map(worker => answered(worker, 200)))
  return {
    threads: workers.length,
    time: async count => {
      const start = performance.now()
      await Promise.all(workers.map(worker => answered(worker, Math.ceil(count / workers.length))))
      return performance.now() - start
    },
    close: async () => {
      await Promise.all(workers.map(worker => worker.terminate()))
    }
  }
}
