import type { NativeBlock } from '@bims/core'
import { readDirectory, type Entry } from './structure/directory.ts'
import { malformed, unsupported, type TiffReader } from './structure/reader.ts'
import { largestBlock, largestBundle, tags } from './structure/tags.ts'
import { rawValue } from './structure/value.ts'

/** Tags of TIFF 6.0 that are text from a person or a program, not structure. */
const textTags: ReadonlySet<number> = new Set([269, 270, 271, 272, 285, 305, 306, 315, 316, 333, 337])

/** Private numbers that hold structure: volumes, coding, offsets of other directories, and the bundle itself. */
const structural: ReadonlySet<number> = new Set([32995, 32996, 32997, 32998, 34665, 34675, 34853, 40965, tags.bundle])

const isNative = ({ length, tag }: Entry): boolean =>
  length > 0 && (textTags.has(tag) || (tag >= 32768 && !structural.has(tag)))

/** Most bytes of native metadata that are handed out together. */
const mostNative = 1024 * 1024 * 1024

/**
 * The text and private tags of all directories in file order, raw, repeats kept.
 * Throws `tiff-malformed`, and `tiff-unsupported` for a block over 64 MiB.
 */
export const readNative = async (
  reader: TiffReader,
  directories: readonly number[]
): Promise<readonly NativeBlock[]> => {
  const blocks: NativeBlock[] = []
  let total = 0
  for (const [number, offset] of directories.entries()) {
    const directory = await readDirectory(reader, offset, `Directory ${number}`)
    const repeats = new Map<number, number>()
    for (const entry of directory.entries) {
      const repeat = repeats.get(entry.tag) ?? 0
      repeats.set(entry.tag, repeat + 1)
      if (!isNative(entry)) continue
      if (entry.length > largestBlock) unsupported(`Tag ${entry.tag} of directory ${number} has ${entry.length} bytes.`)
      total += entry.length
      if (total > mostNative) unsupported(`The native metadata have more than ${mostNative} bytes.`)
      const bytes = await rawValue(reader, entry, largestBlock)
      const at = `tiff:${number}/${entry.tag}${repeat === 0 ? '' : `#${repeat}`}`
      blocks.push({ at, tag: entry.tag, bytes: bytes.slice(), littleEndian: reader.littleEndian })
    }
  }
  return blocks
}

/** The raw value bytes at an address `tiff:<directory>/<tag>[#n]`. Throws `tiff-malformed` where nothing stands there. */
export const readAt = async (reader: TiffReader, directories: readonly number[], at: string): Promise<Uint8Array> => {
  const match = /^tiff:(\d{1,7})\/(\d{1,5})(?:#(\d{1,5}))?$/.exec(at)
  const offset = match === null ? undefined : directories[Number(match[1])]
  if (match === null || offset === undefined) return malformed(`There is no directory for the address ${at}.`)
  const directory = await readDirectory(reader, offset, `Directory ${match[1]}`)
  const entry = directory.entries.filter(({ tag }) => tag === Number(match[2]))[Number(match[3] ?? 0)]
  return entry === undefined
    ? malformed(`There is no tag for the address ${at}.`)
    : (await rawValue(reader, entry, largestBundle)).slice()
}
