import type { NdArray, ParameterValue } from '@bims/core'
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import { bitsOf, type CountableType, countableTypes, isCountable, isInteger, kindOf, promote } from '../array/dtype.ts'
import type { ImageRule } from '../call/argument-codec.ts'
import { type ParameterRule, parsePythonNumber, type PythonNumber } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'

/** One side of an arithmetic operation: an array of any shape, [] too, or a Python number. */
export type Operand = NdArray | PythonNumber

/** An array argument whose place a Python number may take. */
export const operandImage = { dtypes: countableTypes, optional: true, scalar: true } as const satisfies ImageRule

/** The number that may take the place of an {@link operandImage}. */
export const operandNumber = (doc: string): ParameterRule<PythonNumber | null> => ({
  type: 'array_like',
  doc,
  parse: value => {
    const number = parsePythonNumber(value)
    return number === undefined
      ? left("must be an array or a number (a whole float as text, like '2.0')")
      : right(number)
  }
})

/** What NumPy's signatures call `<no value>`: an argument that was not given, which is not the same as None. */
export const noValue = '<no value>'

/** As {@link operandNumber}; None is allowed, and `<no value>` is the default. */
export const optionalNumber = (doc: string): ParameterRule<PythonNumber | typeof noValue | null> => {
  const rule = operandNumber(doc)
  const parse = (value: ParameterValue): Either<string, PythonNumber | typeof noValue | null> => {
    if (value === noValue) return right(noValue)
    return value === null ? right(null) : rule.parse(value)
  }
  return { ...rule, type: 'array_like or None', default: noValue, parse }
}

/** The array if there is one, else the number. */
export const operandOf = (array: NdArray | undefined, number: PythonNumber | null): Operand | undefined =>
  array ?? number ?? undefined

/** Tells an array from a Python number. */
export const isArray = (operand: Operand): operand is NdArray => 'data' in operand

/** Type of an array argument; its rule has let only countable ones through. */
const typeOf = (array: NdArray): CountableType => (isCountable(array.dtype) ? array.dtype : 'float64')

const ofNumber = (number: PythonNumber): CountableType =>
  number.kind === 'bool' ? 'bool' : number.kind === 'int' ? 'int64' : 'float64'

/** A Python number gives way to an array's type unless its own kind is higher (NEP 50). */
const withNumber = (dtype: CountableType, number: PythonNumber): CountableType => {
  if (number.kind === 'bool' || kindOf(dtype) === 'f') return dtype
  if (number.kind === 'float') return 'float64'
  return dtype === 'bool' ? 'int64' : dtype
}

/** The type in which two operands are computed, as NumPy 2 chooses it. */
export const commonType = (a: Operand, b: Operand): CountableType => {
  if (isArray(a)) return isArray(b) ? promote(typeOf(a), typeOf(b)) : withNumber(typeOf(a), b)
  return isArray(b) ? withNumber(typeOf(b), a) : promote(ofNumber(a), ofNumber(b))
}

const rangeOfBits = (dtype: CountableType): readonly [number, number] => {
  const bits = bitsOf(dtype)
  return kindOf(dtype) === 'u' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
}

/** Refuses a Python int that its computing type cannot hold, as NumPy 2 does. */
export const checkFits = (at: string, operand: Operand, dtype: CountableType): Either<Refusal, Operand> => {
  if (isArray(operand) || !isInteger(dtype)) return right(operand)
  const [low, high] = rangeOfBits(dtype)
  return operand.value >= low && operand.value <= high
    ? right(operand)
    : fail(at, `is the Python integer ${operand.value}, out of bounds for ${dtype}`)
}

const shapeOf = (operand: Operand): readonly number[] => (isArray(operand) ? operand.shape : [])

/** The shape of operands together, by NumPy's broadcasting. */
export const commonShape = (at: string, operands: readonly Operand[]): Either<Refusal, readonly number[]> => {
  const shapes = operands.map(shapeOf)
  const axes = Math.max(...shapes.map(shape => shape.length))
  const out = new Array<number>(axes).fill(1)
  for (const shape of shapes) {
    const offset = axes - shape.length
    for (const [i, n] of shape.entries()) {
      const other = out[offset + i] ?? 1
      if (n !== 1 && other !== 1 && n !== other)
        return refuse(at, `has the shape [${shape.join(', ')}], which does not go with the other's`)
      if (n !== 1) out[offset + i] = n
    }
  }
  return right(out)
}

/** Reports an operand that was not given at all. */
export const required = (at: string, operand: Operand | undefined): Either<Refusal, Operand> =>
  operand === undefined ? refuse(at, 'is missing') : right(operand)

/** Both operands, or what is wrong with the first that is. */
export const both = (
  a: Either<Refusal, Operand>,
  b: Either<Refusal, Operand>
): Either<Refusal, readonly [Operand, Operand]> => {
  if (isLeft(a)) return a
  return isLeft(b) ? b : right([a.right, b.right])
}
