import type { Border } from './border.ts'
import { correlateAxis, type Rounding } from './correlate-axis.ts'

/** Largest radius of a kernel, in pixels. */
export const maxRadius = 2 ** 20

/** The radius at which a kernel is cut off. */
export const radiusOf = (sigma: number, truncate: number): number => Math.trunc(truncate * sigma + 0.5)

/** A Gaussian's middle and one side, normalised over both sides. */
const newKernel = (sigma: number, radius: number): Float64Array => {
  const kernel = new Float64Array(radius + 1)
  let side = 0
  for (let x = radius; x >= 0; x--) {
    kernel[x] = Math.exp((-0.5 / (sigma * sigma)) * (x * x))
    if (x > 0) side += kernel[x] ?? 0
  }
  const total = 2 * side + 1
  return kernel.map(value => value / total)
}

/**
 * `scipy.ndimage.gaussian_filter`: one axis after the other, each stored in the image's type before the next.
 * Axes whose sigma is at most 1e-15 are left as they are.
 */
export const gaussianFilter = (
  image: { readonly data: Float64Array; readonly shape: readonly number[]; readonly border: Border; readonly constant: number },
  sigmas: readonly number[], truncate: number, rounding: Rounding
): Float64Array => {
  let { data } = image
  sigmas.forEach((sigma, axis) => {
    if (sigma <= 1e-15) return
    data = correlateAxis({ ...image, data }, axis, newKernel(sigma, radiusOf(sigma, truncate)), rounding)
  })
  return data
}
