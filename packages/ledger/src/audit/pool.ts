import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { checkBatch, newBatchKeys, type BatchFinding, type BlockBatch } from './batch.ts'

/** What came of a batch, and which worker it was: identities are numbered by each worker for itself. */
export interface PoolFinding extends BatchFinding {
  readonly worker: number
}

/** Workers that look at batches of blocks. */
export interface CheckPool {
  /** How many batches may be on their way. */
  readonly room: number
  readonly check: (batch: BlockBatch) => Promise<PoolFinding>
  readonly close: () => Promise<void>
}

/** Checks batches in this thread: what a small chain needs. */
export const newLocalPool = (): CheckPool => {
  const keys = newBatchKeys()
  return {
    room: 1,
    check: batch => Promise.resolve({ worker: 0, ...checkBatch(batch, keys) }),
    close: () => Promise.resolve()
  }
}

const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './audit-worker.js', import.meta.url)

interface Seat {
  readonly worker: Worker
  readonly number: number
  readonly waiting: { readonly resolve: (finding: PoolFinding) => void; readonly reject: (cause: unknown) => void }[]
}

const openSeat = (number: number): Seat => {
  const worker = new Worker(entry, { execArgv: [], name: `audit ${number}` })
  const seat: Seat = { worker, number, waiting: [] }
  const fail = (cause: unknown): void => seat.waiting.splice(0).forEach(({ reject }) => reject(cause))
  worker.on('message', (finding: BatchFinding) => seat.waiting.shift()?.resolve({ worker: number, ...finding }))
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('a thread of the audit has ended')))
  return seat
}

/** Starts threads, as many as there are cores where nothing is said. Handles of the local pool are not theirs: numbers begin at 1. */
export const newThreadPool = (threads = availableParallelism()): CheckPool => {
  const seats = Array.from({ length: Math.max(1, threads) }, (_, i) => openSeat(i + 1))
  return {
    // Two each: a worker that has finished one goes on while its result is looked at.
    room: seats.length * 2,
    check: batch =>
      new Promise((resolve, reject) => {
        const seat = seats.reduce((least, one) => (one.waiting.length < least.waiting.length ? one : least))
        seat.waiting.push({ resolve, reject })
        seat.worker.postMessage(batch, [batch.bytes.buffer])
      }),
    close: async () => {
      await Promise.all(seats.map(({ worker }) => worker.terminate()))
    }
  }
}
