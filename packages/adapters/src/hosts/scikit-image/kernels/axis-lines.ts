import type { Numbers } from '../array/elements.ts'
import { borderIndices } from './border.ts'
import type { LineSource } from './padded-lines.ts'

/** What stands before, in and after an axis: `product(shape before)`, its length, `product(shape after)`. */
export const splitAt = (shape: readonly number[], axis: number): readonly [number, number, number] => {
  let outer = 1
  let inner = 1
  shape.forEach((n, i) => {
    if (i < axis) outer *= n
    if (i > axis) inner *= n
  })
  return [outer, shape[axis] ?? 1, inner]
}

/**
 * Hands each line along an axis, with its margins, to a function and stores what it makes of it.
 * `out` may be the source's own data.
 */
export const mapLines = (
  source: LineSource,
  axis: number,
  before: number,
  after: number,
  out: Numbers,
  map: (line: Float64Array, result: Float64Array) => void
): void => {
  const [outer, length, inner] = splitAt(source.shape, axis)
  const indices = borderIndices(length, before, after, source.border)
  const line = new Float64Array(indices.length)
  const result = new Float64Array(length)
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const start = o * length * inner + i
      load(source, start, inner, indices, before, length, line)
      map(line, result)
      if (inner === 1) out.set(result, start)
      else for (let k = 0; k < length; k++) out[start + k * inner] = result[k] as number
    }
  }
}

/** Copies a line and its margins; neighbouring elements are copied as a block. */
const load = (
  source: LineSource,
  start: number,
  step: number,
  indices: Int32Array,
  before: number,
  length: number,
  line: Float64Array
): void => {
  const isBlock = step === 1
  if (isBlock) line.set(source.data.subarray(start, start + length), before)
  for (let k = 0; k < line.length; k++) {
    if (isBlock && k === before) k += length
    if (k >= line.length) break
    const index = indices[k] ?? -1
    line[k] = index < 0 ? source.constant : (source.data[start + index * step] as number)
  }
}
