import {
  canonicalText,
  ledgerLimits,
  runLevels,
  RunsArgumentCodec,
  toJson,
  type BimsError,
  type RunName,
  type RunsAnswer,
  type RunsArgument
} from '@bims/core/ledger-rules'
import * as E from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { LedgerState, StateEntry, StateRange } from '../state/ledger-state.ts'
import { grouped } from '../state/index-write.ts'
import { runsOf } from '../state/state-key.ts'
import { malformedArgument, parseArgument, plain } from './argument.ts'

/** Checks a level of the index. Fails with `transaction-malformed`. */
export const checkLevel = <A extends { readonly level: number }>(argument: A): E.Either<BimsError, A> =>
  argument.level < runLevels ? E.right(argument) : malformedArgument(`The index has the levels 0 to ${runLevels - 1}.`)

const nameOf = ({ attributes, value }: StateEntry): RunName => ({
  transaction: attributes[2] ?? '',
  bytes: value.length
})

/** The query `Runs`: the buckets of a level with the names of their runs, for whoever merges. Fails with `transaction-malformed`. */
export const runs =
  (state: LedgerState, argument: string): TaskEither<BimsError, string> =>
  async () => {
    const members = { level: plain, bookmark: plain }
    const parsed = E.flatMap((read: RunsArgument) => checkLevel(read))(
      parseArgument(RunsArgumentCodec, members, argument)
    )
    if (E.isLeft(parsed)) return parsed
    const { bookmark = '', level } = parsed.right
    const range = await state.range(runsOf(level), ledgerLimits.runsPerAnswer, bookmark)()
    return E.map((found: StateRange) => {
      const buckets = grouped(found.entries, ({ attributes }) => attributes[1] ?? '')
      const answer: RunsAnswer = {
        buckets: buckets.map(([bucket, entries]) => ({ bucket, runs: entries.map(nameOf) })),
        bookmark: found.bookmark
      }
      return canonicalText(toJson(answer))
    })(range)
  }
