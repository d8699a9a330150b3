import type { NdArray } from '@bims/core'

/** How far floats may be off, as a share of the range; integers and bool not at all. */
export const toleranceOf = (array: NdArray): number =>
  array.dtype === 'float64' ? 1e-12 : array.dtype === 'float32' ? 1e-6 : 0

const rangeOf = (array: NdArray): number => {
  const finite = Array.from(array.data, Number).filter(Number.isFinite)
  const low = finite.reduce((a, b) => Math.min(a, b), Infinity)
  const high = finite.reduce((a, b) => Math.max(a, b), -Infinity)
  const size = Math.max(Math.abs(low), Math.abs(high))
  // A constant image has no range but that of rounding: its size stands for it.
  return Number.isFinite(size) && size > 0 ? (high - low > size * 1e-6 ? high - low : size) : 1
}

/** Largest difference as a share of the range; infinite where NaN, infinities, types or shapes differ. */
export const differenceOf = (ours: NdArray, theirs: NdArray): number => {
  if (ours.dtype !== theirs.dtype || ours.shape.join() !== theirs.shape.join()) return Number.POSITIVE_INFINITY
  const range = toleranceOf(theirs) === 0 ? 1 : rangeOf(theirs)
  let largest = 0
  for (let i = 0; i < theirs.data.length; i++) {
    const [a, b] = [ours.data[i] ?? 0, theirs.data[i] ?? 0]
    if (a === b || (Number.isNaN(a) && Number.isNaN(b))) continue
    const difference = Math.abs(Number(a) - Number(b)) / range
    largest = Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference)
  }
  return largest
}
