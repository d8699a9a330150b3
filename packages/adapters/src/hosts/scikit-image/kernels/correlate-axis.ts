import type { Border } from './border.ts'
import { borderIndices } from './border.ts'
import { mapLines, splitAt } from './axis-lines.ts'

/** Rounding that storing between two axes does: to float32, to whole numbers, or none. */
export type Rounding = 'float32' | 'float64' | 'whole'

/** Inner lengths from which whole rows are added up instead of single lines. */
const shortRow = 16

const roundInPlace = (values: Float64Array, from: number, count: number, rounding: Rounding): void => {
  if (rounding === 'float64') return
  const end = from + count
  if (rounding === 'float32') for (let i = from; i < end; i++) values[i] = Math.fround(values[i] as number)
  else for (let i = from; i < end; i++) values[i] = Math.trunc(values[i] as number)
}

const scaleRow = (out: Float64Array, at: number, row: Float64Array, weight: number): void => {
  for (let x = 0; x < row.length; x++) out[at + x] = (row[x] as number) * weight
}

const addPair = (out: Float64Array, at: number, a: Float64Array, b: Float64Array, weight: number): void => {
  for (let x = 0; x < a.length; x++)
    out[at + x] = (out[at + x] as number) + ((a[x] as number) + (b[x] as number)) * weight
}

const correlateRows = (
  data: Float64Array,
  out: Float64Array,
  split: readonly [number, number, number],
  weights: Float64Array,
  border: Border,
  constant: number,
  rounding: Rounding
): void => {
  const [outer, length, inner] = split
  const radius = weights.length - 1
  const indices = borderIndices(length, radius, radius, border)
  const beyond = new Float64Array(inner).fill(constant)
  const rowAt = (block: number, k: number): Float64Array => {
    const index = indices[k + radius] ?? -1
    return index < 0 ? beyond : data.subarray((block + index) * inner, (block + index + 1) * inner)
  }
  for (let o = 0; o < outer; o++) {
    for (let y = 0; y < length; y++) {
      const at = (o * length + y) * inner
      scaleRow(out, at, rowAt(o * length, y), weights[0] as number)
      for (let k = radius; k > 0; k--)
        addPair(out, at, rowAt(o * length, y - k), rowAt(o * length, y + k), weights[k] as number)
      roundInPlace(out, at, inner, rounding)
    }
  }
}

const newLineCorrelation = (weights: Float64Array, rounding: Rounding) => {
  const radius = weights.length - 1
  return (line: Float64Array, result: Float64Array): void => {
    const centre = weights[0] as number
    for (let x = 0; x < result.length; x++) result[x] = (line[x + radius] as number) * centre
    for (let k = radius; k > 0; k--) {
      const weight = weights[k] as number
      const left = radius - k
      const right = radius + k
      for (let x = 0; x < result.length; x++) {
        result[x] = (result[x] as number) + ((line[x + left] as number) + (line[x + right] as number)) * weight
      }
    }
    roundInPlace(result, 0, result.length, rounding)
  }
}

/**
 * Correlates along one axis with a symmetric kernel, given as its middle and one side (`weights[0]` in the middle), as
 * `scipy.ndimage.correlate1d` does: sums in float64 from the outermost pair inwards.
 */
export const correlateAxis = (
  image: {
    readonly data: Float64Array
    readonly shape: readonly number[]
    readonly border: Border
    readonly constant: number
  },
  axis: number,
  weights: Float64Array,
  rounding: Rounding
): Float64Array => {
  const out = new Float64Array(image.data.length)
  const split = splitAt(image.shape, axis)
  if (split[2] >= shortRow) correlateRows(image.data, out, split, weights, image.border, image.constant, rounding)
  else {
    const radius = weights.length - 1
    mapLines(image, axis, radius, radius, out, newLineCorrelation(weights, rounding))
  }
  return out
}
