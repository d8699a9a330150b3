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

const countIntegers = (values: Numbers, at: string): Either<Refusal, Histogram> => {
  const [low, high] = extent(values)
  if (high - low >= maxBins) return fail(at, `spans ${high - low + 1} integers, too many for a histogram`)
  const counts = new Float64Array(high - low + 1)
  for (let i = 0; i < values.length; i++) {
    const bin = (values[i] as number) - low
    counts[bin] = (counts[bin] as number) + 1
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

/** A bin found by proportion, put right by the edges themselves. */
const adjusted = (found: number, value: number, edges: Float64Array, bins: number): number => {
  let bin = found === bins ? bins - 1 : found
  if (value < (edges[bin] as number)) bin--
  if (value >= (edges[bin + 1] as number) && bin !== bins - 1) bin++
  return bin
}

const countFloats = (values: Numbers, edges: Float64Array, bins: number, round: Round): Float64Array => {
  const counts = new Float64Array(bins)
  const low = edges[0] as number
  const width = round((edges[bins] as number) - low)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    const bin = adjusted(Math.trunc(round(round(round(value - low) / width) * bins)), value, edges, bins)
    counts[bin] = (counts[bin] as number) + 1
  }
  return counts
}

const isAscending = (edges: Float64Array): boolean => {
  for (let i = 1; i < edges.length; i++) if ((edges[i - 1] as number) >= (edges[i] as number)) return false
  return true
}

const countInBins = (values: Float32Array | Float64Array, bins: number, at: string): Either<Refusal, Histogram> => {
  const [low, high] = extent(values)
  if (!Number.isFinite(low) || !Number.isFinite(high)) return fail(at, 'holds NaN or infinity: its range is not finite')
  const isSingle = values instanceof Float32Array
  const round: Round = isSingle ? Math.fround : value => value
  const [first, last] = low === high ? [round(low - 0.5), round(high + 0.5)] : [low, high]
  const edges = edgesOf(first, last, bins, round)
  if (!isAscending(edges)) return fail('nbins', 'asks for more bins than the values can tell apart')
  const centres = new Float64Array(bins)
  for (let i = 0; i < bins; i++) centres[i] = round(round((edges[i] as number) + (edges[i + 1] as number)) / 2)
  return right({ counts: countFloats(values, edges, bins, round), centres, bins: isSingle ? 'float32' : 'float64' })
}

/**
 * `skimage.exposure.histogram` over the range of the image: integers get one bin a value, floats `bins` bins of equal
 * width. Refuses NaN and infinities, as the library does.
 */
export const histogramOf = (values: Numbers, bins: number, at: string): Either<Refusal, Histogram> =>
  values instanceof Float32Array || values instanceof Float64Array
    ? countInBins(values, bins, at)
    : countIntegers(values, at)
