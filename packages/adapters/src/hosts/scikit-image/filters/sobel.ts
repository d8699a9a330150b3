import type { NdArray } from '@bims/core'
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js'
import { countOf, haveSameShape, newArray } from '../array/elements.ts'
import { toFloat } from '../array/float-image.ts'
import { cvalRule, modeRule, noneBeside, optionalArray, plainImage } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { integer, oneOrEach, optional } from '../call/parameter-rule.ts'
import { type Refusal, refuse } from '../call/refusal.ts'
import { extremeFilter } from '../kernels/extremes.ts'
import { newCross } from '../kernels/footprint.ts'
import { type LineSource, newPaddedLines, type PaddedLines } from '../kernels/padded-lines.ts'

/** One position of a kernel and its weight. */
interface Tap {
  readonly outer: readonly number[]
  readonly start: number
  readonly weight: number
}

/** A difference along one axis, smoothed by 1 2 1 along all others; in the library's order. */
const tapsAlong = (axes: number, edge: number): readonly Tap[] => {
  const taps: Tap[] = []
  for (let i = 0; i < 3 ** axes; i++) {
    const offset = Array.from({ length: axes }, (_, axis) => (Math.floor(i / 3 ** (axes - 1 - axis)) % 3) - 1)
    const weight = offset.reduce((product, o, axis) => product * (axis === edge ? o : (2 - Math.abs(o)) / 4), 1)
    if (weight !== 0) taps.push({ outer: offset.slice(0, -1), start: offset.at(-1) ?? 0, weight })
  }
  return taps
}

const addTap = (out: Float64Array, line: Float64Array, from: number, weight: number): void => {
  for (let x = 0; x < out.length; x++) out[x] = (out[x] as number) + weight * (line[from + x] as number)
}

const gradientLine = (lines: PaddedLines<Float64Array>, y: number, taps: readonly Tap[], out: Float64Array): void => {
  out.fill(0)
  for (const tap of taps) {
    const line = lines.slots[lines.slotAt(y, tap.outer)]
    if (line !== undefined) addTap(out, line, 1 + tap.start, tap.weight)
  }
}

/** Sum of squared gradients, each step stored as the library stores it. */
const addSquares = (sum: Float64Array, gradient: Float64Array): void => {
  for (let x = 0; x < sum.length; x++) sum[x] = (sum[x] as number) + (gradient[x] as number) * (gradient[x] as number)
}

const addSingleSquares = (sum: Float64Array, gradient: Float64Array): void => {
  for (let x = 0; x < sum.length; x++) {
    const g = Math.fround(gradient[x] as number)
    sum[x] = Math.fround((sum[x] as number) + Math.fround(g * g))
  }
}

const toMagnitude = (sum: Float64Array, divisor: number): void => {
  for (let x = 0; x < sum.length; x++) sum[x] = Math.sqrt(sum[x] as number) / divisor
}

const toSingleMagnitude = (sum: Float64Array, divisor: number): void => {
  const single = Math.fround(divisor)
  for (let x = 0; x < sum.length; x++) sum[x] = Math.fround(Math.sqrt(sum[x] as number)) / single
}

const edges = (source: LineSource, axes: readonly number[], isSingle: boolean): Float64Array => {
  const rank = source.shape.length
  const out = new Float64Array(countOf(source.shape))
  const lines = newPaddedLines(source, 1, 1, rank === 2 ? 3 : 9 * (source.shape.at(-2) ?? 1), n => new Float64Array(n))
  const kernels = axes.map(axis => tapsAlong(rank, axis))
  const gradient = new Float64Array(lines.length)
  const sum = new Float64Array(lines.length)
  const add = isSingle ? addSingleSquares : addSquares
  const finish = isSingle ? toSingleMagnitude : toMagnitude
  for (let y = 0; y < lines.count; y++) {
    sum.fill(0)
    for (const taps of kernels) {
      gradientLine(lines, y, taps, gradient)
      if (axes.length > 1) add(sum, gradient)
      else sum.set(gradient)
    }
    if (axes.length > 1) finish(sum, Math.sqrt(rank))
    out.set(sum, y * lines.length)
  }
  return out
}

const maskOut = (values: Float64Array, mask: NdArray): void => {
  const ones = Uint8Array.from(mask.data, (one: number | bigint) => (Number(one) === 0 ? 0 : 1))
  const source: LineSource = { data: ones, shape: mask.shape, border: 'constant', constant: 0 }
  const eroded = extremeFilter(source, newCross(mask.shape.length, mask.shape.length), 'min', 'bool')
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) * (eroded[i] as number)
}

const axesOf = (rank: number, axis: number | readonly number[] | null): Either<Refusal, readonly number[]> => {
  if (axis === null) return right(Array.from({ length: rank }, (_, i) => i))
  const axes = typeof axis === 'number' ? [axis] : axis
  return axes.length > 0 && axes.every(one => one >= 0 && one < rank)
    ? right(axes)
    : refuse('axis', `must be axes from 0 to ${rank - 1}`)
}

/** `skimage.filters.sobel`. */
export const sobel = newOperation({
  id: 'skimage.filters.sobel',
  name: 'Sobel edges',
  tool: 'scikit-image',
  doc: 'Finds edges: the magnitude of the Sobel gradient, or the gradient along one axis.',
  signature: ['image', 'mask', 'axis', 'mode', 'cval'],
  images: { image: { ...plainImage, axes: [1, 8] }, mask: optionalArray },
  parameters: {
    mask: noneBeside('array of bool or None', 'Where False, or next to it, the result is 0.'),
    axis: optional(
      oneOrEach(integer({ default: null, doc: 'Axis of the gradient; None gives the magnitude over all axes.' }))
    ),
    mode: modeRule('reflect'),
    cval: cvalRule
  },
  compute: ({ image, mask }, values) => {
    const axes = axesOf(image.shape.length, values.axis)
    if (isLeft(axes)) return axes
    const { data, dtype } = toFloat(image, false)
    const source = { data, shape: image.shape, border: values.mode, constant: values.cval }
    const out = edges(source, axes.right, dtype === 'float32')
    if (mask !== undefined) {
      if (!haveSameShape(mask, image)) return refuse('mask', 'has another shape than the image')
      maskOut(out, mask)
    }
    return right(newArray(dtype, image.shape, out))
  }
})
