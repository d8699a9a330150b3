import type { DType, Elements, NdArray } from '@bims/core'
import type { CountableType } from './dtype.ts'

/** A typed array of JavaScript numbers. */
export type Numbers =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array

/** Number of elements of a shape. */
export const countOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1)

const makers: Readonly<Record<DType, (count: number) => Elements>> = {
  bool: n => new Uint8Array(n),
  uint8: n => new Uint8Array(n),
  int8: n => new Int8Array(n),
  uint16: n => new Uint16Array(n),
  int16: n => new Int16Array(n),
  uint32: n => new Uint32Array(n),
  int32: n => new Int32Array(n),
  uint64: n => new BigUint64Array(n),
  int64: n => new BigInt64Array(n),
  float16: n => new Uint16Array(n),
  float32: n => new Float32Array(n),
  float64: n => new Float64Array(n),
  complex64: n => new Float32Array(n * 2),
  complex128: n => new Float64Array(n * 2)
}

/** Tells whether two arrays have the same shape. */
export const haveSameShape = (a: NdArray, b: NdArray): boolean =>
  a.shape.length === b.shape.length && a.shape.every((n, axis) => n === b.shape[axis])

/** Room for so many elements, all zero. */
export const newElements = (dtype: DType, count: number): Elements => makers[dtype](count)

/** Elements as numbers when they are stored as such, else undefined (64-bit integers). */
export const plainElements = (data: Elements): Numbers | undefined =>
  data instanceof BigInt64Array || data instanceof BigUint64Array ? undefined : data

const two32 = 2 ** 32

/**
 * Elements as numbers: the stored ones, or for 64-bit integers a copy; undefined if one of those is not exact as a
 * number (beyond ±2^53). Reads little-endian halves, which is what every JavaScript engine stores.
 */
export const numbersOf = (array: NdArray): Numbers | undefined => {
  const plain = plainElements(array.data)
  if (plain !== undefined) return plain
  const { buffer, byteOffset, length } = array.data
  const low = new Uint32Array(buffer, byteOffset, length * 2)
  const high = array.dtype === 'int64' ? new Int32Array(buffer, byteOffset, length * 2) : low
  const out = new Float64Array(length)
  for (let i = 0; i < length; i++) {
    const value = (high[2 * i + 1] as number) * two32 + (low[2 * i] as number)
    if (!Number.isSafeInteger(value)) return undefined
    out[i] = value
  }
  return out
}

/** Integers as 64-bit elements. */
export const newInt64 = (values: Int32Array): BigInt64Array => {
  const out = new BigInt64Array(values.length)
  const halves = new Int32Array(out.buffer)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    halves[2 * i] = value
    halves[2 * i + 1] = value >> 31
  }
  return out
}

/** Numbers that fit their type become an array of it: floats rounded to float32, integers as they are. */
export const newArray = (dtype: CountableType, shape: readonly number[], values: Numbers): NdArray => {
  const data = newElements(dtype, values.length)
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let i = 0; i < values.length; i++) data[i] = BigInt(values[i] as number)
  } else data.set(values)
  return { shape, dtype, data }
}

/** Elements copied as 64-bit floats. */
export const toFloat64 = (values: Numbers): Float64Array => new Float64Array(values)

/** Tells whether any element is NaN. */
export const hasNaN = (values: Numbers): boolean => {
  if (!(values instanceof Float32Array) && !(values instanceof Float64Array)) return false
  for (let i = 0; i < values.length; i++) if (values[i] !== values[i]) return true
  return false
}

/** Smallest and largest element; NaN, both, where any element is NaN (as `numpy.min`). */
export const extent = (values: Numbers): readonly [number, number] => {
  let low = values[0] ?? Number.NaN
  let high = low
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value < low) low = value
    else if (value > high) high = value
    else if (value !== value) return [Number.NaN, Number.NaN]
  }
  return [low, high]
}
