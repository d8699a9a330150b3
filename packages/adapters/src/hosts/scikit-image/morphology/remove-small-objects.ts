import type { NdArray } from '@bims/core'
import { type Either, right } from 'fp-ts/lib/Either.js'
import { extent, newInt64, type Numbers, numbersOf } from '../array/elements.ts'
import { cast } from '../array/cast.ts'
import { isCountable } from '../array/dtype.ts'
import { discreteImage, plainOf } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { integer, noOut, optional, real } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'
import { componentsOf } from '../kernels/components.ts'

const sizesOf = (labels: Numbers, largest: number): Float64Array => {
  const sizes = new Float64Array(largest + 1)
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i] as number
    sizes[label] = (sizes[label] as number) + 1
  }
  return sizes
}

/** Largest label for which sizes are counted. */
const maxLabel = 2 ** 27

const copyOf = (image: NdArray): NdArray => ({ ...image, data: image.data.slice() })

const removeMarked = (mask: NdArray, connectivity: number, isSmall: (size: number) => boolean): NdArray => {
  const values = new Int32Array(plainOf(mask).data)
  const { labels, count } = componentsOf(values, 0, mask.shape, connectivity)
  const sizes = sizesOf(labels, count)
  const data = new Uint8Array(labels.length)
  for (let i = 0; i < data.length; i++) {
    const label = labels[i] as number
    data[i] = label === 0 || isSmall(sizes[label] as number) ? 0 : 1
  }
  return { shape: mask.shape, dtype: 'bool', data }
}

const removeLabelled = (image: NdArray, isSmall: (size: number) => boolean): Either<Refusal, NdArray> => {
  const labels = numbersOf(image)
  const [low, high] = labels === undefined ? [0, maxLabel] : extent(labels)
  if (low < 0) return fail('ar', 'holds negative labels')
  if (labels === undefined || high >= maxLabel) return fail('ar', `holds labels of ${maxLabel} or more`)
  const sizes = sizesOf(labels, high)
  const kept = new Int32Array(labels.length)
  for (let i = 0; i < kept.length; i++) {
    const label = labels[i] as number
    kept[i] = isSmall(sizes[label] as number) ? 0 : label
  }
  if (image.dtype === 'int64') return right({ ...image, data: newInt64(kept) })
  const result: NdArray = { shape: image.shape, dtype: 'int32', data: kept }
  return right(isCountable(image.dtype) ? cast(result, image.dtype) : result)
}

/** `skimage.morphology.remove_small_objects`. */
export const removeSmallObjects = newOperation({
  id: 'skimage.morphology.remove_small_objects',
  name: 'Remove small objects',
  tool: 'scikit-image',
  doc: 'Removes objects of at most `max_size` pixels from a mask (by components) or from a label image (by label).',
  signature: ['ar', 'min_size', 'connectivity', 'max_size', 'out'],
  images: { ar: discreteImage },
  parameters: {
    min_size: optional(
      real({
        default: null,
        type: 'int',
        unit: 'pixel',
        doc: 'Deprecated since 0.26: taken as max_size. The documentation says that objects of this size stay; in 0.26.0 they go.'
      })
    ),
    connectivity: integer({ default: 1, doc: 'Most steps along axes to a neighbour, for a mask.' }),
    max_size: real({
      default: 64,
      type: 'int',
      unit: 'pixel',
      doc: 'Largest object that is removed; 0 removes nothing.'
    }),
    out: noOut
  },
  compute: ({ ar }, { min_size, max_size, connectivity }) => {
    if (connectivity < 1 || connectivity > ar.shape.length)
      return refuse('connectivity', `must be from 1 to ${ar.shape.length}`)
    if (min_size !== null && max_size !== 64) return refuse('min_size', 'cannot be given together with max_size')
    const largest = min_size ?? max_size
    if (largest === 0) return right(copyOf(ar))
    const isSmall = (size: number): boolean => size <= largest
    return ar.dtype === 'bool' ? right(removeMarked(ar, connectivity, isSmall)) : removeLabelled(ar, isSmall)
  }
})
