import * as t from 'io-ts'
import { CountCodec, Sha256IdCodec } from '../json/codec.ts'
import type { LedgerKind } from './kind.ts'
import { SubmitterCodec, type Submitter } from './mark.ts'
import { LedgerKindCodec, RecordRefCodec, type RecordRef } from './record-ref.ts'

/** The argument of the transaction `Submit`. */
export interface SubmitArgument {
  /** In the order in which the contents stand in the page. */
  readonly records: readonly RecordRef[]
}

/** The argument of the transactions `Read`. */
export interface ReadArgument {
  readonly id: string
  /** Most submissions in the answer. */
  readonly pageSize?: number
  /** `bookmark` of the answer before. */
  readonly bookmark?: string
}

/** The argument of the transaction `Attest`: the submission whose standing is attested. */
export interface AttestArgument extends Submitter {
  readonly id: string
}

/** What the state holds under a submission's key. */
export interface StoredSubmission {
  readonly kind: LedgerKind
  readonly schema: string
  /** Transaction that wrote the page with the content. */
  readonly page: string
  /** 0-based place in the page. */
  readonly at: number
}

/** One submission of a record. */
export interface Submission extends Submitter {
  /** Transaction in which it was submitted. */
  readonly transaction: string
}

/** A submission that was superseded or withdrawn, and by what. */
export interface Mark {
  /** Whose submission is meant. */
  readonly submission: Submitter
  readonly kind: 'supersede' | 'withdraw'
  /** Id of the record that says so. */
  readonly id: string
  /** Id of the record that takes its place, for `supersede`. */
  readonly replacement?: string
  /** Who said so, and in which transaction. */
  readonly by: Submission
}

/** The answer of `Read`: a record once, and everyone who submitted it. */
export interface RecordAnswer extends RecordRef {
  /** Canonical text; its UTF-8 bytes hash to the id. */
  readonly content: string
  readonly submissions: readonly Submission[]
  /** At most the first hundred. */
  readonly marks: readonly Mark[]
  /** Empty where nothing follows. */
  readonly bookmark: string
}

/** Codec of {@link SubmitArgument}. */
export const SubmitArgumentCodec: t.Type<SubmitArgument, unknown, unknown> = t.type(
  { records: t.readonlyArray(RecordRefCodec) },
  'SubmitArgument'
)

/** Codec of {@link ReadArgument}. */
export const ReadArgumentCodec: t.Type<ReadArgument, unknown, unknown> = t.intersection(
  [t.type({ id: Sha256IdCodec }), t.partial({ pageSize: CountCodec, bookmark: t.string })],
  'ReadArgument'
)

/** Codec of {@link AttestArgument}. */
export const AttestArgumentCodec: t.Type<AttestArgument, unknown, unknown> = t.intersection(
  [t.type({ id: Sha256IdCodec }), SubmitterCodec],
  'AttestArgument'
)

/** Codec of {@link StoredSubmission}. */
export const StoredSubmissionCodec: t.Type<StoredSubmission, unknown, unknown> = t.type(
  { kind: LedgerKindCodec, schema: t.string, page: t.string, at: CountCodec },
  'StoredSubmission'
)

const SubmissionCodec: t.Type<Submission, unknown, unknown> = t.intersection(
  [SubmitterCodec, t.type({ transaction: t.string })],
  'Submission'
)

/** Codec of {@link Mark}. */
export const MarkCodec: t.Type<Mark, unknown, unknown> = t.intersection(
  [
    t.type({
      submission: SubmitterCodec,
      kind: t.union([t.literal('supersede'), t.literal('withdraw')]),
      id: Sha256IdCodec,
      by: SubmissionCodec
    }),
    t.partial({ replacement: Sha256IdCodec })
  ],
  'Mark'
)

/** Codec of {@link RecordAnswer}. */
export const RecordAnswerCodec: t.Type<RecordAnswer, unknown, unknown> = t.intersection(
  [
    RecordRefCodec,
    t.type({
      content: t.string,
      submissions: t.readonlyArray(SubmissionCodec),
      marks: t.readonlyArray(MarkCodec),
      bookmark: t.string
    })
  ],
  'RecordAnswer'
)
