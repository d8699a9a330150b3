import { isRestricted, parseBundle, type MacroContent, type SealedRecord } from '@bims/core'
import { isRight } from 'fp-ts/lib/Either.js'
import { dirname, resolve } from 'node:path'
import { findBundle, withImage, type OpenImage } from '../files/open-image.ts'

/** Whether the manifest that an open image carries is restricted. */
export const isRestrictedImage = async (opened: OpenImage): Promise<boolean> => {
  const bundle = await findBundle(opened)
  const read = bundle === undefined ? undefined : parseBundle(bundle.bytes)
  return read !== undefined && isRight(read) && isRestricted(read.right.bundle.manifest)
}

const isRestrictedFile = async (path: string): Promise<boolean> => {
  try {
    return await withImage(path, isRestrictedImage)
  } catch {
    // What cannot be read is told by whoever needs it.
    return false
  }
}

/**
 * Whether a log works on an image whose history is restricted. What is made from it is restricted too, unless somebody says otherwise:
 * to release a record is easy, to take a public one back is impossible.
 */
export const worksOnRestricted = async ({ inputs }: MacroContent, logFile: string): Promise<boolean> => {
  for (const { file } of inputs)
    if (typeof file === 'string' && (await isRestrictedFile(resolve(dirname(logFile), file)))) return true
  return false
}

/** Whether any of the files, as far as they are named, carries a restricted history. */
export const anyRestricted = async (files: readonly (string | undefined)[]): Promise<boolean> => {
  for (const file of files) if (file !== undefined && (await isRestrictedFile(file))) return true
  return false
}

/** What is told of an image that is restricted though nobody asked for it. */
export const inherited =
  'it was made from restricted records, so that its own are restricted too: `bims release` makes them public'

/**
 * The records of a file that go to the ledger with it. With a restricted image nothing goes public but the instrument: a record without
 * salt came from a file that was saved as public, with which it goes.
 */
export const goingAlong = (
  records: readonly SealedRecord[]
): { readonly going: readonly SealedRecord[]; readonly staying: readonly SealedRecord[] } => {
  const restricted = records.some(({ kind, record }) => kind === 'image' && isRestricted(record))
  const goes = ({ kind, record }: SealedRecord): boolean => !restricted || kind === 'instrument' || isRestricted(record)
  return { going: records.filter(goes), staying: records.filter(record => !goes(record)) }
}
