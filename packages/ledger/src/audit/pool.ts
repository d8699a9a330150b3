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
  // Room for what a batch leaves behind: with less, short-lived objects are copied again and again.
  const resourceLimits = { maxYoungGenerationSizeMb: 64 }
  const worker = new Worker(entry, { execArgv: [], name: `audit ${number}`, resourceLimits })
  const seat: Seat = { worker, number, waiting: [] }
  const fail = (cause: unknown): void => seat.waiting.splice(0).forEach(({ reject }) => reject(cause))
  worker.on('message', (finding: BatchFinding) => seat.waiting.shift()?.resolve({ worker: number, ...finding }))
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('a thread of the audit has ended')))
  return seat
}

/** Batches that a thread has at once: one that has finished the first goes on with the second while its result is looked at. */
const queued = 2

/**
 * Checks batches in so many threads, as many as there are cores where nothing is said. This one is among them: whenever the others have
 * enough to do it takes a batch itself, for one thread more would have to be started and made fast while this one waits.
 */
export const newThreadPool = (threads = availableParallelism()): CheckPool => {
  const seats = Array.from({ length: Math.max(0, threads - 1) }, (_, i) => openSeat(i + 1))
  const local = newLocalPool()
  return {
    room: seats.length * queued + local.room,
    check: batch => {
      const [seat] = [...seats].sort((a, b) => a.waiting.length - b.waiting.length)
      if (seat === undefined || seat.waiting.length >= queued) return local.check(batch)
      return new Promise((resolve, reject) => {
        seat.waiting.push({ resolve, reject })
        seat.worker.postMessage(batch, [batch.bytes.buffer])
      })
    },
    close: async () => {
      await Promise.all(seats.map(({ worker }) => worker.terminate()))
    }
  }
}
