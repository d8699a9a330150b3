import * as t from 'io-ts'
import { Base64Codec, CountCodec, SaltCodec, Sha256IdCodec } from '../json/codec.ts'
import { ledgerLimits } from './limits.ts'

/** What stands beside the chunks of an attachment: canonical JSON. */
export interface AttachmentHeader {
  /** 16 random bytes, base64: the digest is SHA-256(0x03 ‖ salt ‖ bytes). */
  readonly salt: string
  /** Bytes in all. */
  readonly size: number
  readonly chunks: number
  readonly mediaType?: string
  readonly name?: string
}

/**
 * The argument of the transaction `Attach`. Transient map: `chunk/<n>` for each n from `first` on, `count` of them, and
 * `header` where `first` is 0.
 */
export interface AttachArgument {
  /** mspId of the caller. */
  readonly owner: string
  readonly digest: string
  readonly size: number
  readonly chunks: number
  /** 0-based number of the first chunk that comes with this transaction. */
  readonly first: number
  readonly count: number
  /** The organisation that the attachment, which the owner keeps already, is shared with. */
  readonly share?: AttachmentShare
}

/** With whom an attachment is shared, and whose copy. */
export interface AttachmentShare {
  /** mspId of another organisation. */
  readonly receiver: string
  /** Who attached it; the caller where it is not given. Of others only a steward may. */
  readonly enrollmentId?: string
}

/** The answer of `Attach`. */
export interface AttachAnswer {
  readonly chunks: number
  readonly transaction: string
}

/** The argument of the transaction `ReadAttachment`. */
export interface ReadAttachmentArgument {
  /** mspId of the caller. */
  readonly owner: string
  readonly digest: string
  /** Whose copy; absent: the caller's own, else the first that the caller may read. */
  readonly enrollmentId?: string
  readonly first: number
  readonly count: number
}

/** The answer of `ReadAttachment`. Whoever reads verifies the digest over all chunks. */
export interface ReadAttachmentAnswer {
  readonly digest: string
  readonly enrollmentId: string
  readonly header: AttachmentHeader
  /** Base64, from `first` on. */
  readonly chunks: readonly string[]
}

/** Name of the entry of the transient map that holds the header of an attachment. */
export const headerEntry = 'header'

/** Name of the entry of the transient map that holds a chunk of an attachment. */
export const chunkEntry = (n: number): string => `chunk/${n}`

/** Under whose name a receiver keeps an attachment that was shared with it. */
export const sharedBy = (owner: string, enrollmentId: string): string => `${owner}/${enrollmentId}`

/** How many chunks an attachment of this size has; an empty one has none. */
export const chunksOf = (size: number): number => Math.ceil(size / ledgerLimits.chunkBytes)

/** Codec of {@link AttachmentHeader}. */
export const AttachmentHeaderCodec: t.Type<AttachmentHeader, unknown, unknown> = t.intersection(
  [
    t.type({ salt: SaltCodec, size: CountCodec, chunks: CountCodec }),
    t.partial({ mediaType: t.string, name: t.string })
  ],
  'AttachmentHeader'
)

/** Codec of {@link AttachArgument}. */
export const AttachArgumentCodec: t.Type<AttachArgument, unknown, unknown> = t.intersection(
  [
    t.type({
      owner: t.string,
      digest: Sha256IdCodec,
      size: CountCodec,
      chunks: CountCodec,
      first: CountCodec,
      count: CountCodec
    }),
    t.partial({ share: t.intersection([t.type({ receiver: t.string }), t.partial({ enrollmentId: t.string })]) })
  ],
  'AttachArgument'
)

/** Codec of {@link AttachAnswer}. */
export const AttachAnswerCodec: t.Type<AttachAnswer, unknown, unknown> = t.type(
  { chunks: CountCodec, transaction: t.string },
  'AttachAnswer'
)

/** Codec of {@link ReadAttachmentArgument}. */
export const ReadAttachmentArgumentCodec: t.Type<ReadAttachmentArgument, unknown, unknown> = t.intersection(
  [
    t.type({ owner: t.string, digest: Sha256IdCodec, first: CountCodec, count: CountCodec }),
    t.partial({ enrollmentId: t.string })
  ],
  'ReadAttachmentArgument'
)

/** Codec of {@link ReadAttachmentAnswer}. */
export const ReadAttachmentAnswerCodec: t.Type<ReadAttachmentAnswer, unknown, unknown> = t.type(
  {
    digest: Sha256IdCodec,
    enrollmentId: t.string,
    header: AttachmentHeaderCodec,
    chunks: t.readonlyArray(Base64Codec)
  },
  'ReadAttachmentAnswer'
)
