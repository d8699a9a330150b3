import type { OriginalState } from '@bims/core'
import { entryOf, readDirectory, type Directory, type Entry } from '../structure/directory.ts'
import { malformed, type TiffReader } from '../structure/reader.ts'
import { mostDirectories, tags, typeSizes } from '../structure/tags.ts'
import { integers } from '../structure/value.ts'
import { toBimsError } from '../../../sources/attempt.ts'

const isOffset = (u: unknown): u is number => typeof u === 'number' && Number.isSafeInteger(u) && u >= 8

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const parsed = (text: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text))
  } catch {
    return undefined
  }
}

/** Whether bytes are a bundle of ours, of whatever version, by their schema. */
export const isBundle = (bytes: Uint8Array): boolean => {
  const schema = member(parsed(bytes), 'schema')
  return typeof schema === 'string' && schema.startsWith('bims.bundle/')
}

/** The `original` of a bundle's bytes, or undefined where it is not there or no state that can be. */
export const originalOf = (bundle: Uint8Array): OriginalState | undefined => {
  const original = member(parsed(bundle), 'original')
  const [length, firstDirectory] = [member(original, 'length'), member(original, 'firstDirectory')]
  return isOffset(length) && isOffset(firstDirectory) ? { length, firstDirectory } : undefined
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i])

const withoutBundle = ({ entries }: Directory): readonly Entry[] => entries.filter(({ tag }) => tag !== tags.bundle)

/** Whether the old directory is the current one but for the bundle (the old one may hold one that we did not put there). */
const isCopy = (old: Directory, current: Directory): boolean => {
  const [before, after] = [withoutBundle(old), withoutBundle(current)]
  const same = before.every(({ raw }, i) => sameBytes(raw, after[i]?.raw ?? new Uint8Array()))
  return same && old.next === current.next && before.length === after.length
}

const valueEnd = ({ at, inline, length }: Entry): number => (inline === undefined && length > 0 ? at + length : 0)

/** Last byte of the strips or tiles of a directory. */
const dataEnd = async (reader: TiffReader, directory: Directory): Promise<number> => {
  const offsets = entryOf(directory, tags.tileOffsets) ?? entryOf(directory, tags.stripOffsets)
  const counts = entryOf(directory, tags.tileCounts) ?? entryOf(directory, tags.stripCounts)
  if (offsets === undefined || counts === undefined) return 0
  const most = Math.floor(reader.size / (typeSizes[offsets.type] || 1))
  const [starts, lengths] = [await integers(reader, offsets, most), await integers(reader, counts, most)]
  return starts.reduce((end, start, i) => ((lengths[i] ?? 0) === 0 ? end : Math.max(end, start + (lengths[i] ?? 0))), 0)
}

const subDirectories = async (reader: TiffReader, directory: Directory): Promise<readonly number[]> => {
  const entry = entryOf(directory, tags.subDirectories)
  return entry === undefined ? [] : [...(await integers(reader, entry, 65_536))].filter(offset => offset !== 0)
}

/**
 * Throws `tiff-malformed` where anything that the file refers to, but for the bundle, stands past `length`: then
 * cutting there would lose pages that someone added since.
 */
const checkReach = async (reader: TiffReader, original: OriginalState): Promise<void> => {
  const seen = new Set<number>()
  const waiting = [original.firstDirectory]
  for (let offset = waiting.pop(); offset !== undefined; offset = waiting.pop()) {
    // Levels may be chained to each other besides being listed.
    if (seen.has(offset)) continue
    if (seen.size > mostDirectories) malformed(`The file has more than ${mostDirectories} directories.`)
    seen.add(offset)
    const directory = await readDirectory(reader, offset, 'A directory')
    const ends = [directory.end, ...directory.entries.map(valueEnd), await dataEnd(reader, directory)]
    if (ends.some(end => end > original.length)) {
      malformed('The file was added to after the bundle was embedded; cutting it back would lose what was added.')
    }
    if (directory.next !== 0) waiting.push(directory.next)
    waiting.push(...(await subDirectories(reader, directory)))
  }
}

/** Where the bundle and its directory stand, which must lie past the original. */
const checkOrder = (original: OriginalState, current: Directory, bundle: Entry): void => {
  const inside = original.firstDirectory < original.length
  if (!inside || current.offset < original.length || bundle.at < original.length) {
    malformed('The bundle gives an original state that this file cannot have had.')
  }
}

/** Whether everything past the original is the bundle and its directory, with less than a word before each. */
const isOnlyBundle = (reader: TiffReader, current: Directory, bundle: Entry, original: OriginalState): boolean =>
  current.end === reader.size &&
  bundle.at - original.length < 8 &&
  current.offset >= bundle.at + bundle.length &&
  current.offset - (bundle.at + bundle.length) < 8

/**
 * Throws `tiff-malformed` unless the file becomes its original by pointing to the original's first directory and
 * cutting at its length: nothing but bundles and the directories that hold them may be lost.
 */
export const checkOriginal = async (
  reader: TiffReader,
  current: Directory,
  bundle: Entry,
  original: OriginalState
): Promise<void> => {
  checkOrder(original, current, bundle)
  const old = await readDirectory(reader, original.firstDirectory, 'The original first directory')
  if (old.end > original.length || !isCopy(old, current))
    malformed('The first directory was changed after the bundle was embedded.')
  await checkReach(reader, original)
}

/**
 * Whether {@link checkOriginal} holds. Where nothing was appended after the bundle, the directories are not walked
 * again, so that embedding anew takes no longer in a large file.
 */
export const holdsOriginal = async (
  reader: TiffReader,
  current: Directory,
  bundle: Entry,
  original: OriginalState
): Promise<boolean> => {
  try {
    checkOrder(original, current, bundle)
    const old = await readDirectory(reader, original.firstDirectory, 'The original first directory')
    if (old.end > original.length || !isCopy(old, current)) return false
    if (!isOnlyBundle(reader, current, bundle, original)) await checkReach(reader, original)
    return true
  } catch (thrown) {
    if (toBimsError(thrown).code !== 'tiff-malformed') throw thrown
    return false
  }
}
