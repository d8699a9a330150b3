import {
  bundleBounds,
  isJsonArray,
  isJsonObject,
  parseJson,
  Sha256IdCodec,
  type Attachment,
  type JsonValue
} from '@bims/core'
import { isRight } from 'fp-ts/lib/Either.js'

/** Every attachment that a record names, wherever in it: objects with a name, a media type, a size and a digest. */
export const namedAttachments = (value: JsonValue): readonly Attachment[] => {
  if (isJsonArray(value)) return value.flatMap(namedAttachments)
  if (!isJsonObject(value)) return []
  const { name, mediaType, size, digest, at } = value
  const isAttachment = typeof mediaType === 'string' && typeof size === 'number' && Sha256IdCodec.is(digest)
  const place = typeof at === 'string' ? { at } : {}
  const own = isAttachment && typeof name === 'string' ? [{ name, mediaType, size, digest, ...place }] : []
  return [...own, ...Object.values(value).flatMap(child => (child === undefined ? [] : namedAttachments(child)))]
}

/** Media type of a list that was moved out of a record into an attachment. */
export const listType = 'application/json'

/** What an attachment that is a list of a record names in turn: steps that were moved there name their own. */
export const namedWithin = ({
  bytes,
  mediaType
}: {
  readonly bytes: Uint8Array
  readonly mediaType?: string
}): readonly Attachment[] => {
  const list = mediaType === listType ? parseJson(bytes, bundleBounds) : undefined
  return list !== undefined && isRight(list) ? namedAttachments(list.right) : []
}
