import type { NdArray } from '@bims/core'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { newArray } from '../array/elements.ts'
import { grayImage, plainOf } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { fixed, integer } from '../call/parameter-rule.ts'
import { type Histogram, histogramOf, maxBins } from '../kernels/histogram.ts'

type Round = (value: number) => number

/** Running sums, in the direction given, each rounded as it is stored. */
const runningSums = (values: Float64Array, round: Round, backwards: boolean): Float64Array => {
  const sums = new Float64Array(values.length)
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const at = backwards ? values.length - 1 - i : i
    sum = round(sum + (values[at] as number))
    sums[at] = sum
  }
  return sums
}

const meansOf = (sums: Float64Array, weights: Float64Array, round: Round): Float64Array =>
  sums.map((sum, i) => round(sum / (weights[i] ?? 1)))

/** The bin after which the variance between the two classes is largest; counts are single precision, as in the library. */
const bestBin = ({ counts, centres, bins }: Histogram): number => {
  const single = counts.map(Math.fround)
  const round: Round = bins === 'float32' ? Math.fround : value => value
  const products = single.map((count, i) => round(count * (centres[i] as number)))
  const below = runningSums(single, Math.fround, false)
  const above = runningSums(single, Math.fround, true)
  const meanBelow = meansOf(runningSums(products, round, false), below, round)
  const meanAbove = meansOf(runningSums(products, round, true), above, round)
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (let i = 0; i + 1 < single.length; i++) {
    const difference = round((meanBelow[i] as number) - (meanAbove[i + 1] as number))
    const weight = Math.fround((below[i] as number) * (above[i + 1] as number))
    const variance = round(weight * round(difference * difference))
    if (variance > most) {
      most = variance
      best = i
    } else if (Number.isNaN(variance)) return i
  }
  return best
}

const isConstant = (image: NdArray): boolean => {
  const [first] = image.data
  return image.data.every((value: number | bigint) => value === first)
}

/** `skimage.filters.threshold_otsu`; its result has shape [] and the type of the library's scalar. */
export const thresholdOtsu = newOperation({
  id: 'skimage.filters.threshold_otsu',
  name: "Otsu's threshold",
  tool: 'scikit-image',
  doc: 'The threshold that best divides an image into two classes; pixels above it are foreground.',
  signature: ['image', 'nbins', 'hist'],
  images: { image: grayImage },
  parameters: {
    nbins: integer({
      default: 256,
      min: 1,
      max: maxBins,
      doc: 'Number of bins for floats; integers have one bin a value.'
    }),
    hist: fixed(null, 'array or None', 'the histogram is always that of the image')
  },
  compute: ({ image }, { nbins }) => {
    const { data, dtype } = plainOf(image)
    if (isConstant(image)) return right(newArray(dtype, [], data.slice(0, 1)))
    const histogram = histogramOf(data, nbins, 'image')
    if (isLeft(histogram)) return histogram
    const { centres, bins } = histogram.right
    const threshold = Float64Array.of(centres[bestBin(histogram.right)] as number)
    return right(newArray(bins === 'integer' ? 'int64' : bins, [], threshold))
  }
})
