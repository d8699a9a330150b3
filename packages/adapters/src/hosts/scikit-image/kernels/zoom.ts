import { countOf, type Numbers } from '../array/elements.ts'
import { mapLines, splitAt } from './axis-lines.ts'
import type { Border } from './border.ts'
import { borderIndex } from './border.ts'
import { firstIndex, newSplineFilter, type Order, weightsAt } from './spline.ts'

/** Margin that the library adds where a border has no symmetry of its own. */
const margin = 12

/** What to interpolate. */
export interface Zoomed {
  readonly data: Float64Array
  readonly shape: readonly number[]
  readonly border: Border
  readonly constant: number
}

const padBy = (image: Zoomed, width: number): Zoomed => {
  let { data } = image
  const shape = [...image.shape]
  image.shape.forEach((n, axis) => {
    const [outer, length, inner] = splitAt(shape, axis)
    const padded = new Float64Array(outer * (n + 2 * width) * inner)
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < n + 2 * width; k++) {
        const index = borderIndex(k - width, length, image.border)
        const at = (o * (n + 2 * width) + k) * inner
        if (index < 0) padded.fill(image.constant, at, at + inner)
        else padded.set(data.subarray((o * length + index) * inner, (o * length + index + 1) * inner), at)
      }
    }
    data = padded
    shape[axis] = n + 2 * width
  })
  return { ...image, data, shape }
}

const toCoefficients = (image: Zoomed, order: Order): Zoomed => {
  const filter = newSplineFilter(order, image.border)
  let { data } = image
  const out = new Float64Array(data.length)
  image.shape.forEach((_, axis) => {
    mapLines({ ...image, data }, axis, 0, 0, out, (line, result) => {
      filter(line)
      result.set(line)
    })
    data = out
  })
  return { ...image, data: image.shape.length === 0 ? image.data : out }
}

/** A place along an axis folded back inside, as the library folds places before it interpolates. */
const foldPlace = (place: number, length: number, border: Border): number => {
  if (border === 'constant' || border === 'nearest' || (place >= 0 && place <= length - 1)) return place
  if (length === 1) return 0
  if (border === 'wrap') return place - length * Math.floor(place > -1 && place < 0 ? 0 : place / length) + (place > -1 && place < 0 ? length : 0)
  const period = border === 'mirror' ? 2 * length - 2 : 2 * length
  const folded = place - period * Math.floor(place / period)
  if (border === 'mirror') return folded <= length - 1 ? folded : period - folded
  return foldReflected(place, folded, length)
}

/** Half a pixel beyond an edge belongs to it: places from -1 to 0 and from length-1 to length stay near the edge. */
const foldReflected = (place: number, folded: number, length: number): number => {
  if (place < 0) {
    const back = place < -2 * length ? place + 2 * length * Math.trunc(-place / (2 * length)) : place
    return back < -length ? back + 2 * length : (back > -1e-15 ? 1e-15 : -back) - 1
  }
  return folded >= length ? 2 * length - folded - 1 : folded
}

/** For each place of a result along an axis: the coefficients that bear on it, -1 for the constant, and their weights. */
interface Plan {
  readonly indices: Int32Array
  readonly weights: Float64Array
}

const planAxis = (length: number, count: number, zoom: number, shift: number, order: Order, border: Border): Plan => {
  const width = order + 1
  const indices = new Int32Array(count * width)
  const weights = new Float64Array(count * width)
  for (let k = 0; k < count; k++) {
    const place = foldPlace((k + 0.5) * zoom - 0.5 + shift, length, border)
    const first = firstIndex(place, order)
    for (let i = 0; i < width; i++) indices[k * width + i] = borderIndex(first + i, length, border)
    weights.set(weightsAt(place, order), k * width)
  }
  return { indices, weights }
}

const addRow = (out: Float64Array, at: number, data: Float64Array, from: number, count: number, weight: number): void => {
  for (let x = 0; x < count; x++) out[at + x] = (out[at + x] ?? 0) + (data[from + x] ?? 0) * weight
}

const addConstant = (out: Float64Array, at: number, count: number, value: number): void => {
  for (let x = 0; x < count; x++) out[at + x] = (out[at + x] ?? 0) + value
}

const interpolateAxis = (image: Zoomed, axis: number, count: number, plan: Plan): Zoomed => {
  const [outer, length, inner] = splitAt(image.shape, axis)
  const width = plan.indices.length / count
  const out = new Float64Array(outer * count * inner)
  for (let o = 0; o < outer; o++) {
    for (let k = 0; k < count; k++) {
      const at = (o * count + k) * inner
      for (let i = 0; i < width; i++) {
        const index = plan.indices[k * width + i] ?? -1
        const weight = plan.weights[k * width + i] ?? 0
        if (index < 0) addConstant(out, at, inner, image.constant * weight)
        else addRow(out, at, image.data, (o * length + index) * inner, inner, weight)
      }
    }
  }
  return { ...image, data: out, shape: image.shape.map((n, i) => (i === axis ? count : n)) }
}

const alongLast = (image: Zoomed, count: number, plan: Plan): Zoomed => {
  const length = image.shape.at(-1) ?? 1
  const lines = image.data.length / length
  const width = plan.indices.length / count
  const out = new Float64Array(lines * count)
  for (let line = 0; line < lines; line++) {
    for (let k = 0; k < count; k++) {
      let sum = 0
      for (let i = k * width; i < (k + 1) * width; i++) {
        const index = plan.indices[i] ?? -1
        sum += (index < 0 ? image.constant : (image.data[line * length + index] ?? 0)) * (plan.weights[i] ?? 0)
      }
      out[line * count + k] = sum
    }
  }
  return { ...image, data: out, shape: [...image.shape.slice(0, -1), count] }
}

/**
 * `scipy.ndimage.zoom` in grid mode, one axis after the other: pixels are squares, and the whole image is stretched to
 * the new shape. A constant border is the library's `grid-constant`, wrapping its `grid-wrap`.
 */
export const zoomTo = (image: Zoomed, shape: readonly number[], order: Order): Float64Array => {
  const shift = order > 1 && (image.border === 'nearest' || image.border === 'constant') ? margin : 0
  const zooms = image.shape.map((n, axis) => n / (shape[axis] ?? 1))
  let current = order > 1 ? toCoefficients(shift > 0 ? padBy(image, shift) : image, order) : image
  shape.forEach((count, axis) => {
    const plan = planAxis(current.shape[axis] ?? 1, count, zooms[axis] ?? 1, shift, order, image.border)
    current = axis === shape.length - 1 ? alongLast(current, count, plan) : interpolateAxis(current, axis, count, plan)
  })
  return current.data
}

/** Number of elements that the work of a zoom holds at most. */
export const workOf = (from: readonly number[], to: readonly number[]): number =>
  countOf(from.map((n, axis) => Math.max(n + 2 * margin, to[axis] ?? 1)))

/** Values as 64-bit floats. */
export const zoomSource = (values: Numbers): Float64Array => new Float64Array(values)
