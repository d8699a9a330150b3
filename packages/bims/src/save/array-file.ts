import { writeTiffInto, type TiffImageData } from '@bims/adapters/containers/tiff'
import {
  bytesPerElement,
  digestAxes,
  newError,
  withAxes,
  type AcquiredImage,
  type BimsError,
  type EditableFile,
  type Elements,
  type NdArray
} from '@bims/core'
import { asSaved, type NamedArray } from '@bims/player'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** What a new image file says besides its pixels. */
export interface ImageFacts {
  readonly name?: string
  readonly pixelSize?: AcquiredImage['pixelSize']
  readonly signal?: AbortSignal
}

const omeAxes: ReadonlySet<string> = new Set(['t', 'c', 'z', 'y', 'x'])

const planeView = ({ data, dtype, shape }: NdArray, plane: number): Elements => {
  const length = shape.slice(-2).reduce((product, n) => product * n, bytesPerElement[dtype] / data.BYTES_PER_ELEMENT)
  return data.subarray(plane * length, (plane + 1) * length)
}

function* planesOf(array: NdArray): Generator<Elements, void, undefined> {
  const count = array.shape.slice(0, -2).reduce((product, n) => product * n, 1)
  for (let plane = 0; plane < count; plane++) yield planeView(array, plane)
}

const spatial = (pixelSize: ImageFacts['pixelSize'] = {}): NonNullable<ImageFacts['pixelSize']> =>
  Object.fromEntries(['x', 'y', 'z'].flatMap(axis => (pixelSize[axis] === undefined ? [] : [[axis, pixelSize[axis]]])))

/** Writes an array as a TIFF: OME-TIFF where all its axes have names there. Fails with `digest-shape`, `tiff-unsupported`. */
export const writeArray = (
  file: EditableFile,
  pixels: NamedArray,
  { name, pixelSize, signal }: ImageFacts = {}
): TaskEither<BimsError, void> => {
  const { array, axes } = withAxes(pixels.array, pixels.axes, digestAxes(pixels.axes))
  if (array.shape.length < 2) {
    return () =>
      Promise.resolve({
        _tag: 'Left',
        left: newError(
          'digest-shape',
          `A result of shape [${array.shape.join(', ')}] is no image.`,
          'Save an image with rows and columns.'
        )
      })
  }
  const saved = asSaved(array)
  const image: TiffImageData = { axes, shape: saved.shape, dtype: saved.dtype, planes: planesOf(saved) }
  return writeTiffInto(file, image, {
    software: 'BIMS',
    ...(axes.every(axis => omeAxes.has(axis))
      ? { ome: { ...(name === undefined ? {} : { name }), pixelSize: spatial(pixelSize) } }
      : {}),
    ...(signal === undefined ? {} : { signal })
  })
}
