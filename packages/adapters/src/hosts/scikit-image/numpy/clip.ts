import type { NdArray } from '@bims/core'
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js'
import { cast } from '../array/cast.ts'
import { bitsOf, type CountableType, promote } from '../array/dtype.ts'
import { countOf, newArray, newElements, type Numbers, plainElements } from '../array/elements.ts'
import { anyImage } from '../call/image-rules.ts'
import { maxElements, newOperation } from '../call/operation.ts'
import { noOut } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'
import { numbersOver, type Values } from './broadcast.ts'
import { checkFits, commonShape, commonType, isArray, type Operand, operandImage, operandOf, optionalNumber } from './operand.ts'

const atLeast = (data: Values<Numbers>, bound: Values<Numbers>, out: Numbers): void => {
  for (let i = 0; i < out.length; i++) out[i] = Math.max(data.values[i * data.step] ?? 0, bound.values[i * bound.step] ?? 0)
}

const atMost = (data: Values<Numbers>, bound: Values<Numbers>, out: Numbers): void => {
  for (let i = 0; i < out.length; i++) out[i] = Math.min(data.values[i * data.step] ?? 0, bound.values[i * bound.step] ?? 0)
}

const boundsOf = (low: Operand | undefined, high: Operand | undefined): readonly Operand[] =>
  [low, high].filter(bound => bound !== undefined)

/** Arrays decide first; Python numbers then give way to what they decided. */
const typeOfAll = (a: NdArray, bounds: readonly Operand[]): CountableType => {
  const arrays = bounds.filter(isArray)
  const decided = arrays.reduce((dtype, array) => promote(dtype, commonType(array, array)), commonType(a, a))
  const sample: NdArray = { shape: [], dtype: decided, data: newElements(decided, 1) }
  return bounds.reduce((dtype, bound) => (isArray(bound) ? dtype : promote(dtype, commonType(sample, bound))), decided)
}

const applyBounds = (
  a: NdArray, low: Operand | undefined, high: Operand | undefined, dtype: CountableType, shape: readonly number[]
): Either<Refusal, NdArray> => {
  const count = countOf(shape)
  const out = plainElements(newElements(bitsOf(dtype) === 64 ? 'float64' : dtype, count)) ?? new Float64Array(count)
  let current = numbersOver(a, shape)
  for (const [bound, apply] of [[low, atLeast], [high, atMost]] as const) {
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
  if (bounds.length === 0) return right(cast(a, commonType(a, a)))
  const dtype = typeOfAll(a, bounds)
  for (const bound of bounds) {
    const fits = checkFits(bound === low ? 'a_min' : 'a_max', bound, dtype)
    if (isLeft(fits)) return fits
  }
  const shape = commonShape('a_min', [a, ...bounds])
  if (isLeft(shape)) return shape
  return countOf(shape.right) > maxElements ? refuse('a_min', 'makes too large a result') : applyBounds(a, low, high, dtype, shape.right)
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
    const low = operandOf(a_min, values.a_min)
    const high = operandOf(a_max, values.a_max)
    if (low !== undefined && values.min !== null) return refuse('min', 'is given twice, as a_min too')
    if (high !== undefined && values.max !== null) return refuse('max', 'is given twice, as a_max too')
    return clipTo(a, low ?? values.min ?? undefined, high ?? values.max ?? undefined)
  }
})
