import type { NdArray } from '@bims/core'
import { countOf, numbersOf, type Numbers } from '../array/elements.ts'
import { isArray, type Operand } from './operand.ts'

/** Values that fill a shape: one for each element, or with step 0 a single one for all. */
export interface Values<T> {
  readonly values: T
  readonly step: 0 | 1
}

/** For each element of a result, where in an operand of a smaller shape its value stands. */
const placesOf = (shape: readonly number[], target: readonly number[]): Float64Array => {
  const places = new Float64Array(countOf(target))
  const offset = target.length - shape.length
  let step = 1
  let block = 1
  for (let axis = target.length - 1; axis >= 0; axis--) {
    const n = axis >= offset ? (shape[axis - offset] ?? 1) : 1
    const length = target[axis] ?? 1
    if (n > 1)
      for (let i = 0; i < places.length; i++) places[i] = (places[i] ?? 0) + (Math.floor(i / block) % length) * step
    step *= n
    block *= length
  }
  return places
}

const fillsAlone = (shape: readonly number[], target: readonly number[]): boolean => countOf(shape) === countOf(target)

/** An operand's values as numbers, over a shape; undefined if one is beyond ±2^53. */
export const numbersOver = (operand: Operand, target: readonly number[]): Values<Numbers> | undefined => {
  if (!isArray(operand)) return { values: Float64Array.of(operand.value), step: 0 }
  const values = numbersOf(operand)
  if (values === undefined) return undefined
  if (values.length === 1) return { values, step: 0 }
  if (fillsAlone(operand.shape, target)) return { values, step: 1 }
  return { values: Float64Array.from(placesOf(operand.shape, target), place => values[place] ?? 0), step: 1 }
}

const bigOf = (value: number | bigint | undefined): bigint => (typeof value === 'bigint' ? value : BigInt(value ?? 0))

const bigElements = (array: NdArray, target: readonly number[]): readonly bigint[] => {
  if (array.data.length === 1 || fillsAlone(array.shape, target))
    return Array.from(array.data, (value: number | bigint) => bigOf(value))
  return Array.from(placesOf(array.shape, target), place => bigOf(array.data[place]))
}

/** An operand's whole values, over a shape, exactly. */
export const bigsOver = (operand: Operand, target: readonly number[]): Values<readonly bigint[]> => {
  const values = isArray(operand) ? bigElements(operand, target) : [BigInt(operand.value)]
  return { values, step: values.length === 1 ? 0 : 1 }
}
