import * as t from 'io-ts'
import { CountCodec, DateTimeCodec, Sha256IdCodec } from '../json/codec.ts'
import type { LedgerKind } from './kind.ts'
import { LedgerKindCodec, RecordRefCodec, type RecordRef } from './record-ref.ts'
import { SubmissionCodec, type CollectionOwner, type Submission } from './submission.ts'

/** The argument of the transaction `Find`: exactly one of image, source, reference, instrument, and kind with owner. */
export interface FindArgument {
  /** Content key or digest of an image: manifests that hold it. */
  readonly image?: string
  /** Content key of an image or id of a manifest: manifests of images that were made from it. */
  readonly source?: string
  /** Id of a record: those that name it otherwise than as source or instrument. */
  readonly reference?: string
  /** Id of an instrument: its acquisitions, by time. */
  readonly instrument?: string
  /** Records of this kind that {@link FindArgument.owner} submitted, by time. */
  readonly kind?: LedgerKind
  /** mspId of who submitted. */
  readonly owner?: string
  /** Only with kind and owner: not before this time (RFC 3339). */
  readonly from?: string
  /** Only with kind and owner: before this time. */
  readonly to?: string
  /** Most records in the answer. */
  readonly pageSize?: number
  /** `bookmark` of the answer before. */
  readonly bookmark?: string
  /** Only with kind and owner: in the private collection of this organisation, the caller's own. */
  readonly restricted?: CollectionOwner
}

/** A record that was found: one of its submissions. */
export interface FoundRecord extends RecordRef {
  /** Canonical text; its UTF-8 bytes hash to the id. */
  readonly content: string
  /** 0-based place in the page of its transaction; for a restricted record its place in the transaction. */
  readonly at: number
  readonly submission: Submission
}

/** The answer of `Find`. A record that several submitted comes once for each. */
export interface FindAnswer {
  readonly records: readonly FoundRecord[]
  /** Empty where nothing follows. An answer may hold fewer records than asked for, even none, and yet have one. */
  readonly bookmark: string
}

/** Codec of {@link FindArgument}. */
export const FindArgumentCodec: t.Type<FindArgument, unknown, unknown> = t.partial(
  {
    image: t.string,
    source: t.string,
    reference: Sha256IdCodec,
    instrument: Sha256IdCodec,
    kind: LedgerKindCodec,
    owner: t.string,
    from: DateTimeCodec,
    to: DateTimeCodec,
    pageSize: CountCodec,
    bookmark: t.string,
    restricted: t.type({ owner: t.string })
  },
  'FindArgument'
)

const FoundRecordCodec: t.Type<FoundRecord, unknown, unknown> = t.intersection(
  [RecordRefCodec, t.type({ content: t.string, at: CountCodec, submission: SubmissionCodec })],
  'FoundRecord'
)

/** Codec of {@link FindAnswer}. */
export const FindAnswerCodec: t.Type<FindAnswer, unknown, unknown> = t.type(
  { records: t.readonlyArray(FoundRecordCodec), bookmark: t.string },
  'FindAnswer'
)
