import { fail } from '../../../sources/attempt.ts'
import type { Directory, Entry } from '../structure/directory.ts'
import type { TiffReader } from '../structure/reader.ts'
import { largestBundle, tags } from '../structure/tags.ts'
import { rawValue } from '../structure/value.ts'

/** BYTE as we write it; ASCII and UNDEFINED as other programs re-save it. */
const readableTypes: ReadonlySet<number> = new Set([1, 2, 7])

/** The entry that holds a bundle, or undefined. Throws `bundle-foreign` where the tag holds something else. */
export const bundleEntry = (directory: Directory): Entry | undefined => {
  const entry = directory.entries.find(({ tag }) => tag === tags.bundle)
  if (entry === undefined) return undefined
  if (!readableTypes.has(entry.type) || entry.length > largestBundle) {
    fail(
      'bundle-foreign',
      `Tag ${tags.bundle} has type ${entry.type} and ${entry.length} bytes, which is no bundle.`,
      'Ask who wrote the file what it holds.'
    )
  }
  return entry
}

/** The bytes of the bundle in a directory, without a closing NUL, or undefined. Throws `bundle-foreign`, `tiff-malformed`. */
export const readBundle = async (reader: TiffReader, directory: Directory): Promise<Uint8Array | undefined> => {
  const entry = bundleEntry(directory)
  if (entry === undefined) return undefined
  const bytes = await rawValue(reader, entry, largestBundle)
  return bytes.slice(0, bytes.at(-1) === 0 ? -1 : undefined)
}
