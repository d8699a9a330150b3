import {
  canonicalText,
  ledgerLimits,
  RunsAnswerCodec,
  toJson,
  type BimsError,
  type BucketRuns,
  type MergeArgument,
  type RunName
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { decodeAnswer } from './answer.ts'
import { commitCall, keepNothing, type Sender } from './commit.ts'

/** What merging did. */
export interface Merged {
  /** Transactions that were made. */
  readonly merges: number
  /** Runs that are gone in them. */
  readonly runs: number
}

/** Runs in a bucket of the first level from which on they are worth merging. */
const least = 32

/** The same for the levels below, whose runs are larger: a lookup reads all of a bucket's, and has one bucket a level. */
const leastBelow = 8

/** Levels 0 to 4; the last one merges into itself. */
const lastLevel = 4

/** Merges on their way at the same time; each reads and removes some dozen keys. */
const lanes = 2

const decode = decodeAnswer(RunsAnswerCodec)

const bucketsOf = async (
  sender: Sender,
  level: number
): Promise<E.Either<BimsError, ReadonlyMap<string, readonly RunName[]>>> => {
  const buckets = new Map<string, readonly RunName[]>()
  const add = ({ bucket, runs }: BucketRuns): void => {
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), ...runs])
  }
  for (let bookmark = ''; ;) {
    const argument = canonicalText({ level, ...(bookmark !== '' && { bookmark }) })
    const answer = E.flatMap(decode)(await sender.connection.evaluate('Runs', argument)())
    if (E.isLeft(answer)) return answer
    for (const bucket of answer.right.buckets) add(bucket)
    if (answer.right.bookmark === '' || answer.right.bookmark === bookmark) return E.right(buckets)
    bookmark = answer.right.bookmark
  }
}

/** Runs of one bucket in portions that one transaction takes; the smallest first, which are most in number. */
const portions = (level: number, runs: readonly RunName[]): readonly (readonly string[])[] => {
  const isLast = level === lastLevel
  const room = isLast ? ledgerLimits.lastRunBytes : ledgerLimits.bytesPerMerge
  const found: string[][] = []
  let bytes = 0
  for (const run of runs.toSorted((a, b) => a.bytes - b.bytes)) {
    const portion = found.at(-1)
    const isFull = bytes + run.bytes > room || portion?.length === ledgerLimits.runsPerMerge
    if (portion === undefined || isFull) {
      found.push([run.transaction])
      bytes = run.bytes
    } else {
      portion.push(run.transaction)
      bytes += run.bytes
    }
  }
  return found.filter(portion => portion.length >= (isLast ? 2 : 1))
}

const callsOf = (level: number, buckets: ReadonlyMap<string, readonly RunName[]>): readonly MergeArgument[] =>
  [...buckets].flatMap(([bucket, runs]) =>
    runs.length < (level === 0 ? least : leastBelow)
      ? []
      : portions(level, runs).map(portion => ({ level, bucket, runs: portion }))
  )

// Somebody else has merged these runs, or does so at this moment: then they are merged.
const isDoneByOthers = ({ code, what }: BimsError): boolean =>
  code === 'ledger-not-found' || (code === 'ledger-refused' && /MVCC_READ_CONFLICT|PHANTOM/.test(what))

const mergeLevel = async (sender: Sender, level: number): Promise<E.Either<BimsError, Merged>> => {
  const buckets = await bucketsOf(sender, level)
  if (E.isLeft(buckets)) return buckets
  const queue = callsOf(level, buckets.right).values()
  const done = { merges: 0, runs: 0 }
  let failed: BimsError | undefined
  const lane = async (): Promise<void> => {
    for (const argument of queue) {
      if (failed !== undefined || sender.signal?.aborted === true) return
      const call = { transaction: 'Merge', argument: canonicalText(toJson(argument)) }
      const merged = await commitCall(sender, call, keepNothing)()
      if (E.isRight(merged)) {
        done.merges++
        done.runs += argument.runs.length
      } else if (!isDoneByOthers(merged.left)) failed = merged.left
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  return failed === undefined ? E.right(done) : E.left(failed)
}

/**
 * Merges the ledger's index where it lies in many small runs, level by level, so that a lookup reads few. Without it lookups only become
 * slower, never wrong. Any number of clients may do it at once. Fails with `role-refused`, `ledger-unreachable`, `ledger-timeout`.
 */
export const mergeIndexOf =
  (sender: Sender): TaskEither<BimsError, Merged> =>
  async () => {
    const once: Sender = { ...sender, patience: { ...sender.patience, proposals: 1 } }
    const all = { merges: 0, runs: 0 }
    for (let level = 0; level <= lastLevel; level++) {
      const merged = await mergeLevel(once, level)
      if (E.isLeft(merged)) return merged
      all.merges += merged.right.merges
      all.runs += merged.right.runs
    }
    return E.right(all)
  }

/** Merges in the background of submissions. */
export interface Merger {
  /** Says that a transaction was committed. */
  readonly committed: () => void
  /** Ends when nothing is merged any more. */
  readonly settled: () => Promise<void>
  readonly stop: () => void
}

/** Merges after every so many transactions, one merging at a time. What fails is left to the next time: nothing depends on it. */
export const newMerger = (sender: Sender, every: number = 2 * least): Merger => {
  const abort = new AbortController()
  let transactions = 0
  let running: Promise<unknown> | undefined
  return {
    committed: () => {
      transactions++
      if (running !== undefined || transactions < every || abort.signal.aborted) return
      transactions = 0
      running = mergeIndexOf({ ...sender, signal: abort.signal })().finally(() => {
        running = undefined
      })
    },
    settled: async () => {
      await running
    },
    stop: () => abort.abort()
  }
}
