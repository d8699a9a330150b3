import * as t from 'io-ts'
import { SaltCodec, Sha256IdCodec } from '../json/codec.ts'
import { RecordRefCodec, type RecordRef } from './record-ref.ts'

/** A record of kind share (`bims.share/1`): an organisation lets another one have a restricted record. It is restricted itself. */
export interface ShareRecord {
  readonly schema: 'bims.share/1'
  /** Id of the restricted record. */
  readonly target: string
  /** mspId of whose it is. */
  readonly owner: string
  /** mspId of who may read it from now on. */
  readonly receiver: string
  /** 16 random bytes, base64. */
  readonly salt: string
}

/**
 * The argument of the transaction `Share`. Transient map: `page`, the share records in the order of `records`, and
 * `targets`, the records that they are about, in the same order; both compressed as in `Submit`.
 */
export interface ShareArgument {
  /** mspId of the caller. */
  readonly owner: string
  readonly receiver: string
  /** Who submitted the records that are shared; absent: the caller. */
  readonly enrollmentId?: string
  /** The share records. */
  readonly records: readonly RecordRef[]
}

/** Name of the entry of the transient map that holds the page of the records that are shared. */
export const targetsEntry = 'targets'

/** Codec of {@link ShareRecord}. */
export const ShareRecordCodec: t.Type<ShareRecord, unknown, unknown> = t.type(
  {
    schema: t.literal('bims.share/1'),
    target: Sha256IdCodec,
    owner: t.string,
    receiver: t.string,
    salt: SaltCodec
  },
  'ShareRecord'
)

/** Codec of {@link ShareArgument}. */
export const ShareArgumentCodec: t.Type<ShareArgument, unknown, unknown> = t.intersection(
  [
    t.type({ owner: t.string, receiver: t.string, records: t.readonlyArray(RecordRefCodec) }),
    t.partial({ enrollmentId: t.string })
  ],
  'ShareArgument'
)
