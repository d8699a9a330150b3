import protobuf from 'google-protobuf'

const { BinaryReader } = protobuf

/** The part of the library's reader that the guard needs. */
interface Reader {
  readonly getBuffer: () => Uint8Array
  readonly getCursor: () => number
}

const lengthAt = (bytes: Uint8Array, at: number): number => {
  let length = 0
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i] ?? 0
    length += (byte & 127) * 2 ** (7 * i)
    if (byte < 128) return at + i + 1 + length
  }
  return Number.POSITIVE_INFINITY
}

const assertFits = (reader: Reader): void => {
  const bytes = reader.getBuffer()
  if (lengthAt(bytes, reader.getCursor()) > bytes.length) throw new Error('a field is longer than its message')
}

const methods = Object.getOwnPropertyNames(BinaryReader.prototype).filter(name =>
  /^(readMessage|readString|readBytes|readPacked.*)$/.test(name)
)

/**
 * Makes the protobuf library refuse a field that says it is longer than all bytes there are. As it is, it goes on reading
 * zeros past the end, as many as the length says: 24 bytes keep a process busy for a minute and more (seen with
 * google-protobuf 3.21.4). It has no setting for it, and the messages of a request are read before any code of ours; so
 * the methods of its reader are replaced, once for the process.
 */
export const guardProtobuf = (): void => {
  for (const name of methods.splice(0)) {
    const original: unknown = Reflect.get(BinaryReader.prototype, name)
    if (typeof original !== 'function') continue
    Reflect.set(BinaryReader.prototype, name, function (this: Reader, ...given: readonly unknown[]): unknown {
      assertFits(this)
      const result: unknown = Reflect.apply(original, this, given)
      return result
    })
  }
}
