import {
  canonicalText,
  ledgerLimits,
  mayAct,
  MergeArgumentCodec,
  newError,
  runLevels,
  toJson,
  unpackRun,
  type BimsError,
  type MergeAnswer,
  type MergeArgument,
  type Posting
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Caller } from '../state/caller.ts'
import { runWrites, type PlannedWrite } from '../state/index-write.ts'
import type { LedgerState } from '../state/ledger-state.ts'
import { isTransactionId, runKey } from '../state/state-key.ts'
import { damaged } from '../state/stored.ts'
import { malformedArgument, parseArgument, plain, transientEntries } from './argument.ts'
import { checkLevel } from './runs.ts'
import { writeAll } from './write-all.ts'

const lastLevel = runLevels - 1

const checkArgument = (argument: MergeArgument): E.Either<BimsError, MergeArgument> => {
  const { bucket, level, runs } = argument
  if (bucket.length !== level + 1 || !/^[0-9a-f]+$/.test(bucket))
    return malformedArgument(`A bucket of level ${level} is ${level + 1} hex digits.`)
  // The last level merges into itself: one run alone would only be written anew.
  const least = level === lastLevel ? 2 : 1
  if (runs.length < least || runs.length > ledgerLimits.runsPerMerge)
    return malformedArgument(`${least} to ${ledgerLimits.runsPerMerge} runs are merged, not ${runs.length}.`)
  return runs.every(isTransactionId) && new Set(runs).size === runs.length
    ? E.right(argument)
    : malformedArgument('Runs are named by the transactions that wrote them, each once.')
}

const mayMerge = (caller: Caller): E.Either<BimsError, undefined> =>
  mayAct(caller.role, 'merge', 'own-organization')
    ? E.right(undefined)
    : E.left(
        newError(
          'role-refused',
          `${caller.enrollmentId} of ${caller.mspId} has the role ${caller.role}, which may not merge.`,
          'Leave it to an identity that submits.'
        )
      )

const readRun = async (
  state: LedgerState,
  { bucket, level }: MergeArgument,
  run: string
): Promise<E.Either<BimsError, Uint8Array>> =>
  E.flatMap((value: Uint8Array | undefined): E.Either<BimsError, Uint8Array> =>
    value === undefined
      ? E.left(
          newError(
            'ledger-not-found',
            `The bucket ${bucket} holds no run ${run}.`,
            'It was merged already; ask Runs again.'
          )
        )
      : E.right(value)
  )(await state.get(runKey(level, bucket, run))())

const readPostings = async (
  state: LedgerState,
  argument: MergeArgument
): Promise<E.Either<BimsError, readonly Posting[]>> => {
  const postings: Posting[] = []
  let bytes = 0
  for (const run of argument.runs) {
    const value = await readRun(state, argument, run)
    if (E.isLeft(value)) return value
    bytes += value.right.length
    if (bytes > ledgerLimits.bytesPerMerge)
      return malformedArgument(`The runs have more than ${ledgerLimits.bytesPerMerge} bytes; merge fewer at once.`)
    const found = unpackRun(value.right)
    if (found === undefined) return E.left(damaged(`The run ${run} of bucket ${argument.bucket} cannot be read.`))
    postings.push(...found)
  }
  return E.right(postings)
}

const checkLast = (
  { level }: MergeArgument,
  writes: readonly PlannedWrite[]
): E.Either<BimsError, readonly PlannedWrite[]> =>
  level < lastLevel || writes.every(({ value }) => value.length <= ledgerLimits.lastRunBytes)
    ? E.right(writes)
    : malformedArgument(`The merged run would have more than ${ledgerLimits.lastRunBytes} bytes; leave it as it is.`)

/**
 * The transaction `Merge`: runs of a bucket become up to 16 of the finer buckets of the next level, so that a lookup reads few runs
 * however many transactions there were. It reads by point and deletes what it read: two merges of the same run conflict, and only one
 * comes out valid. Fails with `transaction-malformed`, `ledger-unsupported`, `role-refused`, `ledger-not-found`.
 */
export const merge =
  (state: LedgerState, caller: Caller, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const members = { level: plain, bucket: plain, runs: plain }
    const parsed = E.flatMap(checkArgument)(
      E.flatMap((read: MergeArgument) => checkLevel(read))(parseArgument(MergeArgumentCodec, members, argument))
    )
    if (E.isLeft(parsed)) return parsed
    const entries = transientEntries(state, [])
    if (E.isLeft(entries)) return entries
    const allowed = mayMerge(caller)
    if (E.isLeft(allowed)) return allowed
    const { bucket, level, runs } = parsed.right
    const postings = await readPostings(state, parsed.right)
    if (E.isLeft(postings)) return postings
    const next = Math.min(level + 1, lastLevel)
    const writes = checkLast(parsed.right, runWrites(next, postings.right, state.transaction))
    if (E.isLeft(writes)) return writes
    const removed = await Promise.all(runs.map(run => state.remove(runKey(level, bucket, run))()))
    const failed = removed.find(E.isLeft)
    if (failed !== undefined) return failed
    const written = await writeAll(state.put, writes.right)
    const answer: MergeAnswer = {
      merged: runs.length,
      written: writes.right.length,
      transaction: state.transaction
    }
    return E.map(() => canonicalText(toJson(answer)))(written)
  }
