import { parentPort } from 'node:worker_threads'
import { checkBatch, newBatchKeys, type BlockBatch } from './batch.ts'

// The thread that does an audit's work: a batch comes in, what was found of it goes out.
const keys = newBatchKeys()
parentPort?.on('message', (batch: BlockBatch) => parentPort?.postMessage(checkBatch(batch, keys)))
