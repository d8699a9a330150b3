import { newError } from '@bims/core'
import { findBundle, withImage } from '../files/open-image.ts'

/** The bytes of a file's bundle, as they stand there. Rejects with `bundle-missing`. */
export const extract = async (file: string): Promise<Uint8Array> =>
  withImage(file, async opened => {
    const found = await findBundle(opened)
    if (found === undefined)
      throw newError(
        'bundle-missing',
        `${file} carries no bundle and has no sidecar.`,
        'Only files that were saved with BIMS have one.'
      )
    return found.bytes
  })
