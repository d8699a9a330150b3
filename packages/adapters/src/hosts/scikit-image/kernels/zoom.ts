import { countOf } from '../array/elements.ts'
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

/**
 * A place along an axis, moved to where the library takes it from. Places lie at most half a pixel outside; beyond the
 * far edge they stay, and the indices of the coefficients are folded back instead.
 */
const foldPlace = (place: number, length: number, border: Border): number => {
  if (border === 'constant' || border === 'nearest') return place
  if (length === 1) return 0
  if (place >= 0) return place
  if (border === 'wrap') return place + length
  if (border === 'mirror') return -place
  return (place > -1e-15 ? 1e-15 : -place) - 1
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

/** Outer coordinates of the result, and of the coefficients that bear on it, in row-major order. */
const digitsOf = (number: number, bases: readonly number[]): number[] => {
  const digits = new Array<number>(bases.length).fill(0)
  for (let rest = number, axis = bases.length - 1; axis >= 0; axis--) {
    const base = bases[axis] ?? 1
    digits[axis] = rest % base
    rest = Math.floor(rest / base)
  }
  return digits
}

/** One line of coefficients times its weights along the outer axes; after its end the constant, likewise weighted. */
const weighLine = (out: Float64Array, image: Zoomed, line: number, weights: readonly number[]): void => {
  const length = out.length - 1
  if (line < 0) out.fill(image.constant)
  else {
    out.set(image.data.subarray(line * length, (line + 1) * length))
    out[length] = image.constant
  }
  for (const weight of weights) for (let x = 0; x <= length; x++) out[x] = (out[x] as number) * weight
}

const addTaps = (sums: Float64Array, line: Float64Array, plan: Plan): void => {
  const width = plan.indices.length / sums.length
  for (let k = 0, tap = 0; k < sums.length; k++) {
    let sum = sums[k] as number
    for (const end = tap + width; tap < end; tap++)
      sum += (line[plan.indices[tap] as number] as number) * (plan.weights[tap] as number)
    sums[k] = sum
  }
}

/** The line of coefficients that a tap of the outer axes reads, -1 for the constant; and its weights. */
const tapAt = (
  plans: readonly Plan[],
  shape: readonly number[],
  at: readonly number[],
  digits: readonly number[],
  width: number
): readonly [number, readonly number[]] => {
  let line = 0
  const weights = plans.map((plan, axis) => {
    const tap = (at[axis] as number) * width + (digits[axis] as number)
    const index = plan.indices[tap] ?? -1
    line = index < 0 || line < 0 ? -1 : line * (shape[axis] ?? 1) + index
    return plan.weights[tap] as number
  })
  return [line, weights]
}

const interpolate = (image: Zoomed, shape: readonly number[], plans: readonly Plan[], order: Order): Float64Array => {
  const outer = shape.slice(0, -1)
  const outerPlans = plans.slice(0, -1)
  const last = plans.at(-1) ?? { indices: new Int32Array(0), weights: new Float64Array(0) }
  const width = order + 1
  const taps = Array.from({ length: width ** outer.length }, (_, i) =>
    digitsOf(
      i,
      outer.map(() => width)
    )
  )
  const out = new Float64Array(countOf(shape))
  const sums = new Float64Array(shape.at(-1) ?? 1)
  const line = new Float64Array((image.shape.at(-1) ?? 1) + 1)
  for (let y = 0; y * sums.length < out.length; y++) {
    const at = digitsOf(y, outer)
    sums.fill(0)
    for (const digits of taps) {
      const [index, weights] = tapAt(outerPlans, image.shape, at, digits, width)
      weighLine(line, image, index, weights)
      addTaps(sums, line, last)
    }
    out.set(sums, y * sums.length)
  }
  return out
}

/** The constant stands after the end of a line. */
const constantLast = (plan: Plan, length: number): Plan => ({
  ...plan,
  indices: plan.indices.map(index => (index < 0 ? length : index))
})

/**
 * `scipy.ndimage.zoom` in grid mode: pixels are squares, and the whole image is stretched to the new shape; products
 * and sums are taken in the library's order. A constant border is its `grid-constant`, wrapping its `grid-wrap`.
 */
export const zoomTo = (image: Zoomed, shape: readonly number[], order: Order): Float64Array => {
  const shift = order > 1 && (image.border === 'nearest' || image.border === 'constant') ? margin : 0
  const current = order > 1 ? toCoefficients(shift > 0 ? padBy(image, shift) : image, order) : image
  const plans = shape.map((count, axis) => {
    const length = current.shape[axis] ?? 1
    const plan = planAxis(length, count, (image.shape[axis] ?? 1) / count, shift, order, image.border)
    return axis === shape.length - 1 ? constantLast(plan, length) : plan
  })
  return interpolate(current, shape, plans, order)
}
