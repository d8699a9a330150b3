import type { Elements, NdArray } from './nd-array.ts'

const ranks: Readonly<Record<string, number>> = { position: 0, t: 1, c: 3, z: 4, y: 5, x: 6 }

const rankOf = (axis: string): number => ranks[axis] ?? 2

const before = (a: string, b: string): number => rankOf(a) - rankOf(b) || (a < b ? -1 : a > b ? 1 : 0)

/** Axes in digest order: position, t, any others by name, c, z, y, x. */
export const digestAxes = (axes: readonly string[]): readonly string[] => [...axes].sort(before)

const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1)

/** A copy, of the same class; but for a Node `Buffer`, whose slices share their memory, it is a plain Uint8Array. */
const copyOf = (data: Elements): Elements => (data instanceof Uint8Array ? new Uint8Array(data) : data.slice())

/** Moves the index of a run on by one, the last axis fastest; returns how far the next run stands from this one. */
const nextRun = (index: number[], lengths: readonly number[], strides: readonly number[]): number => {
  let moved = 0
  for (let axis = index.length - 1; axis >= 0; axis--) {
    const [length, stride, place] = [lengths[axis] ?? 1, strides[axis] ?? 0, (index[axis] ?? 0) + 1]
    index[axis] = place < length ? place : 0
    moved += place < length ? stride : stride - length * stride
    if (place < length) break
  }
  return moved
}

/** Copies runs: along the new last axis samples stand `step` apart in the old array. Both arrays are of one class. */
const gather = (
  from: Elements,
  to: Elements,
  lengths: readonly number[],
  strides: readonly number[],
  parts: number
): void => {
  const last = lengths.length - 1
  const [length, step] = [lengths[last] ?? 1, (strides[last] ?? 1) * parts]
  const index = new Array<number>(Math.max(0, last)).fill(0)
  const runs = product(lengths.slice(0, last))
  let at = 0
  for (let start = 0, run = 0; run < runs; run++) {
    for (let i = 0; i < length; i++)
      for (let part = 0; part < parts; part++) to[at++] = from[start + i * step + part] as never
    start += nextRun(index, lengths, strides) * parts
  }
}

/**
 * Puts the axes of an array into another order, as `numpy.transpose`; `order[i]` is the old place of axis i.
 * The array itself where nothing changes, else a copy.
 */
export const transpose = (array: NdArray, order: readonly number[]): NdArray => {
  if (order.every((axis, i) => axis === i)) return array
  const shape = order.map(axis => array.shape[axis] ?? 1)
  const oldStrides = array.shape.map((_, i) => product(array.shape.slice(i + 1)))
  const parts = array.dtype.startsWith('complex') ? 2 : 1
  const data = copyOf(array.data)
  if (data.length > 0)
    gather(
      array.data,
      data,
      shape,
      order.map(axis => oldStrides[axis] ?? 1),
      parts
    )
  return { shape, dtype: array.dtype, data }
}

/** Puts an array into another order of its axes; axes that `wanted` does not name or names twice leave it as it is. */
export const withAxes = (
  array: NdArray,
  axes: readonly string[],
  wanted: readonly string[]
): { readonly array: NdArray; readonly axes: readonly string[] } => {
  const order = wanted.map(axis => axes.indexOf(axis))
  const possible = wanted.length === axes.length && new Set(order).size === order.length && !order.includes(-1)
  return possible ? { array: transpose(array, order), axes: wanted } : { array, axes }
}
