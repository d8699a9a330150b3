import { parentPort } from 'node:worker_threads'
import { checkBatch, type BatchFinding, type BlockBatch } from '../batch.ts'
import { newKeyRing } from '../key-ring.ts'

/** What comes out for a batch: what was found of it, and its memory back. */
export interface BlockAnswer {
  readonly finding: BatchFinding
  readonly bytes: BlockBatch['bytes']
}

// A thread that checks whole batches: blocks come in, what was found of them goes out.
const keys = newKeyRing()
parentPort?.on('message', (batch: BlockBatch) => {
  const answer: BlockAnswer = { finding: checkBatch(batch, keys), bytes: batch.bytes }
  parentPort?.postMessage(answer, [answer.bytes.buffer])
})
