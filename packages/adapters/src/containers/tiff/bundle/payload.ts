import { directoryForm, type Directory } from '../structure/directory.ts'
import { unsignedBytes, type TiffHeader } from '../structure/reader.ts'
import { tags } from '../structure/tags.ts'

/** What is appended to a file: the bundle and a copy of the first directory that points to it. */
export interface Payload {
  /** Where it is written, which may be in the middle of a word: it begins with what fills that up. */
  readonly at: number
  readonly bytes: Uint8Array
  readonly firstDirectory: number
}

/** Offsets are multiples of this, as TIFF (2) and BigTIFF (8) ask for. */
const wordSize = ({ big }: TiffHeader): number => (big ? 8 : 2)

const aligned = (offset: number, word: number): number => Math.ceil(offset / word) * word

const bundleEntry = (header: TiffHeader, length: number, at: number): Uint8Array => {
  const { entrySize, offsetSize } = directoryForm(header)
  const entry = new Uint8Array(entrySize)
  entry.set(unsignedBytes(tags.bundle, 2, header.littleEndian), 0)
  // BYTE: what other types lead to is in formats.md.
  entry.set(unsignedBytes(1, 2, header.littleEndian), 2)
  entry.set(unsignedBytes(length, offsetSize, header.littleEndian), 4)
  entry.set(unsignedBytes(at, offsetSize, header.littleEndian), 4 + offsetSize)
  return entry
}

/**
 * Makes what is appended at an offset: the bundle, then the directory's entries as they stand with the bundle's among
 * them in order, each at a word boundary. A bundle of up to 8 bytes cannot be: it would stand in its entry.
 */
export const newPayload = (header: TiffHeader, directory: Directory, bundle: Uint8Array, at: number): Payload => {
  const { countSize, entrySize, offsetSize } = directoryForm(header)
  const word = wordSize(header)
  const bundleAt = aligned(at, word)
  const firstDirectory = aligned(bundleAt + bundle.length, word)
  const others = directory.entries.filter(({ tag }) => tag !== tags.bundle)
  const place = others.findLastIndex(({ tag }) => tag < tags.bundle) + 1
  const entries = others.map(({ raw }) => raw).toSpliced(place, 0, bundleEntry(header, bundle.length, bundleAt))
  const bytes = new Uint8Array(firstDirectory - at + countSize + entries.length * entrySize + offsetSize)
  bytes.set(bundle, bundleAt - at)
  let to = firstDirectory - at
  bytes.set(unsignedBytes(entries.length, countSize, header.littleEndian), to)
  to += countSize
  for (const entry of entries) {
    bytes.set(entry, to)
    to += entrySize
  }
  bytes.set(unsignedBytes(directory.next, offsetSize, header.littleEndian), to)
  return { at, bytes, firstDirectory }
}
