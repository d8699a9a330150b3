import { isJsonArray, isJsonObject, Sha256IdCodec, type JsonValue } from '@bims/core'

/** An attachment that a record names. */
export interface NamedAttachment {
  readonly name: string
  readonly digest: string
}

/** Every attachment that a record names, wherever in it: objects with a name, a media type, a size and a digest. */
export const namedAttachments = (value: JsonValue): readonly NamedAttachment[] => {
  if (isJsonArray(value)) return value.flatMap(namedAttachments)
  if (!isJsonObject(value)) return []
  const { name, mediaType, size, digest } = value
  const isAttachment = typeof mediaType === 'string' && typeof size === 'number' && Sha256IdCodec.is(digest)
  const own = isAttachment && typeof name === 'string' ? [{ name, digest }] : []
  return [...own, ...Object.values(value).flatMap(child => (child === undefined ? [] : namedAttachments(child)))]
}
