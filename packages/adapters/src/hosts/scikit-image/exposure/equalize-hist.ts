import type { NdArray } from '@bims/core'
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js'
import { floatOf } from '../array/dtype.ts'
import { haveSameShape, newElements, type Numbers, plainElements } from '../array/elements.ts'
import { grayImage, noneBeside, optionalArray, plainOf } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { integer } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'
import { type Histogram, histogramOf, maxBins } from '../kernels/histogram.ts'

/** Share of pixels up to each bin. */
const cumulative = (histogram: Histogram, isSingle: boolean): Float64Array => {
  const shares = histogram.counts.slice()
  for (let i = 1; i < shares.length; i++) shares[i] = (shares[i] as number) + (shares[i - 1] as number)
  const total = shares.at(-1) ?? 1
  return shares.map(count => (isSingle ? Math.fround(count / total) : count / total))
}

const slopesOf = (xs: Float64Array, ys: Float64Array): Float64Array =>
  xs.map((x, i) => ((ys[i + 1] as number) - (ys[i] as number)) / ((xs[i + 1] as number) - x))

const placeOf = (xs: Float64Array, x: number): number => {
  let low = 0
  let high = xs.length
  while (high - low > 1) {
    const half = (low + high) >> 1
    if (x >= (xs[half] as number)) low = half
    else high = half
  }
  return low
}

/** `numpy.interp` over ascending points. */
const interpolate = (values: Numbers, xs: Float64Array, ys: Float64Array, out: Numbers): void => {
  const slopes = slopesOf(xs, ys)
  const last = xs.length - 1
  const [first, end] = [xs[0] as number, xs[last] as number]
  for (let i = 0; i < values.length; i++) {
    const x = values[i] as number
    if (x < first) out[i] = ys[0] as number
    else if (x >= end) out[i] = ys[last] as number
    else {
      const at = placeOf(xs, x)
      const left = xs[at] as number
      out[i] = x === left ? (ys[at] as number) : (slopes[at] as number) * (x - left) + (ys[at] as number)
    }
  }
}

/** Integers stand in the middle of a bin, or beyond the last of them. */
const lookUp = (values: Numbers, first: number, ys: Float64Array, out: Numbers): void => {
  const last = ys.length - 1
  for (let i = 0; i < values.length; i++) {
    const bin = Math.min(Math.max((values[i] as number) - first, 0), last)
    out[i] = ys[bin] as number
  }
}

const chosen = (data: Numbers, mask: NdArray | undefined): Numbers =>
  mask === undefined ? data : data.filter((_: number, i: number) => Number(mask.data[i]) !== 0)

const equalize = (image: NdArray, bins: number, mask: NdArray | undefined): Either<Refusal, NdArray> => {
  const { data, dtype, shape } = plainOf(image)
  const pixels = chosen(data, mask)
  if (pixels.length === 0) return fail('mask', 'chooses no pixel')
  const histogram = histogramOf(pixels, bins, 'image')
  if (isLeft(histogram)) return histogram
  const type = floatOf(dtype)
  const shares = cumulative(histogram.right, type === 'float32')
  const out = plainElements(newElements(type, data.length)) ?? new Float64Array(data.length)
  if (histogram.right.bins === 'integer') lookUp(data, histogram.right.centres[0] as number, shares, out)
  else interpolate(data, histogram.right.centres, shares, out)
  return right({ shape, dtype: type, data: out })
}

/** `skimage.exposure.equalize_hist`. */
export const equalizeHist = newOperation({
  id: 'skimage.exposure.equalize_hist',
  name: 'Equalize histogram',
  tool: 'scikit-image',
  doc: 'Spreads intensities so that all are about equally frequent; the result is between 0 and 1.',
  signature: ['image', 'nbins', 'mask'],
  images: { image: grayImage, mask: optionalArray },
  parameters: {
    nbins: integer({
      default: 256,
      min: 1,
      max: maxBins,
      doc: 'Number of bins for floats; integers have one bin a value.'
    }),
    mask: noneBeside('ndarray of bools or None', 'Pixels whose histogram is taken; all pixels are changed.')
  },
  compute: ({ image, mask }, { nbins }) =>
    mask !== undefined && !haveSameShape(mask, image)
      ? refuse('mask', 'has another shape than the image')
      : equalize(image, nbins, mask)
})
