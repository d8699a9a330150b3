import { parentPort } from 'node:worker_threads'
import { checkBatch, newBatchKeys, type BatchFinding, type BlockBatch } from './batch.ts'

/** What comes out for a batch: what was found of it, and its memory back. */
export interface WorkerAnswer {
  readonly finding: BatchFinding
  readonly bytes: BlockBatch['bytes']
}

// The thread that does an audit's work: a batch comes in, what was found of it goes out.
const keys = newBatchKeys()
parentPort?.on('message', (batch: BlockBatch) => {
  const { bytes } = batch
  const answer: WorkerAnswer = { finding: checkBatch(batch, keys), bytes }
  parentPort?.postMessage(answer, [bytes.buffer])
})
