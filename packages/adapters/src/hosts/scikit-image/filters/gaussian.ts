import type { NdArray } from '@bims/core'
import { right } from 'fp-ts/lib/Either.js'
import { newArray, toFloat64 } from '../array/elements.ts'
import { toFloat } from '../array/float-image.ts'
import { cvalRule, modeRule, plainImage } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { flag, integer, noOut, oneOrEach, optional, real } from '../call/parameter-rule.ts'
import { refuse } from '../call/refusal.ts'
import { gaussianFilter, isTooWide } from '../kernels/gaussian.ts'

/** One sigma an axis; 0 for the channel axis. The message says what does not fit. */
const sigmasOf = (
  image: NdArray,
  sigma: number | readonly number[],
  channelAxis: number | null
): readonly number[] | string => {
  const axes = image.shape.length
  const spatial = axes - (channelAxis === null ? 0 : 1)
  const each = typeof sigma === 'number' ? new Array<number>(spatial).fill(sigma) : [...sigma]
  if (each.length === axes && typeof sigma !== 'number') return each
  if (each.length !== spatial) return `must be one number or ${spatial}`
  if (channelAxis !== null) each.splice(((channelAxis % axes) + axes) % axes, 0, 0)
  return each
}

/** `skimage.filters.gaussian`. */
export const gaussian = newOperation({
  id: 'skimage.filters.gaussian',
  name: 'Gaussian blur',
  tool: 'scikit-image',
  doc: 'Smooths an image with a Gaussian kernel; integers are first scaled to floats from 0 to 1.',
  signature: ['image', 'sigma', 'mode', 'cval', 'preserve_range', 'truncate', 'channel_axis', 'out'],
  images: { image: plainImage },
  parameters: {
    sigma: oneOrEach(real({ default: 1, min: 0, unit: 'pixel', doc: 'Standard deviation, for all axes or for each.' })),
    mode: modeRule('nearest'),
    cval: cvalRule,
    preserve_range: flag({
      default: false,
      doc: 'Keep the values of an integer image instead of scaling them to 0 … 1.'
    }),
    truncate: real({ default: 4, min: 0, doc: 'Radius of the kernel in standard deviations.' }),
    channel_axis: optional(integer({ default: null, doc: 'The axis of channels, which is not smoothed along.' })),
    out: noOut
  },
  compute: ({ image }, { sigma, mode, cval, preserve_range, truncate, channel_axis }) => {
    if (channel_axis !== null && (channel_axis < -image.shape.length || channel_axis >= image.shape.length)) {
      return refuse('channel_axis', 'is not an axis of the image')
    }
    const sigmas = sigmasOf(image, sigma, channel_axis)
    if (typeof sigmas === 'string') return refuse('sigma', sigmas)
    if (isTooWide(image.shape, sigmas, truncate)) return refuse('sigma', 'makes too large a kernel')
    const { dtype, data } = toFloat(image, preserve_range)
    const source = { data: toFloat64(data), shape: image.shape, border: mode, constant: cval }
    return right(newArray(dtype, image.shape, gaussianFilter(source, sigmas, truncate, dtype)))
  }
})
