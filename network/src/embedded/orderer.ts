import { setTimeout as delay } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import type { Chain, CommittedTransaction } from './chain.ts'
import { rpcError } from './rpc-error.ts'
import type { RpcError } from './rpc-error.ts'
import type { CheckedTransaction } from './validate.ts'

/** Limits of a block, as Fabric's orderers have them. */
export interface BatchLimits {
  /** Transactions a block. */
  readonly maxMessageCount: number
  /** Bytes of a block past which no further transaction is added. */
  readonly preferredMaxBytes: number
  /** How long a block waits for more transactions when several came at once; a lone one never waits. */
  readonly batchTimeoutMs: number
  /** Bytes of transactions that may wait; more are refused. */
  readonly maxQueuedBytes: number
}

/** The default limits. */
export const defaultBatchLimits: BatchLimits = {
  maxMessageCount: 500,
  preferredMaxBytes: 8 * 1024 * 1024,
  batchTimeoutMs: 2,
  maxQueuedBytes: 256 * 1024 * 1024
}

/** Puts transactions into blocks. */
export interface Orderer {
  /** Takes a transaction on; says why not where it cannot. Being taken on is not yet being committed. */
  readonly submit: (transaction: CheckedTransaction) => RpcError | undefined
  /**
   * Waits for a transaction to be committed, however long it takes.
   * Rejects with an {@link RpcError} where its block could not be written, and when the signal is aborted.
   */
  readonly committed: (txId: string, signal: AbortSignal) => Promise<CommittedTransaction>
  /** Stops taking transactions on and waits for the block under way. */
  readonly close: () => Promise<void>
}

interface Waiter {
  readonly resolve: (transaction: CommittedTransaction) => void
  readonly reject: (error: unknown) => void
}

const noRoom = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string' ? error.code : ''

const unavailable = (what: string): RpcError =>
  rpcError(status.UNAVAILABLE, 'no orderers could successfully process transaction', [
    { address: 'embedded', mspId: '', message: what }
  ])

interface Waiters {
  readonly add: (txId: string, waiter: Waiter) => void
  readonly remove: (txId: string, waiter: Waiter) => void
  readonly settle: (txId: string, act: (waiter: Waiter) => void) => void
  readonly all: () => readonly string[]
}

const newWaiters = (): Waiters => {
  const waiting = new Map<string, Set<Waiter>>()
  return {
    add: (txId, waiter) => {
      const present = waiting.get(txId) ?? new Set()
      waiting.set(txId, present.add(waiter))
    },
    remove: (txId, waiter) => {
      waiting.get(txId)?.delete(waiter)
      if (waiting.get(txId)?.size === 0) waiting.delete(txId)
    },
    settle: (txId, act) => {
      const present = waiting.get(txId)
      waiting.delete(txId)
      present?.forEach(act)
    },
    all: () => [...waiting.keys()]
  }
}

const takeBatch = (queue: CheckedTransaction[], limits: BatchLimits): CheckedTransaction[] => {
  let bytes = 0
  let count = 0
  for (const transaction of queue) {
    if (
      count >= limits.maxMessageCount ||
      (count > 0 && bytes + transaction.envelope.length > limits.preferredMaxBytes)
    )
      break
    bytes += transaction.envelope.length
    count += 1
  }
  return queue.splice(0, count)
}

/** Begins to order transactions for a chain. */
export const newOrderer = (chain: Chain, limits: BatchLimits = defaultBatchLimits): Orderer => {
  const queue: CheckedTransaction[] = []
  const waiters = newWaiters()
  let queuedBytes = 0
  let lastBatch = 0
  let running: Promise<void> | undefined
  let stopped: string | undefined

  const fail = (error: unknown, batch: readonly CheckedTransaction[], height: number): void => {
    const full = noRoom.has(codeOf(error)) && chain.height() === height
    const what = full ? 'the disk is full' : 'the embedded ledger failed to write and must be started again'
    if (!full) stopped = what
    for (const { txId } of batch) waiters.settle(txId, waiter => waiter.reject(unavailable(what)))
  }

  const cut = async (): Promise<void> => {
    const batch = takeBatch(queue, limits)
    for (const transaction of batch) queuedBytes -= transaction.envelope.length
    lastBatch = batch.length
    const height = chain.height()
    try {
      for (const done of await chain.commit(batch)) {
        // A copy of a transaction that was committed before: the first one's outcome stands.
        const first = chain.state.transaction(done.txId)
        const outcome = first === undefined ? done : { txId: done.txId, block: first.block, code: first.code }
        waiters.settle(done.txId, waiter => waiter.resolve(outcome))
      }
    } catch (error) {
      fail(error, batch, height)
    }
  }

  const run = async (): Promise<void> => {
    while (queue.length > 0 && stopped === undefined) {
      // Where transactions come side by side, a moment's patience puts more of them behind one write to the disk.
      if (lastBatch > 1 && queue.length < lastBatch) await delay(limits.batchTimeoutMs)
      await cut()
    }
    for (const { txId } of queue.splice(0)) waiters.settle(txId, waiter => waiter.reject(unavailable(stopped ?? '')))
    running = undefined
  }

  const submit: Orderer['submit'] = transaction => {
    if (stopped !== undefined) return unavailable(stopped)
    if (queuedBytes + transaction.envelope.length > limits.maxQueuedBytes)
      return unavailable('too many transactions wait')
    queue.push(transaction)
    queuedBytes += transaction.envelope.length
    running ??= Promise.resolve().then(run)
    return undefined
  }

  const committed: Orderer['committed'] = (txId, signal) =>
    new Promise((resolve, reject) => {
      const found = chain.state.transaction(txId)
      if (found !== undefined) return resolve({ txId, block: found.block, code: found.code })
      const waiter: Waiter = {
        resolve: transaction => {
          signal.removeEventListener('abort', aborted)
          resolve(transaction)
        },
        reject: (error: unknown) => {
          signal.removeEventListener('abort', aborted)
          reject(error)
        }
      }
      const aborted = (): void => {
        waiters.remove(txId, waiter)
        const cancelled: unknown = rpcError(status.CANCELLED, 'the call was cancelled')
        reject(cancelled)
      }
      signal.addEventListener('abort', aborted)
      waiters.add(txId, waiter)
    })

  return {
    submit,
    committed,
    close: async () => {
      stopped ??= 'the embedded ledger is stopping'
      await running
      for (const txId of waiters.all())
        waiters.settle(txId, waiter => waiter.reject(unavailable('the embedded ledger is stopping')))
    }
  }
}
