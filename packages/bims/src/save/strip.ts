import { readSidecar, sidecarPath } from '@bims/adapters/containers/sidecar'
import { openEditable } from '@bims/adapters/sources/file'
import { newError } from '@bims/core'
import { unlink } from 'node:fs/promises'
import { onDisk } from '../files/file-error.ts'
import { withImage } from '../files/open-image.ts'
import { promised } from '../promise.ts'

/** Takes the bundle of a file away again. Rejects with `bundle-missing`, `file-permission`. */
export const strip = async (
  path: string
): Promise<{ readonly file: string; readonly removed: 'embedded' | 'sidecar' }> =>
  withImage(path, async ({ container, image }) => {
    if ((await promised(image.bundle())) !== undefined) {
      const file = await promised(openEditable(path))
      try {
        await promised(container.strip(file))
      } finally {
        await promised(file.close())
      }
      return { file: path, removed: 'embedded' }
    }
    if ((await promised(readSidecar(path))) === undefined) {
      throw newError(
        'bundle-missing',
        `${path} carries no bundle and has no sidecar.`,
        'There is nothing to take away.'
      )
    }
    await onDisk(`Removing the sidecar of ${path}`, unlink(sidecarPath(path)))
    return { file: path, removed: 'sidecar' }
  })
