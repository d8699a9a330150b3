import type { NdArray, ParameterValue } from '@bims/core'
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import { countableTypes, isInteger, isPlain, type PlainType, plainTypes, rangeOf } from '../array/dtype.ts'
import { countOf, numbersOf, type Numbers, plainElements } from '../array/elements.ts'
import { type Border, borders } from '../kernels/border.ts'
import { type Footprint, newCross, sizeOf } from '../kernels/footprint.ts'
import type { ImageRule } from './argument-codec.ts'
import { maxWork } from './bounds.ts'
import { isList, type ParameterRule, parsePythonNumber, real, word } from './parameter-rule.ts'
import { type Refusal, refuse } from './refusal.ts'

/** Any image with at least one axis. */
export const anyImage: ImageRule = { dtypes: countableTypes }

/** An image whose elements are numbers here. */
export const plainImage: ImageRule = { dtypes: plainTypes }

/** A plain image that is not bool. */
export const grayImage: ImageRule = { dtypes: plainTypes.filter(dtype => dtype !== 'bool') }

/** An image that is bool, or of integers. */
export const discreteImage: ImageRule = { dtypes: countableTypes.filter(dtype => dtype === 'bool' || isInteger(dtype)) }

/** A mask or footprint that may be left out. */
export const optionalArray = { dtypes: countableTypes, optional: true } as const satisfies ImageRule

/** The parameter that stands beside an {@link optionalArray} and takes None alone. */
export const noneBeside = (type: string, doc: string): ParameterRule<null> => ({
  type,
  doc,
  default: null,
  parse: value => (value === null ? right(null) : left('must be an array or None'))
})

/** A plain image's elements and type. */
export interface Plain {
  readonly data: Numbers
  readonly dtype: PlainType
  readonly shape: readonly number[]
}

/** Elements of an array that its rule has let through as plain. */
export const plainOf = (image: NdArray): Plain => {
  const data = plainElements(image.data)
  return data !== undefined && isPlain(image.dtype)
    ? { data, dtype: image.dtype, shape: image.shape }
    : { data: numbersOf(image) ?? new Float64Array(image.data.length), dtype: 'float64', shape: image.shape }
}

/** How an image goes on beyond its edge. */
export const modeRule = (byDefault: Border): ParameterRule<Border> =>
  word(borders, { default: byDefault, doc: 'How the image goes on beyond its edge.' })

/** Value beyond the edge. */
export const cvalRule: ParameterRule<number> = real({
  default: 0,
  anyFloat: true,
  type: 'scalar',
  doc: "Value beyond the edge in mode 'constant'."
})

/** Refuses a constant that the image's type cannot hold, where the library's conversion would be undefined. */
export const holds = (dtype: PlainType, value: number): boolean => {
  if (dtype === 'float32' || dtype === 'float64') return true
  const [low, high] = rangeOf(dtype)
  return Number.isInteger(value) && value >= low && value <= high
}

const flatten = (value: ParameterValue, shape: readonly number[], axis: number, out: number[]): boolean => {
  if (axis === shape.length) {
    const number = parsePythonNumber(value)
    if (number !== undefined) out.push(number.value)
    return number !== undefined
  }
  return isList(value) && value.length === shape[axis] && value.every(part => flatten(part, shape, axis + 1, out))
}

const maxPositions = 2 ** 22

const parseFootprint = (value: ParameterValue): Either<string, Footprint | null> => {
  if (value === null) return right(null)
  const shape: number[] = []
  for (let part: ParameterValue | undefined = value; part !== undefined && isList(part); part = part[0])
    shape.push(part.length)
  if (shape.length === 0 || countOf(shape) === 0 || countOf(shape) > maxPositions)
    return left('must be None or a nested list of numbers')
  const values: number[] = []
  if (!flatten(value, shape, 0, values))
    return left('must be a nested list of numbers, all lists of a level equally long')
  return right({ shape, mask: Uint8Array.from(values, one => (one === 0 ? 0 : 1)) })
}

/** A footprint as nested lists, or None. */
export const footprintRule = (doc: string): ParameterRule<Footprint | null> => ({
  type: 'ndarray or None',
  doc,
  default: null,
  parse: parseFootprint
})

/** The footprint of a call: given as an array, as lists, or the default of the operation. */
export const footprintOf = (
  image: NdArray,
  given: NdArray | undefined,
  listed: Footprint | null,
  connectivity: number
): Either<Refusal, Footprint> => {
  const footprint = given === undefined ? listed : fromArray(given)
  if (footprint === null) return right(newCross(image.shape.length, connectivity))
  if (footprint.shape.length !== image.shape.length) {
    return refuse('footprint', `has ${footprint.shape.length} axes, the image ${image.shape.length}`)
  }
  if (footprint.mask.length > maxPositions || countOf(image.shape) * sizeOf(footprint) > maxWork) {
    return refuse('footprint', 'is too large')
  }
  return footprint.mask.includes(1) ? right(footprint) : refuse('footprint', 'has no position set')
}

const fromArray = (array: NdArray): Footprint => ({
  shape: array.shape,
  mask: Uint8Array.from(array.data, (one: number | bigint) => (Number(one) === 0 ? 0 : 1))
})
