import * as t from 'io-ts'
import { CountCodec, Sha256IdCodec } from '../json/codec.ts'
import type { LedgerKind } from './kind.ts'
import { SubmitterCodec, type Submitter } from './mark.ts'
import { LedgerKindCodec, RecordRefCodec, type RecordRef } from './record-ref.ts'

/** Whose private collection is meant. */
export interface CollectionOwner {
  /** mspId; it must be the caller's own. */
  readonly owner: string
}

/** What the argument of `Submit` says of one record. */
export interface SubmittedRef extends RecordRef {
  /**
   * For kind supersede and withdraw: the transaction in which the submission that is meant was made, as `Read` answers it.
   * Absent where it was made by version 1 of the chaincode, or is a restricted one.
   */
  readonly target?: string
}

/** Whose restricted submissions are released. */
export interface ReleaseOf extends CollectionOwner {
  /** Who made them; absent: the caller. */
  readonly enrollmentId?: string
}

/** The argument of the transaction `Submit`. */
export interface SubmitArgument {
  /** In the order in which the contents stand in the page. */
  readonly records: readonly SubmittedRef[]
  /** The records stay in this organisation's private collection. */
  readonly restricted?: CollectionOwner
  /** The records stand restricted and become public. */
  readonly release?: ReleaseOf
}

/** The answer of `Submit` and `Share`. */
export interface SubmitAnswer {
  readonly records: number
  readonly transaction: string
}

/** The argument of the transaction `Read`. */
export interface ReadArgument {
  readonly id: string
  /** Most submissions in the answer. */
  readonly pageSize?: number
  /** `bookmark` of the answer before. */
  readonly bookmark?: string
  /** Read from the private collection of this organisation, the caller's own. */
  readonly restricted?: CollectionOwner
}

/** The argument of the transaction `Attest`: a record, and the transaction in which it was submitted. */
export interface AttestArgument {
  readonly id: string
  readonly transaction: string
}

/** What the state holds under the key of a submission of version 1. */
export interface StoredSubmission {
  readonly kind: LedgerKind
  readonly schema: string
  /** Transaction that wrote the page with the content. */
  readonly page: string
  /** 0-based place in the page. */
  readonly at: number
}

/** What the state holds under a transaction's key: who submitted it, how many records, and when, as the submitter's clock said. */
export interface StoredTransaction extends Submitter {
  readonly records: number
  /** RFC 3339 in UTC with milliseconds, 24 characters. */
  readonly time: string
}

/** What a private collection holds under the key of a submission. */
export interface StoredRestricted {
  readonly kind: LedgerKind
  readonly schema: string
  readonly transaction: string
  readonly time: string
  /** Another organisation shared it. */
  readonly shared?: boolean
}

/** One submission of a record. */
export interface Submission extends Submitter {
  /** Transaction in which it was submitted. */
  readonly transaction: string
  /** When, as the submitter's clock said (RFC 3339, UTC, milliseconds); absent where version 1 of the chaincode took it. */
  readonly time?: string
  /** Restricted, and shared by another organisation. */
  readonly shared?: boolean
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
  /**
   * In the order of mspId and enrolment id, each identity once: of several submissions its first as far as this answer
   * goes. In a later answer it may come again, where it submitted the record often.
   */
  readonly submissions: readonly Submission[]
  /** At most the first hundred. */
  readonly marks: readonly Mark[]
  /** Empty where nothing follows. */
  readonly bookmark: string
}

const OwnerCodec: t.Type<CollectionOwner, unknown, unknown> = t.type({ owner: t.string }, 'CollectionOwner')

/** Codec of {@link SubmittedRef}. */
const SubmittedRefCodec: t.Type<SubmittedRef, unknown, unknown> = t.intersection(
  [RecordRefCodec, t.partial({ target: t.string })],
  'SubmittedRef'
)

/** Codec of {@link SubmitArgument}. */
export const SubmitArgumentCodec: t.Type<SubmitArgument, unknown, unknown> = t.intersection(
  [
    t.type({ records: t.readonlyArray(SubmittedRefCodec) }),
    t.partial({
      restricted: OwnerCodec,
      release: t.intersection([OwnerCodec, t.partial({ enrollmentId: t.string })])
    })
  ],
  'SubmitArgument'
)

/** Codec of {@link SubmitAnswer}. */
export const SubmitAnswerCodec: t.Type<SubmitAnswer, unknown, unknown> = t.type(
  { records: CountCodec, transaction: t.string },
  'SubmitAnswer'
)

/** Codec of {@link ReadArgument}. */
export const ReadArgumentCodec: t.Type<ReadArgument, unknown, unknown> = t.intersection(
  [t.type({ id: Sha256IdCodec }), t.partial({ pageSize: CountCodec, bookmark: t.string, restricted: OwnerCodec })],
  'ReadArgument'
)

/** Codec of {@link AttestArgument}. */
export const AttestArgumentCodec: t.Type<AttestArgument, unknown, unknown> = t.type(
  { id: Sha256IdCodec, transaction: t.string },
  'AttestArgument'
)

/** Codec of {@link StoredSubmission}. */
export const StoredSubmissionCodec: t.Type<StoredSubmission, unknown, unknown> = t.type(
  { kind: LedgerKindCodec, schema: t.string, page: t.string, at: CountCodec },
  'StoredSubmission'
)

/** Codec of {@link StoredTransaction}. */
export const StoredTransactionCodec: t.Type<StoredTransaction, unknown, unknown> = t.intersection(
  [SubmitterCodec, t.type({ records: CountCodec, time: t.string })],
  'StoredTransaction'
)

/** Codec of {@link StoredRestricted}. */
export const StoredRestrictedCodec: t.Type<StoredRestricted, unknown, unknown> = t.intersection(
  [
    t.type({ kind: LedgerKindCodec, schema: t.string, transaction: t.string, time: t.string }),
    t.partial({ shared: t.boolean })
  ],
  'StoredRestricted'
)

/** Codec of {@link Submission}. */
export const SubmissionCodec: t.Type<Submission, unknown, unknown> = t.intersection(
  [SubmitterCodec, t.type({ transaction: t.string }), t.partial({ time: t.string, shared: t.boolean })],
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
