import { newError, type ContainerImage } from '@bims/core'
import type { NamedArray } from '@bims/player'
import { promised } from '../promise.ts'
import type { OpenImage, Watch } from './open-image.ts'

/** Index of the first image of a file that is data, which is what a log's `imread` gives. */
export const firstData = ({ image, path }: OpenImage): number => {
  const index = image.images.findIndex(candidate => candidate.role === 'data')
  if (index < 0) throw newError('tiff-unsupported', `${path} holds no image data.`, 'Name another file.')
  return index
}

/** Pixels of one image of a file, with its axes. */
export const readPixels = async (opened: OpenImage, index: number, { signal }: Watch = {}): Promise<NamedArray> => {
  const { axes }: ContainerImage = opened.image.images[index] ?? raiseMissing(opened.path, index)
  return { array: await promised(opened.image.readArray(index, signal === undefined ? {} : { signal })), axes }
}

const raiseMissing = (path: string, index: number): never => {
  throw newError('tiff-malformed', `${path} has no image ${index}.`, 'Name an image that the file has.')
}
