import type { Pending } from './private-value.ts'

/** How much may wait for transactions that were endorsed and are in no block yet, and for how long. */
export interface PendingLimits {
  readonly maxBytes: number
  /** What waits longer is forgotten, in milliseconds. */
  readonly maxAgeMs: number
  /** What waits longer is forgotten where there is no room for something new, in milliseconds. */
  readonly minAgeMs: number
}

/** The default limits: half a gigabyte, a day, ten minutes. */
const defaultPendingLimits: PendingLimits = {
  maxBytes: 512 * 1024 * 1024,
  maxAgeMs: 24 * 3600 * 1000,
  minAgeMs: 10 * 60 * 1000
}

/** Transactions whose values wait for their block, the oldest first. */
export interface PendingTransactions {
  readonly has: (txId: string) => boolean
  readonly all: () => readonly string[]
  /** Adds what an execution wrote to what an earlier one of the same proposal did. */
  readonly add: (txId: string, entry: Pending) => Pending
  /** Takes one out. */
  readonly take: (txId: string) => Pending | undefined
  /** Those whose time is over, with so many bytes to come. */
  readonly expired: (now: number, bytes: number) => readonly string[]
  readonly hasRoom: (bytes: number) => boolean
}

/** Begins with none. */
export const newPendingTransactions = (given: Partial<PendingLimits>): PendingTransactions => {
  const limits = { ...defaultPendingLimits, ...given }
  const waiting = new Map<string, Pending>()
  let total = 0
  const add: PendingTransactions['add'] = (txId, entry) => {
    const earlier = waiting.get(txId)
    const merged =
      earlier === undefined
        ? entry
        : { at: earlier.at, bytes: earlier.bytes + entry.bytes, keys: [...earlier.keys, ...entry.keys] }
    waiting.set(txId, merged)
    total += entry.bytes
    return merged
  }
  return {
    has: txId => waiting.has(txId),
    all: () => [...waiting.keys()],
    add,
    take: txId => {
      const entry = waiting.get(txId)
      waiting.delete(txId)
      total -= entry?.bytes ?? 0
      return entry
    },
    expired: (now, bytes) => {
      const over: string[] = []
      let left = total + bytes
      for (const [txId, entry] of waiting) {
        const age = now - entry.at
        if (age < (left > limits.maxBytes ? limits.minAgeMs : limits.maxAgeMs)) break
        over.push(txId)
        left -= entry.bytes
      }
      return over
    },
    hasRoom: bytes => total + bytes <= limits.maxBytes
  }
}
