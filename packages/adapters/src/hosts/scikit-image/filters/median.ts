import { isLeft, right } from 'fp-ts/lib/Either.js'
import { newArray } from '../array/elements.ts'
import {
  cvalRule,
  footprintOf,
  footprintRule,
  holds,
  modeRule,
  optionalArray,
  plainImage,
  plainOf
} from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { fixed, noOut } from '../call/parameter-rule.ts'
import { refuse } from '../call/refusal.ts'
import { extremeFilter } from '../kernels/extremes.ts'
import { sizeOf } from '../kernels/footprint.ts'
import { rankFilter } from '../kernels/rank.ts'

/** `skimage.filters.median`. */
export const median = newOperation({
  id: 'skimage.filters.median',
  name: 'Median',
  tool: 'scikit-image',
  doc: 'Replaces each pixel by the median of its neighbourhood (of an even number of values, the upper one).',
  signature: ['image', 'footprint', 'out', 'mode', 'cval', 'behavior'],
  images: { image: { ...plainImage, axes: [2, 32] }, footprint: optionalArray },
  parameters: {
    footprint: footprintRule('The neighbourhood, with as many axes as the image; None is 3 along every axis.'),
    out: noOut,
    mode: modeRule('nearest'),
    cval: cvalRule,
    behavior: fixed('ndimage', "{'ndimage', 'rank'}", "the old 'rank' behaviour is another function")
  },
  compute: ({ image, footprint }, values) => {
    const { data, dtype, shape } = plainOf(image)
    const found = footprintOf(image, footprint, values.footprint, shape.length)
    if (isLeft(found)) return found
    if (values.mode === 'constant' && !holds(dtype, values.cval)) return refuse('cval', `is not a value of ${dtype}`)
    const size = sizeOf(found.right)
    const rank = Math.floor(size / 2)
    const source = {
      data,
      shape,
      border: values.mode,
      constant: dtype === 'float32' ? Math.fround(values.cval) : values.cval
    }
    const filtered =
      rank === 0 || rank === size - 1
        ? extremeFilter(source, found.right, rank === 0 ? 'min' : 'max', dtype)
        : rankFilter(source, found.right, rank, dtype)
    return right(newArray(dtype, shape, filtered))
  }
})
