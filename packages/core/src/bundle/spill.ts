import * as E from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { newError, type BimsError } from '../errors.ts'
import { attachmentDigest, isSpilled, type Attachment, type Spilled } from '../json/attachment.ts'
import { fromBase64, toBase64 } from '../json/bytes.ts'
import { canonicalBytes, parseCanonical, recordBounds } from '../json/canonical.ts'
import { decodeWith } from '../json/codec.ts'
import { isJsonObject, toJson, type JsonObject, type JsonValue } from '../json/value.ts'
import { bundleBounds, type BundledAttachment } from './bundle.ts'
import type { RecordByKind, RecordKind } from './record.ts'

/** Where the arrays of each kind stand that may be moved into attachments. */
const spillable: { readonly [K in RecordKind]: readonly (readonly string[])[] } = {
  instrument: [],
  acquisition: [['mapping'], ['planes']],
  macro: [['steps'], ['redaction', 'tree']],
  image: [['images']]
}

const valueAt = (record: JsonValue, path: readonly string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((node, name) => (isJsonObject(node) ? node[name] : undefined), record)

const replacedAt = (node: JsonValue, path: readonly string[], value: JsonValue): JsonValue => {
  const [name, ...rest] = path
  if (name === undefined) return value
  const object: JsonObject = isJsonObject(node) ? node : {}
  return { ...object, [name]: replacedAt(object[name] ?? null, rest, value) }
}

/** Bytes as an attachment, to be named in a record, and what the bundle holds of it. */
export const newAttachment = (
  bytes: Uint8Array,
  about: { readonly name: string; readonly mediaType: string; readonly at?: string },
  salt: Uint8Array
): { readonly attachment: Attachment; readonly bundled: BundledAttachment } => {
  const digest = attachmentDigest(salt, bytes)
  return {
    attachment: {
      name: about.name,
      mediaType: about.mediaType,
      size: bytes.length,
      digest,
      ...(about.at === undefined ? {} : { at: about.at })
    },
    bundled: { digest, salt: toBase64(salt), ...(about.at === undefined ? { bytes: toBase64(bytes) } : {}) }
  }
}

/**
 * Moves the arrays that would burst a record (over 256 KiB canonical) into attachments, the largest first.
 * `newSalt` gives 16 random bytes a call. A record that fits is returned as it is.
 */
export const spillRecord = <K extends RecordKind>(
  kind: K,
  record: RecordByKind[K],
  newSalt: () => Uint8Array
): { readonly record: RecordByKind[K]; readonly attachments: readonly BundledAttachment[] } => {
  let value = toJson(record)
  let size = canonicalBytes(value).length
  const attachments: BundledAttachment[] = []
  if (size <= recordBounds.bytes) return { record, attachments }
  const arrays = spillable[kind]
    .flatMap(path => {
      const array = valueAt(value, path)
      return array === undefined || (isJsonObject(array) && 'attachment' in array)
        ? []
        : [{ path, bytes: canonicalBytes(array) }]
    })
    .sort((a, b) => b.bytes.length - a.bytes.length)
  for (const { bytes, path } of arrays) {
    if (size <= recordBounds.bytes) break
    const { attachment, bundled } = newAttachment(
      bytes,
      { name: path.join('.'), mediaType: 'application/json' },
      newSalt()
    )
    attachments.push(bundled)
    value = replacedAt(value, path, { attachment: toJson(attachment) })
    size = canonicalBytes(value).length
  }
  // Only arrays were exchanged for what their schema allows in their place, which no type can tell.
  // eslint-disable-next-line no-restricted-syntax -- inherent: the record was of this kind before the exchange
  return { record: value as JsonValue & RecordByKind[K], attachments }
}

/** Whether bytes are those that a record names, under the salt that the bundle gives (base64 of 16 bytes). */
export const isAttachment = (attachment: Attachment, salt: string, bytes: Uint8Array): boolean => {
  const saltBytes = fromBase64(salt)
  // Without a fixed length of the salt, its end could be told to be the beginning of the bytes.
  return (
    saltBytes?.length === 16 &&
    bytes.length === attachment.size &&
    attachmentDigest(saltBytes, bytes) === attachment.digest
  )
}

/** The bytes of an attachment that a bundle holds, checked against its digest. Fails with `attachment-digest`. */
export const attachmentBytes = (
  attachment: Attachment,
  bundled: readonly BundledAttachment[]
): E.Either<BimsError, Uint8Array> => {
  const entry = bundled.find(candidate => candidate.digest === attachment.digest)
  const bytes = entry?.bytes === undefined ? undefined : fromBase64(entry.bytes)
  if (entry === undefined || bytes === undefined) {
    return E.left(
      newError(
        'attachment-digest',
        `The bundle does not hold the bytes of ${attachment.name}.`,
        'Ask the owner of the file for them.'
      )
    )
  }
  return isAttachment(attachment, entry.salt, bytes)
    ? E.right(bytes)
    : E.left(
        newError(
          'attachment-digest',
          `The bytes of ${attachment.name} do not match their digest.`,
          'They were changed after saving.'
        )
      )
}

/**
 * The array that a record holds itself or as an attachment of the bundle.
 * Fails with `attachment-digest`, `record-schema`, `json-not-canonical`.
 */
export const unspill = <A>(
  value: Spilled<A>,
  codec: t.Type<A, unknown, unknown>,
  bundled: readonly BundledAttachment[]
): E.Either<BimsError, A> => {
  if (!isSpilled(value)) return E.right(value)
  const json = E.flatMap((bytes: Uint8Array) => parseCanonical(bytes, bundleBounds))(
    attachmentBytes(value.attachment, bundled)
  )
  return E.flatMap(decodeWith(codec, value.attachment.name))(json)
}
