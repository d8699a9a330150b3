import type { NdArray } from '@bims/core'
import { type Either, right } from 'fp-ts/lib/Either.js'
import { countableTypes } from '../array/dtype.ts'
import { newInt64, numbersOf } from '../array/elements.ts'
import { plainOf } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { fixed, integer, optional } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'
import { componentsOf } from '../kernels/components.ts'

const labelMask = (image: NdArray, background: number | null, connectivity: number): NdArray => {
  // The library inverts a bool image when its background is 1, and takes any other background for 0.
  const values = new Int32Array(plainOf(image).data)
  const { labels } = componentsOf(values, background === 1 ? 1 : 0, image.shape, connectivity)
  return { shape: image.shape, dtype: 'int32', data: labels }
}

/** Values as the library's 64-bit integers: floats are truncated. */
const wholeValues = (image: NdArray): Int32Array | Float64Array | undefined => {
  const values = numbersOf(image)
  if (values === undefined) return undefined
  if (!(values instanceof Float32Array) && !(values instanceof Float64Array)) {
    return values instanceof Uint32Array ? Float64Array.from(values) : new Int32Array(values)
  }
  const out = new Float64Array(values.length)
  for (let i = 0; i < out.length; i++) {
    const value = Math.trunc(values[i] as number)
    if (!Number.isSafeInteger(value)) return undefined
    out[i] = value
  }
  return out
}

const labelValues = (image: NdArray, background: number | null, connectivity: number): Either<Refusal, NdArray> => {
  const { shape } = image
  if (shape.length > 3) return fail('image', 'has more than 3 axes, which the library refuses unless it is bool')
  if (shape.length === 3 && shape[2] === 1 && (shape[0] ?? 1) > 1 && (shape[1] ?? 1) > 1) {
    return refuse('image', 'has a last axis of length 1; the library numbers such an image in another order')
  }
  const values = wholeValues(image)
  if (values === undefined) return fail('image', 'holds values that are not whole numbers up to 2^53')
  const { labels } = componentsOf(values, background ?? 0, shape, connectivity)
  return right({ shape, dtype: 'int64', data: newInt64(labels) })
}

/** `skimage.measure.label`: int32 for a bool image, else int64, as the library gives them. */
export const label = newOperation({
  id: 'skimage.measure.label',
  name: 'Label components',
  tool: 'scikit-image',
  doc: 'Numbers the connected components of equal values, in the order in which rows are read.',
  signature: ['label_image', 'background', 'return_num', 'connectivity'],
  images: { label_image: { dtypes: countableTypes, axes: [1, 8] } },
  parameters: {
    background: optional(integer({ default: null, doc: 'Value that is not labelled; None is 0.' })),
    return_num: fixed(false, 'bool', 'the result is the labels alone'),
    connectivity: optional(
      integer({ default: null, doc: 'Most steps along axes to a neighbour; None is the number of axes.' })
    )
  },
  compute: ({ label_image: image }, { background, connectivity }) => {
    const axes = image.shape.length
    const steps = connectivity ?? axes
    if (steps < 1 || steps > axes) return refuse('connectivity', `must be from 1 to ${axes}`)
    return image.dtype === 'bool' ? right(labelMask(image, background, steps)) : labelValues(image, background, steps)
  }
})
