import { createHash } from 'node:crypto'

/** A generated protobuf class, as far as reading goes. */
export interface MessageType<A> {
  deserializeBinary(bytes: Uint8Array): A
}

/** Reads a protobuf message that may be hostile; undefined where the bytes are none. */
export const decode = <A>(type: MessageType<A>, bytes: Uint8Array): A | undefined => {
  try {
    return type.deserializeBinary(bytes)
  } catch {
    return undefined
  }
}

/** SHA-256 over parts put together. */
export const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}

/** Compares two strings as Go does, by their UTF-8 bytes: read and write sets are sorted so. */
export const byUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** Sorted entries of a map, by the UTF-8 bytes of the keys. */
export const sortedEntries = <A>(map: ReadonlyMap<string, A>): readonly (readonly [string, A])[] =>
  [...map].sort((a, b) => byUtf8(a[0], b[0]))

/** Tells whether two byte strings are the same. */
export const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** Protobuf's variable-length integer. */
export const varint = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  while (rest > 127) {
    bytes.push((rest % 128) | 128)
    rest = Math.floor(rest / 128)
  }
  return Buffer.from([...bytes, rest])
}

/** Bytes in parts, put together once at the end: a page of a megabyte stands in nine messages, one in the other. */
export type Parts = readonly Uint8Array[]

/** How long parts are together. */
const lengthOf = (parts: Parts): number => parts.reduce((sum, part) => sum + part.length, 0)

/** A length-delimited protobuf field, in parts. */
export const fieldParts = (field: number, ...value: Parts): Parts => [
  varint(field * 8 + 2),
  varint(lengthOf(value)),
  ...value
]

/** A length-delimited protobuf field, for where building the whole message again would only copy it. */
export const bytesField = (field: number, value: Uint8Array): Buffer => Buffer.concat(fieldParts(field, value))
