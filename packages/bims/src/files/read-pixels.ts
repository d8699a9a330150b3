import { newError, withAxes, type ContainerImage } from '@bims/core'
import type { NamedArray } from '@bims/player'
import { promised } from '../promise.ts'
import type { OpenImage, Watch } from './open-image.ts'

/** Index of the first image of a file that is data, which is what a log's `imread` gives. */
export const firstData = ({ image, path }: OpenImage): number => {
  const index = image.images.findIndex(candidate => candidate.role === 'data')
  if (index < 0) throw newError('tiff-unsupported', `${path} holds no image data.`, 'Name another file.')
  return index
}

const imageAt = ({ image, path }: OpenImage, index: number): ContainerImage => {
  const found = image.images[index]
  if (found === undefined)
    throw newError('tiff-malformed', `${path} has no image ${index}.`, 'Name an image that the file has.')
  return found
}

/** Pixels of one image of a file, in digest axes. */
export const readPixels = async (opened: OpenImage, index: number, { signal }: Watch = {}): Promise<NamedArray> => {
  const { axes } = imageAt(opened, index)
  return { array: await promised(opened.image.readArray(index, signal === undefined ? {} : { signal })), axes }
}

/** Pixels of the first data of a file as a log's `skimage.io.imread` gives them: in the file's own order of axes. */
export const readAsImread = async (opened: OpenImage, watch: Watch = {}): Promise<NamedArray> => {
  const index = firstData(opened)
  const { array, axes } = await readPixels(opened, index, watch)
  return withAxes(array, axes, imageAt(opened, index).storedAxes ?? axes)
}
