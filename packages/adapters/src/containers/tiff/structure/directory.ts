import { malformed, unsigned, type TiffHeader, type TiffReader } from './reader.ts'
import { typeSizes } from './tags.ts'

/** One entry of a directory. Repeats of a tag are further entries. */
export interface Entry {
  readonly tag: number
  readonly type: number
  readonly count: number
  /** Where the raw value bytes stand in the file. */
  readonly at: number
  /** Length of the value in bytes; 0 for an unknown type. */
  readonly length: number
  /** The value's bytes where they stand in the entry itself. */
  readonly inline?: Uint8Array
  /** The entry's own bytes, 12 or 20, as they stand in the file. */
  readonly raw: Uint8Array
}

/** One image file directory as it stands. */
export interface Directory {
  readonly offset: number
  /** First byte after it. */
  readonly end: number
  readonly entries: readonly Entry[]
  /** Offset of the next directory, 0 for none. */
  readonly next: number
}

/** Sizes of a directory's parts in bytes. */
export interface DirectoryForm {
  readonly countSize: number
  readonly entrySize: number
  readonly offsetSize: number
  readonly inlineSize: number
}

/** Sizes of a directory's parts, which are all that BigTIFF changes. */
export const directoryForm = ({ big }: TiffHeader): DirectoryForm =>
  big
    ? { countSize: 8, entrySize: 20, offsetSize: 8, inlineSize: 8 }
    : { countSize: 2, entrySize: 12, offsetSize: 4, inlineSize: 4 }

const parseEntry = (reader: TiffHeader, raw: Uint8Array, at: number): Entry => {
  const { inlineSize, offsetSize } = directoryForm(reader)
  const number = (from: number, size: number): number => unsigned(raw, from, size, reader.littleEndian)
  const [tag, type, count] = [number(0, 2), number(2, 2), number(4, offsetSize)]
  const length = count * (typeSizes[type] ?? 0)
  const slot = 4 + offsetSize
  return length <= inlineSize
    ? { tag, type, count, at: at + slot, length, inline: raw.subarray(slot, slot + length), raw }
    : { tag, type, count, at: number(slot, offsetSize), length, raw }
}

/** Reads the directory at an offset; values stay where they are. Throws `tiff-malformed`. */
export const readDirectory = async (reader: TiffReader, offset: number, what: string): Promise<Directory> => {
  const { countSize, entrySize, offsetSize } = directoryForm(reader)
  const count = unsigned(await reader.bytes(offset, countSize, what), 0, countSize, reader.littleEndian)
  if (count === 0) malformed(`${what} at ${offset} has no entries.`)
  const table = await reader.bytes(offset + countSize, count * entrySize + offsetSize, what)
  const entries: Entry[] = []
  for (let i = 0; i < count; i++) {
    const from = i * entrySize
    entries.push(parseEntry(reader, table.subarray(from, from + entrySize), offset + countSize + from))
  }
  const next = unsigned(table, count * entrySize, offsetSize, reader.littleEndian)
  return { offset, end: offset + countSize + table.length, entries, next }
}

/** The first entry of a tag, which is the one that readers use. */
export const entryOf = (directory: Directory, tag: number): Entry | undefined =>
  directory.entries.find(entry => entry.tag === tag)
