import type { EditableFile, OriginalState } from '@bims/core'
import { fail, unwrap } from '../../../sources/attempt.ts'
import { readDirectory, type Directory } from '../structure/directory.ts'
import { malformed, openReader, unsignedBytes, type TiffHeader, type TiffReader } from '../structure/reader.ts'
import { largestBundle } from '../structure/tags.ts'
import { checkOriginal, holdsOriginal, isBundle, originalOf } from './original.ts'
import { newPayload, type Payload } from './payload.ts'
import { growthLimit } from './place.ts'
import { bundleEntry, readBundle } from './read.ts'

const cannotGrow = (why: string): never => fail('tiff-cannot-grow', why, 'Put the bundle into a sidecar file instead.')

/** Points the header to another first directory: the one write that switches from the old state to the new. */
const pointTo = async (
  file: EditableFile,
  { big, littleEndian }: TiffHeader,
  firstDirectory: number
): Promise<void> => {
  await unwrap(file.write(big ? 8 : 4, unsignedBytes(firstDirectory, big ? 8 : 4, littleEndian)))
  await unwrap(file.sync())
}

/** Appends, makes it durable, then switches: whenever this stops, the header points to something whole. */
const put = async (file: EditableFile, header: TiffHeader, payload: Payload): Promise<void> => {
  const { size } = file
  try {
    await unwrap(file.write(payload.at, payload.bytes))
    await unwrap(file.sync())
  } catch (thrown) {
    // What did fit on a full disk is nobody's: the file is as long again as it was.
    await unwrap(file.truncate(size)).catch(() => undefined)
    throw thrown
  }
  await pointTo(file, header, payload.firstDirectory)
}

/** The state before an earlier embedding, where there was one and the file can be brought back to it. */
const readEarlier = async (reader: TiffReader, directory: Directory): Promise<OriginalState | undefined> => {
  const entry = bundleEntry(directory)
  const bytes = await readBundle(reader, directory)
  if (entry === undefined || bytes === undefined) return undefined
  if (!isBundle(bytes)) {
    return fail(
      'bundle-foreign',
      'What stands in the place of the bundle is not a BIMS bundle.',
      'Keep that file as it is, and save to a copy without the tag 65519.'
    )
  }
  // Someone may have rewritten the file around the bundle; then its present state is the one to go back to.
  const original = originalOf(bytes)
  const holds = original !== undefined && (await holdsOriginal(reader, directory, entry, original))
  return holds ? original : undefined
}

const limit = (reader: TiffReader, directory: Directory, payload: Payload): string | undefined =>
  directory.entries.length >= 65_535 && !reader.big
    ? 'The first directory has as many entries as a classic TIFF can have.'
    : growthLimit(reader, directory.next !== 0, payload.at + payload.bytes.length)

/**
 * Embeds a bundle: appends it with a copy of the first directory, syncs, switches the header, syncs. Pixels, other
 * tags and other directories stay where they are. A superseded bundle's room is used again: the new one is put behind
 * it first, and behind the room that itself will take, so that one of the two is whole at any moment.
 * Reads the first directory and an earlier bundle only, whatever the file's size.
 * Throws `tiff-malformed`, `tiff-cannot-grow`, `bundle-foreign`, `disk-full`, `file-io`.
 */
export const embedBundle = async (
  file: EditableFile,
  bundle: (original: OriginalState) => Uint8Array
): Promise<void> => {
  const reader = await openReader(file)
  const directory = await readDirectory(reader, reader.firstDirectory, 'Directory 0')
  const earlier = await readEarlier(reader, directory)
  const { size } = file
  const original = earlier ?? { length: size, firstDirectory: reader.firstDirectory }
  const bytes = bundle(original)
  if (bytes.length <= 8 || bytes.length > largestBundle)
    malformed(`A bundle of ${bytes.length} bytes cannot be embedded.`)
  const final = newPayload(reader, directory, bytes, original.length)
  const end = final.at + final.bytes.length
  const first = earlier === undefined ? final : newPayload(reader, directory, bytes, Math.max(size, end))
  const why = limit(reader, directory, first)
  if (why !== undefined) return cannotGrow(why)
  await put(file, reader, first)
  if (earlier === undefined) return
  // Past the original there are superseded bundles only, or `earlier` would be undefined.
  await put(file, reader, final)
  await unwrap(file.truncate(end))
  await unwrap(file.sync())
}

/**
 * Takes the bundle out again: the header points to the original first directory, then the file is cut to its original
 * length, byte for byte the original. What the bundle says about it is checked before anything is cut.
 * Throws `bundle-missing`, `bundle-foreign`, `tiff-malformed`.
 */
export const stripBundle = async (file: EditableFile): Promise<void> => {
  const reader = await openReader(file)
  const directory = await readDirectory(reader, reader.firstDirectory, 'Directory 0')
  const entry = bundleEntry(directory)
  const bytes = await readBundle(reader, directory)
  if (entry === undefined || bytes === undefined)
    return fail('bundle-missing', 'The file carries no bundle.', 'There is nothing to take out.')
  const original = originalOf(bytes)
  if (original === undefined)
    return fail(
      'bundle-foreign',
      'The bundle does not tell the original state of the file.',
      'It cannot be taken out without loss.'
    )
  await checkOriginal(reader, directory, entry, original)
  await pointTo(file, reader, original.firstDirectory)
  await unwrap(file.truncate(original.length))
  await unwrap(file.sync())
}
