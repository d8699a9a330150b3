import type { NdArray, Operation } from '@bims/core'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { type CountableType, isInteger } from '../array/dtype.ts'
import { countOf, type Numbers } from '../array/elements.ts'
import { newOperation } from '../call/operation.ts'
import { noOut } from '../call/parameter-rule.ts'
import { bigsOver, numbersOver, type Values } from './broadcast.ts'
import {
  both,
  commonShape,
  commonType,
  type Operand,
  operandImage,
  operandNumber,
  operandOf,
  required
} from './operand.ts'

/** Turns a value over to the two sides, so that one loop does all: is `a` greater (or equal), seen from either side. */
interface Comparison {
  readonly swap: boolean
  readonly orEqual: boolean
}

const compareGreater = (a: Values<Numbers>, b: Values<Numbers>, out: Uint8Array): void => {
  for (let i = 0; i < out.length; i++)
    out[i] = (a.values[i * a.step] as number) > (b.values[i * b.step] as number) ? 1 : 0
}

const compareGreaterEqual = (a: Values<Numbers>, b: Values<Numbers>, out: Uint8Array): void => {
  for (let i = 0; i < out.length; i++)
    out[i] = (a.values[i * a.step] as number) >= (b.values[i * b.step] as number) ? 1 : 0
}

/** A number beside a float32 image is compared as a float32. */
const asComputed = (values: Values<Numbers>, dtype: CountableType): Values<Numbers> =>
  dtype === 'float32' && values.step === 0 ? { ...values, values: new Float32Array(values.values) } : values

const isWhole = (operand: Operand): boolean =>
  isInteger(commonType(operand, operand)) || commonType(operand, operand) === 'bool'

const compareBigs = (a: Operand, b: Operand, shape: readonly number[], orEqual: boolean, out: Uint8Array): void => {
  const [x, y] = [bigsOver(a, shape), bigsOver(b, shape)]
  for (let i = 0; i < out.length; i++) {
    const [p, q] = [x.values[i * x.step] ?? 0n, y.values[i * y.step] ?? 0n]
    out[i] = p > q || (orEqual && p === q) ? 1 : 0
  }
}

const floatsOver = (operand: Operand, shape: readonly number[]): Values<Numbers> =>
  numbersOver(operand, shape) ?? { values: Float64Array.from(bigsOver(operand, shape).values, Number), step: 1 }

const compare = (a: Operand, b: Operand, shape: readonly number[], orEqual: boolean): NdArray => {
  const out = new Uint8Array(countOf(shape))
  const [x, y] = [numbersOver(a, shape), numbersOver(b, shape)]
  if ((x === undefined || y === undefined) && isWhole(a) && isWhole(b)) compareBigs(a, b, shape, orEqual, out)
  else {
    const dtype = commonType(a, b)
    const [p, q] = [asComputed(x ?? floatsOver(a, shape), dtype), asComputed(y ?? floatsOver(b, shape), dtype)]
    if (orEqual) compareGreaterEqual(p, q, out)
    else compareGreater(p, q, out)
  }
  return { shape, dtype: 'bool', data: out }
}

const newComparison = (word: string, name: string, doc: string, { swap, orEqual }: Comparison): Operation =>
  newOperation({
    id: `numpy.${word}`,
    name,
    tool: 'numpy',
    doc,
    signature: ['x1', 'x2', 'out'],
    images: { x1: operandImage, x2: operandImage },
    parameters: {
      x1: operandNumber('First operand, an image or a number.'),
      x2: operandNumber('Second operand, an image, a threshold or a number.'),
      out: noOut
    },
    compute: ({ x1, x2 }, values) => {
      const operands = both(required('x1', operandOf(x1, values.x1)), required('x2', operandOf(x2, values.x2)))
      if (isLeft(operands)) return operands
      const [a, b] = operands.right
      const shape = commonShape('x2', [a, b])
      if (isLeft(shape)) return shape
      return right(swap ? compare(b, a, shape.right, orEqual) : compare(a, b, shape.right, orEqual))
    }
  })

/** `numpy.greater`. */
export const greater = newComparison('greater', 'Greater than', 'Where the first operand is greater than the second.', {
  swap: false,
  orEqual: false
})

/** `numpy.greater_equal`. */
export const greaterEqual = newComparison(
  'greater_equal',
  'Greater or equal',
  'Where the first operand is at least the second.',
  { swap: false, orEqual: true }
)

/** `numpy.less`. */
export const less = newComparison('less', 'Less than', 'Where the first operand is less than the second.', {
  swap: true,
  orEqual: false
})

/** `numpy.less_equal`. */
export const lessEqual = newComparison(
  'less_equal',
  'Less or equal',
  'Where the first operand is at most the second.',
  { swap: true, orEqual: true }
)
