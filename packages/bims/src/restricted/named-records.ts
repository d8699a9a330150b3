import { isRestricted, newError, Sha256IdCodec } from '@bims/core'
import { readFileBundle, withImage } from '../files/open-image.ts'

const ofFile = (file: string): Promise<readonly string[]> =>
  withImage(file, async opened => {
    const { read } = await readFileBundle(opened)
    const restricted = [...read.records, read.manifest].filter(({ record }) => isRestricted(record))
    if (restricted.length === 0)
      throw newError(
        'usage',
        `${file} was saved as public: it has no restricted records.`,
        'Name a file that was saved with --restricted, or records by their ids.'
      )
    return restricted.map(({ id }) => id)
  })

/**
 * Ids of the records that are named: by their ids, or all restricted ones of saved files. Rejects with `usage` for a file without any,
 * `file-missing`, `bundle-missing`.
 */
export const namedRecords = async (names: readonly string[]): Promise<readonly string[]> => {
  const ids: string[] = []
  for (const name of names) ids.push(...(Sha256IdCodec.is(name) ? [name] : await ofFile(name)))
  return [...new Set(ids)]
}
