import type { Elements, NdArray } from '@bims/core'

/** How two images of one shape differ. */
export interface Difference {
  /** Largest absolute difference of two samples; NaN against a number counts as infinite. */
  readonly max: number
  /** Samples that differ. */
  readonly count: number
  readonly total: number
  /** Range (largest minus smallest finite sample) of the recorded image, by which `max` is judged. */
  readonly range: number
}

const numberAt = (data: Elements, i: number): number => Number(data[i])

const apart = (a: number, b: number): number => {
  if (Object.is(a, b) || a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0
  const distance = Math.abs(a - b)
  return Number.isNaN(distance) ? Infinity : distance
}

/** Largest minus smallest finite sample; 0 where there is none. */
const rangeOf = (data: Elements): number => {
  let [low, high] = [Infinity, -Infinity]
  for (let i = 0; i < data.length; i++) {
    const a = numberAt(data, i)
    if (a < low && a !== -Infinity) low = a
    if (a > high && a !== Infinity) high = a
  }
  return high >= low ? high - low : 0
}

/**
 * Compares a replayed image with the recorded one, sample by sample; undefined where shape or dtype differ, so that
 * samples have no counterparts. NaN equals NaN, whatever their bits.
 */
export const differenceOf = (recorded: NdArray, replayed: NdArray): Difference | undefined => {
  if (recorded.dtype !== replayed.dtype || recorded.shape.join() !== replayed.shape.join()) return undefined
  let [max, count] = [0, 0]
  for (let i = 0; i < recorded.data.length; i++) {
    const distance = apart(numberAt(recorded.data, i), numberAt(replayed.data, i))
    if (distance > 0) count++
    if (distance > max) max = distance
  }
  return { max, count, total: recorded.data.length, range: rangeOf(recorded.data) }
}

/** Absolute differences of all samples, as float64 of the same shape: a map of where two images differ. */
export const differenceMap = (recorded: NdArray, replayed: NdArray): NdArray => ({
  shape: recorded.shape,
  dtype: 'float64',
  data: Float64Array.from({ length: recorded.data.length }, (_, i) =>
    apart(numberAt(recorded.data, i), numberAt(replayed.data, i))
  )
})
