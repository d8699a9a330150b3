import type { NdArray, Operation } from '@bims/core'
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js'
import { bitsOf, type CountableType, kindOf } from '../array/dtype.ts'
import { countOf, newElements, type Numbers, plainElements } from '../array/elements.ts'
import { maxElements } from '../call/bounds.ts'
import { newOperation } from '../call/operation.ts'
import { noOut } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'
import { bigsOver, numbersOver, type Values } from './broadcast.ts'
import {
  both,
  checkFits,
  commonShape,
  commonType,
  type Operand,
  operandImage,
  operandNumber,
  operandOf,
  required
} from './operand.ts'

type Combine = (a: Values<Numbers>, b: Values<Numbers>, out: Numbers) => void

const addEach: Combine = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = (a.values[i * a.step] as number) + (b.values[i * b.step] as number)
}

const subtractEach: Combine = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = (a.values[i * a.step] as number) - (b.values[i * b.step] as number)
}

const multiplyEach: Combine = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = (a.values[i * a.step] as number) * (b.values[i * b.step] as number)
}

/** Modulo 2^32, where a product of doubles would not be exact. */
const multiplyWhole: Combine = (a, b, out) => {
  for (let i = 0; i < out.length; i++)
    out[i] = Math.imul(a.values[i * a.step] as number, b.values[i * b.step] as number)
}

const divideEach: Combine = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = (a.values[i * a.step] as number) / (b.values[i * b.step] as number)
}

const orEach: Combine = (a, b, out) => {
  for (let i = 0; i < out.length; i++) out[i] = (a.values[i * a.step] as number) | (b.values[i * b.step] as number)
}

/** What an operation is for each kind of type. */
interface Arithmetic {
  readonly numbers: Combine
  readonly whole: Combine
  /** For bool, if NumPy has it. */
  readonly bools?: Combine
  readonly bigs: (a: bigint, b: bigint) => bigint
}

/** Values rounded to float32 first where that is the type computed in. */
const single = (values: Values<Numbers>): Values<Numbers> =>
  values.values instanceof Float32Array ? values : { ...values, values: new Float32Array(values.values) }

const combineNumbers = (
  a: Operand,
  b: Operand,
  dtype: CountableType,
  shape: readonly number[],
  combine: Combine
): Either<Refusal, NdArray> => {
  const [left, right_] = [numbersOver(a, shape), numbersOver(b, shape)]
  const data = newElements(dtype, countOf(shape))
  const out = plainElements(data)
  if (left === undefined || right_ === undefined || out === undefined)
    return fail('x1', 'or x2 holds integers beyond 2^53')
  if (dtype === 'float32') combine(single(left), single(right_), out)
  else combine(left, right_, out)
  return right({ shape, dtype, data })
}

const combineBigs = (
  a: Operand,
  b: Operand,
  dtype: CountableType,
  shape: readonly number[],
  combine: (a: bigint, b: bigint) => bigint
): NdArray => {
  const [left, right_] = [bigsOver(a, shape), bigsOver(b, shape)]
  const data = dtype === 'uint64' ? new BigUint64Array(countOf(shape)) : new BigInt64Array(countOf(shape))
  for (let i = 0; i < data.length; i++)
    data[i] = combine(left.values[i * left.step] ?? 0n, right_.values[i * right_.step] ?? 0n)
  return { shape, dtype, data }
}

const calculate = (
  a: Operand,
  b: Operand,
  dtype: CountableType,
  shape: readonly number[],
  how: Arithmetic
): Either<Refusal, NdArray> => {
  const fitting = both(checkFits('x1', a, dtype), checkFits('x2', b, dtype))
  if (isLeft(fitting)) return fitting
  const kind = kindOf(dtype)
  if (kind === 'b')
    return how.bools === undefined
      ? fail('x1', 'and x2 are bool, which NumPy does not subtract')
      : combineNumbers(a, b, dtype, shape, how.bools)
  if (kind === 'f') return combineNumbers(a, b, dtype, shape, how.numbers)
  return bitsOf(dtype) === 64
    ? right(combineBigs(a, b, dtype, shape, how.bigs))
    : combineNumbers(a, b, dtype, shape, how.whole)
}

const newArithmetic = (
  word: string,
  doc: string,
  compute: (a: Operand, b: Operand, dtype: CountableType, shape: readonly number[]) => Either<Refusal, NdArray>
): Operation =>
  newOperation({
    id: `numpy.${word}`,
    name: word.charAt(0).toUpperCase() + word.slice(1),
    tool: 'numpy',
    doc,
    signature: ['x1', 'x2', 'out'],
    images: { x1: operandImage, x2: operandImage },
    parameters: {
      x1: operandNumber('First operand, an image or a number.'),
      x2: operandNumber('Second operand, an image or a number.'),
      out: noOut
    },
    compute: ({ x1, x2 }, values) => {
      const operands = both(required('x1', operandOf(x1, values.x1)), required('x2', operandOf(x2, values.x2)))
      if (isLeft(operands)) return operands
      const [a, b] = operands.right
      const dtype = commonType(a, b)
      const shape = commonShape('x2', [a, b])
      if (isLeft(shape)) return shape
      return countOf(shape.right) > maxElements
        ? refuse('x2', 'makes too large a result')
        : compute(a, b, dtype, shape.right)
    }
  })

/** `numpy.add`. */
export const add = newArithmetic(
  'add',
  'Adds two images, or a number to an image; integers wrap around.',
  (a, b, dtype, shape) =>
    calculate(a, b, dtype, shape, { numbers: addEach, whole: addEach, bools: orEach, bigs: (x, y) => x + y })
)

/** `numpy.subtract`. */
export const subtract = newArithmetic(
  'subtract',
  'Subtracts two images, or a number from an image; integers wrap around.',
  (a, b, dtype, shape) =>
    calculate(a, b, dtype, shape, { numbers: subtractEach, whole: subtractEach, bigs: (x, y) => x - y })
)

/** `numpy.multiply`. */
export const multiply = newArithmetic(
  'multiply',
  'Multiplies two images, or an image by a number; integers wrap around.',
  (a, b, dtype, shape) =>
    calculate(a, b, dtype, shape, {
      numbers: multiplyEach,
      whole: multiplyWhole,
      bools: multiplyWhole,
      bigs: (x, y) => x * y
    })
)

/** `numpy.divide`. */
export const divide = newArithmetic(
  'divide',
  'Divides two images, or an image by a number, in floating point.',
  (a, b, dtype, shape) => combineNumbers(a, b, dtype === 'float32' ? 'float32' : 'float64', shape, divideEach)
)
