import * as t from 'io-ts'
import { Sha256IdCodec } from '../json/codec.ts'

/** Whose submission of a record is meant: an id may have been submitted by several. */
export interface Submitter {
  readonly mspId: string
  /** Attribute `hf.EnrollmentID`, else the common name of the certificate. */
  readonly enrollmentId: string
}

/** A record of kind supersede (`bims.supersede/1`): a newer record takes the place of a submission. */
export interface Supersede {
  readonly schema: 'bims.supersede/1'
  /** Id of the record that is superseded. */
  readonly target: string
  /** Id of the record that takes its place. */
  readonly replacement: string
  /** Whose submission; absent: one's own. */
  readonly submission?: Submitter
  readonly reason?: string
}

/** A record of kind withdraw (`bims.withdraw/1`): a submission should no longer be relied on. It stays on the ledger. */
export interface Withdraw {
  readonly schema: 'bims.withdraw/1'
  /** Id of the record that is withdrawn. */
  readonly target: string
  /** Whose submission; absent: one's own. */
  readonly submission?: Submitter
  readonly reason?: string
}

/** Codec of {@link Submitter}. */
export const SubmitterCodec: t.Type<Submitter, unknown, unknown> = t.type(
  { mspId: t.string, enrollmentId: t.string },
  'Submitter'
)

/** Codec of {@link Supersede}. */
export const SupersedeCodec: t.Type<Supersede, unknown, unknown> = t.intersection(
  [
    t.type({ schema: t.literal('bims.supersede/1'), target: Sha256IdCodec, replacement: Sha256IdCodec }),
    t.partial({ submission: SubmitterCodec, reason: t.string })
  ],
  'Supersede'
)

/** Codec of {@link Withdraw}. */
export const WithdrawCodec: t.Type<Withdraw, unknown, unknown> = t.intersection(
  [
    t.type({ schema: t.literal('bims.withdraw/1'), target: Sha256IdCodec }),
    t.partial({ submission: SubmitterCodec, reason: t.string })
  ],
  'Withdraw'
)
