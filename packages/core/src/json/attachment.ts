import * as t from 'io-ts'
import { sha256 } from '../hash/sha256.ts'
import { toHex } from './bytes.ts'
import { CountCodec, Sha256IdCodec } from './codec.ts'

const attachmentPrefix = Uint8Array.of(3)

/** What a record says of bytes that stand beside it. */
export interface Attachment {
  readonly name: string
  readonly mediaType: string
  /** Length in bytes. */
  readonly size: number
  /** `sha256:` and the hex of SHA-256(0x03 ‖ salt ‖ bytes). */
  readonly digest: string
  /** Where in the image file the bytes already stand: `tiff:<directory>/<tag>[#n]`. */
  readonly at?: string
}

/** Codec of {@link Attachment}. */
export const AttachmentCodec: t.Type<Attachment, unknown, unknown> = t.intersection(
  [
    t.type({ name: t.string, mediaType: t.string, size: CountCodec, digest: Sha256IdCodec }),
    t.partial({ at: t.string })
  ],
  'Attachment'
)

/** An array that a record holds itself or, where it would burst the record, as an attachment of canonical JSON. */
export type Spilled<T> = T | { readonly attachment: Attachment }

/** Tells whether an array was moved into an attachment. */
export const isSpilled = <T>(value: Spilled<T>): value is { readonly attachment: Attachment } =>
  typeof value === 'object' && value !== null && 'attachment' in value

/** Codec of what stands in the place of an array that was moved into an attachment. */
export const SpilledCodec: t.Type<{ readonly attachment: Attachment }, unknown, unknown> = t.type(
  { attachment: AttachmentCodec },
  'Spilled'
)

/** The digest of an attachment's bytes under its salt of 16 random bytes. */
export const attachmentDigest = (salt: Uint8Array, bytes: Uint8Array): string =>
  `sha256:${toHex(sha256(attachmentPrefix, salt, bytes))}`
