import * as t from 'io-ts'
import { CountCodec } from '../json/codec.ts'

/** The argument of the transaction `Runs`. */
export interface RunsArgument {
  /** Level of the index, 0 to 4. */
  readonly level: number
  /** `bookmark` of the answer before. */
  readonly bookmark?: string
}

/** A run of the index. */
export interface RunName {
  /** The transaction that wrote it, which is its name within its bucket. */
  readonly transaction: string
  readonly bytes: number
}

/** Runs of one bucket. */
export interface BucketRuns {
  /** `level + 1` hex digits. */
  readonly bucket: string
  readonly runs: readonly RunName[]
}

/** The answer of `Runs`: buckets that hold runs, in order. The last bucket may go on in the next answer. */
export interface RunsAnswer {
  readonly buckets: readonly BucketRuns[]
  /** Empty where nothing follows. */
  readonly bookmark: string
}

/** The argument of the transaction `Merge`: runs of a bucket that become up to 16 runs of the next level. */
export interface MergeArgument {
  readonly level: number
  readonly bucket: string
  /** Transactions that wrote the runs. */
  readonly runs: readonly string[]
}

/** The answer of `Merge`. */
export interface MergeAnswer {
  /** Runs that were merged. */
  readonly merged: number
  /** Runs that were written. */
  readonly written: number
  readonly transaction: string
}

/** Codec of {@link RunsArgument}. */
export const RunsArgumentCodec: t.Type<RunsArgument, unknown, unknown> = t.intersection(
  [t.type({ level: CountCodec }), t.partial({ bookmark: t.string })],
  'RunsArgument'
)

/** Codec of {@link RunsAnswer}. */
export const RunsAnswerCodec: t.Type<RunsAnswer, unknown, unknown> = t.type(
  {
    buckets: t.readonlyArray(
      t.type({
        bucket: t.string,
        runs: t.readonlyArray(t.type({ transaction: t.string, bytes: CountCodec }))
      })
    ),
    bookmark: t.string
  },
  'RunsAnswer'
)

/** Codec of {@link MergeArgument}. */
export const MergeArgumentCodec: t.Type<MergeArgument, unknown, unknown> = t.type(
  { level: CountCodec, bucket: t.string, runs: t.readonlyArray(t.string) },
  'MergeArgument'
)

/** Codec of {@link MergeAnswer}. */
export const MergeAnswerCodec: t.Type<MergeAnswer, unknown, unknown> = t.type(
  { merged: CountCodec, written: CountCodec, transaction: t.string },
  'MergeAnswer'
)
