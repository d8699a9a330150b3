import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { checkBatch, newBatchKeys, type BatchFinding, type BlockBatch } from './batch.ts'
import type { BatchMemory } from './batch-memory.ts'
import type { WorkerAnswer } from './worker.ts'

/** What came of a batch, and which worker it was: identities are numbered by each worker for itself. */
export interface PoolFinding extends BatchFinding {
  readonly worker: number
}

/** Looks at batches of blocks, in threads and in this one. */
export interface CheckPool {
  /** How many batches may be at the threads. */
  readonly room: number
  /** Hands a batch to a thread; undefined where all have enough to do. */
  readonly hand: (batch: BlockBatch) => Promise<PoolFinding> | undefined
  /** Checks a batch in this thread. */
  readonly check: (batch: BlockBatch) => PoolFinding
  readonly close: () => Promise<void>
}

const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './audit-worker.js', import.meta.url)

interface Seat {
  readonly worker: Worker
  readonly number: number
  readonly waiting: { readonly resolve: (finding: PoolFinding) => void; readonly reject: (cause: unknown) => void }[]
}

const openSeat = (number: number, memory: BatchMemory): Seat => {
  // Room for what a batch leaves behind: with less, short-lived objects are copied again and again.
  const resourceLimits = { maxYoungGenerationSizeMb: 64 }
  const worker = new Worker(entry, { execArgv: [], name: `audit ${number}`, resourceLimits })
  const seat: Seat = { worker, number, waiting: [] }
  const fail = (cause: unknown): void => seat.waiting.splice(0).forEach(({ reject }) => reject(cause))
  worker.on('message', ({ finding, bytes }: WorkerAnswer) => {
    memory.give(bytes)
    seat.waiting.shift()?.resolve({ worker: number, ...finding })
  })
  worker.on('error', fail)
  worker.on('exit', () => fail(new Error('a thread of the audit has ended')))
  return seat
}

/** Batches that a thread has at once: enough to go on with while this one checks a batch itself and takes no answers. */
const queued = 3

/**
 * Checks batches in so many threads, as many as there are cores where nothing is said. This one is among them: whenever the others have
 * enough to do it is to take a batch itself, for one thread more would have to be started and made fast while this one waits.
 */
export const newCheckPool = (memory: BatchMemory, threads = availableParallelism()): CheckPool => {
  const seats = Array.from({ length: Math.max(0, threads - 1) }, (_, i) => openSeat(i + 1, memory))
  const keys = newBatchKeys()
  return {
    room: seats.length * queued,
    hand: batch => {
      const [seat] = [...seats].sort((a, b) => a.waiting.length - b.waiting.length)
      if (seat === undefined || seat.waiting.length >= queued) return undefined
      return new Promise((resolve, reject) => {
        seat.waiting.push({ resolve, reject })
        seat.worker.postMessage(batch, [batch.bytes.buffer])
      })
    },
    check: batch => {
      const finding = checkBatch(batch, keys)
      memory.give(batch.bytes)
      return { worker: 0, ...finding }
    },
    close: async () => {
      await Promise.all(seats.map(({ worker }) => worker.terminate()))
    }
  }
}
