import type { BimsError } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { attempt, fail, toBimsError, unwrap } from '../../sources/attempt.ts'
import { openFile } from '../../sources/file.ts'
import { writeWhole, type WholeFileOptions } from '../../sources/whole-file.ts'

export type { WholeFileOptions } from '../../sources/whole-file.ts'

/** Largest sidecar that is read; more is not a bundle. */
const largestSidecar = 512 * 1024 * 1024

/** Path of the sidecar of a file. */
export const sidecarPath = (path: string): string => `${path}.bims.json`

const readIfThere = async (path: string): Promise<Uint8Array | undefined> => {
  try {
    const file = await unwrap(openFile(path))
    try {
      if (file.size > largestSidecar)
        fail('bundle-foreign', `The sidecar ${path} has ${file.size} bytes, which is no bundle.`, 'Ask who wrote it.')
      return await unwrap(file.read(0, file.size))
    } finally {
      await unwrap(file.close())
    }
  } catch (thrown) {
    if (toBimsError(thrown).code === 'file-missing') return undefined
    throw thrown
  }
}

/** The bundle's bytes in the sidecar of a file, or undefined where there is no sidecar. Fails with `bundle-foreign`, `file-io`. */
export const readSidecar = (path: string): TaskEither<BimsError, Uint8Array | undefined> =>
  attempt(() => readIfThere(sidecarPath(path)))

/** Writes the sidecar of a file, whole or not at all. Fails with `file-exists`, `disk-full`, `file-permission`. */
export const writeSidecar = (
  path: string,
  bundle: Uint8Array,
  options: WholeFileOptions = {}
): TaskEither<BimsError, void> => writeWhole(sidecarPath(path), [bundle], options)
