import * as t from 'io-ts'
import { CountCodec, Sha256IdCodec } from '../json/codec.ts'
import { SubmitterCodec, type Submitter } from './mark.ts'

/** A submission whose note is purged with its record. */
export interface PurgedSubmission extends Submitter {
  readonly id: string
}

/** An attachment of one submitter that is purged. */
export interface PurgedAttachment {
  readonly digest: string
  readonly enrollmentId: string
  /** How many chunks it has, as its header says. */
  readonly chunks: number
}

/** The argument of the transaction `Purge`. */
export interface PurgeArgument {
  /** mspId of the caller. */
  readonly owner: string
  /** Ids of records whose content is purged. */
  readonly records?: readonly string[]
  /** Who submitted what and when is purged too. */
  readonly submissions?: readonly PurgedSubmission[]
  readonly attachments?: readonly PurgedAttachment[]
}

/** The answer of `Purge`. */
export interface PurgeAnswer {
  /** Keys that were purged. */
  readonly keys: number
  readonly transaction: string
}

/** Codec of {@link PurgeArgument}. */
export const PurgeArgumentCodec: t.Type<PurgeArgument, unknown, unknown> = t.intersection(
  [
    t.type({ owner: t.string }),
    t.partial({
      records: t.readonlyArray(Sha256IdCodec),
      submissions: t.readonlyArray(t.intersection([SubmitterCodec, t.type({ id: Sha256IdCodec })])),
      attachments: t.readonlyArray(t.type({ digest: Sha256IdCodec, enrollmentId: t.string, chunks: CountCodec }))
    })
  ],
  'PurgeArgument'
)

/** Codec of {@link PurgeAnswer}. */
export const PurgeAnswerCodec: t.Type<PurgeAnswer, unknown, unknown> = t.type(
  { keys: CountCodec, transaction: t.string },
  'PurgeAnswer'
)
