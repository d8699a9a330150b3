import { type Either, right } from 'fp-ts/lib/Either.js'
import { extent, type Numbers } from '../array/elements.ts'
import { fail, type Refusal } from '../call/refusal.ts'

/** Counts, and the values in the middle of their bins. */
export interface Histogram {
  readonly counts: Float64Array
  readonly centres: Float64Array
  /** Floating-point type in which bins were computed; integers have one bin a value. */
  readonly bins: 'float32' | 'float64' | 'integer'
}

/** Most bins of a histogram. */
export const maxBins = 2 ** 24

const isFloat = (values: Numbers): values is Float32Array | Float64Array =>
  values instanceof Float32Array || values instanceof Float64Array

const countIntegers = (values: Numbers, at: string): Either<Refusal, Histogram> => {
  const [low, high] = extent(values)
  if (high - low >= maxBins) return fail(at, `spans ${high - low + 1} integers, too many for a histogram`)
  const counts = new Float64Array(high - low + 1)
  for (let i = 0; i < values.length; i++) {
    const bin = (values[i] ?? 0) - low
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return right({ counts, centres: counts.map((_, i) => low + i), bins: 'integer' })
}

type Round = (value: number) => number

/** `numpy.linspace` with `bins + 1` points, in the precision of the image. */
const edgesOf = (low: number, high: number, bins: number, round: Round): Float64Array => {
  const edges = new Float64Array(bins + 1)
  const delta = round(high - low)
  const step = round(delta / bins)
  for (let i = 0; i <= bins; i++) {
    const moved = step === 0 ? round(round(i / bins) * delta) : round(i * step)
    edges[i] = round(moved + low)
  }
  edges[bins] = high
  return edges
}

/** The bin of a value: by proportion, then put right by the edges themselves. */
const countFloats = (values: Numbers, edges: Float64Array, bins: number, round: Round): Float64Array => {
  const counts = new Float64Array(bins)
  const low = edges[0] ?? 0
  const width = round((edges[bins] ?? 0) - low)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    let bin = Math.trunc(round(round(round(value - low) / width) * bins))
    if (bin === bins) bin--
    if (value < (edges[bin] ?? 0)) bin--
    if (value >= (edges[bin + 1] ?? 0) && bin !== bins - 1) bin++
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return counts
}

/**
 * `skimage.exposure.histogram` over the range of the image: integers get one bin a value, floats `bins` bins of equal
 * width. Refuses NaN and infinities, as the library does.
 */
export const histogramOf = (values: Numbers, bins: number, at: string): Either<Refusal, Histogram> => {
  if (!isFloat(values)) return countIntegers(values, at)
  const [low, high] = extent(values)
  if (!Number.isFinite(low) || !Number.isFinite(high)) return fail(at, 'holds NaN or infinity: its range is not finite')
  const round: Round = values instanceof Float32Array ? Math.fround : value => value
  const [first, last] = low === high ? [round(low - 0.5), round(high + 0.5)] : [low, high]
  if (!Number.isFinite(round(last - first))) return fail(at, 'spans more than a float can hold')
  const edges = edgesOf(first, last, bins, round)
  for (let i = 0; i < bins; i++) {
    if ((edges[i] ?? 0) >= (edges[i + 1] ?? 0)) return fail('nbins', `asks for more bins than its values can tell apart`)
  }
  const centres = new Float64Array(bins)
  for (let i = 0; i < bins; i++) centres[i] = round(round((edges[i] ?? 0) + (edges[i + 1] ?? 0)) / 2)
  return right({
    counts: countFloats(values, edges, bins, round), centres,
    bins: values instanceof Float32Array ? 'float32' : 'float64'
  })
}
