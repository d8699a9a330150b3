import { countOf } from '../array/elements.ts'
import { maxWork } from '../call/bounds.ts'
import type { Border } from './border.ts'
import { correlateAxis, type Rounding } from './correlate-axis.ts'
import { exactExp } from './exponential.ts'
import { pairwiseSum } from './pairwise-sum.ts'

/** Largest radius of a kernel, in pixels. */
const maxRadius = 2 ** 16

/** The radius at which a kernel is cut off. */
const radiusOf = (sigma: number, truncate: number): number => Math.trunc(truncate * sigma + 0.5)

/** Tells whether smoothing would take a kernel, or a time, out of all proportion. */
export const isTooWide = (shape: readonly number[], sigmas: readonly number[], truncate: number): boolean => {
  const radii = sigmas.map(sigma => radiusOf(sigma, truncate))
  const taps = radii.reduce((sum, radius) => sum + 2 * radius + 1, 0)
  return radii.some(radius => radius > maxRadius) || countOf(shape) * taps > maxWork
}

/** A Gaussian's middle and one side, normalised over both sides. */
const newKernel = (sigma: number, radius: number): Float64Array => {
  const both = new Float64Array(2 * radius + 1)
  const factor = -0.5 / (sigma * sigma)
  for (let x = 0; x <= radius; x++) {
    const value = exactExp(factor * (x * x))
    both[radius + x] = value
    both[radius - x] = value
  }
  const total = pairwiseSum(both)
  return both.slice(radius).map(value => value / total)
}

/**
 * `scipy.ndimage.gaussian_filter`: one axis after the other, each stored in the image's type before the next.
 * Axes whose sigma is at most 1e-15 are left as they are.
 */
export const gaussianFilter = (
  image: {
    readonly data: Float64Array
    readonly shape: readonly number[]
    readonly border: Border
    readonly constant: number
  },
  sigmas: readonly number[],
  truncate: number,
  rounding: Rounding
): Float64Array => {
  let { data } = image
  sigmas.forEach((sigma, axis) => {
    if (sigma <= 1e-15) return
    data = correlateAxis({ ...image, data }, axis, newKernel(sigma, radiusOf(sigma, truncate)), rounding)
  })
  return data
}
