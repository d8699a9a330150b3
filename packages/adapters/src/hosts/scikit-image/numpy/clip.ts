import type { NdArray } from '@bims/core'
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js'
import { cast } from '../array/cast.ts'
import { bitsOf, type CountableType, isInteger, promote, rangeOf } from '../array/dtype.ts'
import { countOf, newArray, newElements, type Numbers, plainElements } from '../array/elements.ts'
import { anyImage } from '../call/image-rules.ts'
import { maxElements } from '../call/bounds.ts'
import { newOperation } from '../call/operation.ts'
import { noOut } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'
import { numbersOver, type Values } from './broadcast.ts'
import { commonShape, commonType, isArray, noValue, type Operand, operandImage, optionalNumber } from './operand.ts'

const atLeast = (data: Values<Numbers>, bound: Values<Numbers>, out: Numbers): void => {
  for (let i = 0; i < out.length; i++)
    out[i] = Math.max(data.values[i * data.step] as number, bound.values[i * bound.step] as number)
}

const atMost = (data: Values<Numbers>, bound: Values<Numbers>, out: Numbers): void => {
  for (let i = 0; i < out.length; i++)
    out[i] = Math.min(data.values[i * data.step] as number, bound.values[i * bound.step] as number)
}

const boundsOf = (low: Operand | undefined, high: Operand | undefined): readonly Operand[] =>
  [low, high].filter(bound => bound !== undefined)

type Bound = Operand | typeof noValue | null | undefined

/** A bound, or none. */
const boundOf = (bound: Bound): Operand | undefined => (bound === null || bound === noValue ? undefined : bound)

/** A Python int beyond an integer type limits nothing on its own side; on the other NumPy refuses it. */
const isOutOf = (bound: Operand | undefined, dtype: CountableType, side: 'above' | 'below'): boolean => {
  if (bound === undefined || isArray(bound) || !isInteger(dtype)) return false
  const [least, most] = rangeOf(dtype)
  return side === 'above' ? bound.value > most : bound.value < least
}

/** Arrays decide first; Python numbers then give way to what they decided. */
const typeOfAll = (a: NdArray, bounds: readonly Operand[]): CountableType => {
  const arrays = bounds.filter(isArray)
  const decided = arrays.reduce((dtype, array) => promote(dtype, commonType(array, array)), commonType(a, a))
  const sample: NdArray = { shape: [], dtype: decided, data: newElements(decided, 1) }
  return bounds.reduce((dtype, bound) => (isArray(bound) ? dtype : promote(dtype, commonType(sample, bound))), decided)
}

const applyBounds = (
  a: NdArray,
  low: Operand | undefined,
  high: Operand | undefined,
  dtype: CountableType,
  shape: readonly number[]
): Either<Refusal, NdArray> => {
  const count = countOf(shape)
  const out = plainElements(newElements(bitsOf(dtype) === 64 ? 'float64' : dtype, count)) ?? new Float64Array(count)
  let current = numbersOver(a, shape)
  for (const [bound, apply] of [
    [low, atLeast],
    [high, atMost]
  ] as const) {
    if (bound === undefined) continue
    const values = numbersOver(bound, shape)
    if (current === undefined || values === undefined) return fail('a', 'or a bound holds integers beyond 2^53')
    apply(current, values, out)
    current = { values: out, step: 1 }
  }
  return right(newArray(dtype, shape, out))
}

const clipTo = (a: NdArray, low: Operand | undefined, high: Operand | undefined): Either<Refusal, NdArray> => {
  const bounds = boundsOf(low, high)
  if (bounds.length === 0) {
    return a.dtype === 'bool'
      ? fail('a', 'is bool, which NumPy does not clip without bounds')
      : right(cast(a, commonType(a, a)))
  }
  const dtype = typeOfAll(a, bounds)
  if (isOutOf(low, dtype, 'above')) return fail('a_min', `is a Python integer above all values of ${dtype}`)
  if (isOutOf(high, dtype, 'below')) return fail('a_max', `is a Python integer below all values of ${dtype}`)
  const shape = commonShape('a_min', [a, ...bounds])
  if (isLeft(shape)) return shape
  return countOf(shape.right) > maxElements
    ? refuse('a_min', 'makes too large a result')
    : applyBounds(a, low, high, dtype, shape.right)
}

/** `numpy.clip`. */
export const clip = newOperation({
  id: 'numpy.clip',
  name: 'Clip',
  tool: 'numpy',
  doc: 'Limits values to a range; NaN stays.',
  signature: ['a', 'a_min', 'a_max', 'out', 'min', 'max'],
  images: { a: anyImage, a_min: operandImage, a_max: operandImage },
  parameters: {
    a_min: optionalNumber('Smallest value of the result.'),
    a_max: optionalNumber('Largest value of the result; wins over a_min.'),
    out: noOut,
    min: optionalNumber('The same as a_min.'),
    max: optionalNumber('The same as a_max.')
  },
  compute: ({ a, a_min, a_max }, values) => {
    const given: readonly Bound[] = [a_min ?? values.a_min, a_max ?? values.a_max]
    const named: readonly Bound[] = [values.min, values.max]
    if (given.every(bound => bound === noValue)) return clipTo(a, boundOf(values.min), boundOf(values.max))
    if (given[0] === noValue)
      return refuse('a_min', 'is missing: NumPy takes a_min and a_max together, one of them may be None')
    if (given[1] === noValue)
      return refuse('a_max', 'is missing: NumPy takes a_min and a_max together, one of them may be None')
    if (named.some(bound => bound !== noValue)) return refuse('min', 'or max is given beside a_min and a_max')
    return clipTo(a, boundOf(given[0]), boundOf(given[1]))
  }
})
