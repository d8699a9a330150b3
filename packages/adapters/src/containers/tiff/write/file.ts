import type { BimsError } from '@bims/core'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { createWhole, type WholeFileOptions } from '../../../sources/whole-file.ts'
import type { TiffImageData, TiffWriteOptions } from './image-data.ts'
import { writeTiffInto } from './write.ts'

export type { WholeFileOptions } from '../../../sources/whole-file.ts'
export type { ExtraTag, OmeDescription, PlaneInput, TiffImageData, TiffWriteOptions } from './image-data.ts'

/**
 * Writes a TIFF or OME-TIFF file, whole or not at all. Fails as `writeTiffInto`, and with `file-exists`,
 * `file-permission`, `file-missing`.
 */
export const writeTiff = (
  path: string,
  image: TiffImageData,
  options: TiffWriteOptions & WholeFileOptions = {}
): TaskEither<BimsError, void> => createWhole(path, file => writeTiffInto(file, image, options), options)
