import type { Entry } from './directory.ts'
import { malformed, unsigned, type TiffReader } from './reader.ts'
import { typeSizes } from './tags.ts'

/** The raw value bytes of an entry. Throws `tiff-malformed` past `most` bytes or the file's end. */
export const rawValue = async (reader: TiffReader, entry: Entry, most: number): Promise<Uint8Array> => {
  const what = `The value of tag ${entry.tag}`
  if (entry.length > most) malformed(`${what} claims ${entry.length} bytes, more than the ${most} that it may have.`)
  return entry.inline ?? reader.bytes(entry.at, entry.length, what)
}

/** BYTE, SHORT, LONG, IFD, LONG8, IFD8: the types that a count or an offset may have. */
const integerTypes: ReadonlySet<number> = new Set([1, 3, 4, 13, 16, 18])

const decoded = (reader: TiffReader, entry: Entry, bytes: Uint8Array, count: number): Float64Array => {
  if (!integerTypes.has(entry.type)) malformed(`Tag ${entry.tag} has type ${entry.type}, which holds no whole numbers.`)
  const size = typeSizes[entry.type] ?? 1
  const numbers = new Float64Array(count)
  for (let i = 0; i < count; i++) numbers[i] = unsigned(bytes, i * size, size, reader.littleEndian)
  return numbers
}

/** The unsigned integers that stand in the entry itself; none where they stand elsewhere. Throws `tiff-malformed`. */
export const inlineIntegers = (reader: TiffReader, entry: Entry): Float64Array =>
  decoded(reader, entry, entry.inline ?? new Uint8Array(), entry.inline === undefined ? 0 : entry.count)

/** An entry's unsigned integers, at most `most` of them (the rest is left unread). Throws `tiff-malformed`. */
export const integers = async (reader: TiffReader, entry: Entry, most: number): Promise<Float64Array> => {
  const count = Math.min(entry.count, most)
  const length = count * (typeSizes[entry.type] ?? 1)
  const bytes = entry.inline ?? (await reader.bytes(entry.at, length, `The value of tag ${entry.tag}`))
  return decoded(reader, entry, bytes, count)
}

/** Text as it stands, UTF-8 with a fall-back to Latin-1, without the closing NUL. */
export const textOf = (bytes: Uint8Array): string => {
  const end = bytes.indexOf(0)
  const text = end < 0 ? bytes : bytes.subarray(0, end)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(text)
  } catch {
    return new TextDecoder('latin1').decode(text)
  }
}
