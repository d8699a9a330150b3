import type { NdArray } from '@bims/core'
import { bitsOf, type CountableType, isCountable, kindOf } from './dtype.ts'
import { newElements, type Numbers, plainElements } from './elements.ts'

const two31 = 2 ** 31
const two63 = 2 ** 63

/** What x86-64's conversion to a 64-bit integer gives where a float does not fit. */
const indefinite = -(2n ** 63n)

const fitsInt32 = (value: number): boolean => value > -two31 - 1 && value < two31
const toBig = (value: number): bigint => (Math.abs(value) < two63 ? BigInt(Math.trunc(value)) : indefinite)

/**
 * Floats to integers of at most 16 bits: truncated towards zero and wrapped around; beyond 32 bits, 0.
 * C leaves this undefined; it is what NumPy does on x86-64.
 */
const castFloatsToSmall = (values: Numbers, out: Numbers): void => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    out[i] = fitsInt32(value) ? value : 0
  }
}

const castFloatsToInt32 = (values: Numbers, out: Numbers): void => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    out[i] = fitsInt32(value) ? value : -two31
  }
}

const castFloatsToUint32 = (values: Numbers, out: Numbers): void => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0
    out[i] = Math.abs(value) < two63 ? value : 0
  }
}

const castFloats = (values: Numbers, dtype: CountableType, out: Numbers): void => {
  if (bitsOf(dtype) <= 16) castFloatsToSmall(values, out)
  else if (dtype === 'int32') castFloatsToInt32(values, out)
  else castFloatsToUint32(values, out)
}

const castToBool = (values: ArrayLike<number | bigint>, out: Numbers): void => {
  for (let i = 0; i < values.length; i++) out[i] = Number(values[i]) === 0 ? 0 : 1
}

const castFromBig = (values: BigInt64Array | BigUint64Array, out: Numbers): void => {
  const whole = !(out instanceof Float32Array) && !(out instanceof Float64Array)
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? 0n
    out[i] = whole ? Number(BigInt.asIntN(32, value)) : Number(value)
  }
}

/**
 * Elements in another type, converted as C converts them (`numpy.ndarray.astype`): integers wrap around, floats are
 * truncated towards zero. A float that does not fit gives what NumPy gives on x86-64.
 */
export const cast = (array: NdArray, dtype: CountableType): NdArray => {
  const { shape } = array
  const data = newElements(dtype, array.data.length)
  const source = plainElements(array.data)
  const target = plainElements(data)
  if (target === undefined || data instanceof BigInt64Array || data instanceof BigUint64Array) {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
      for (let i = 0; i < data.length; i++) {
        const value = array.data[i] ?? 0
        data[i] = typeof value === 'bigint' ? value : toBig(value)
      }
    }
    return { shape, dtype, data }
  }
  if (dtype === 'bool') castToBool(array.data, target)
  else if (array.data instanceof BigInt64Array || array.data instanceof BigUint64Array) castFromBig(array.data, target)
  else if (source !== undefined) castPlain(source, array, dtype, target)
  return { shape, dtype, data }
}

const castPlain = (source: Numbers, array: NdArray, dtype: CountableType, target: Numbers): void => {
  const fromFloat = isCountable(array.dtype) && kindOf(array.dtype) === 'f'
  if (fromFloat && kindOf(dtype) !== 'f') castFloats(source, dtype, target)
  else target.set(source)
}

/** Numbers computed in floating point, stored in a type as C stores them; see {@link cast}. */
export const castNumbers = (values: Float32Array | Float64Array, shape: readonly number[], dtype: CountableType): NdArray =>
  cast({ shape, dtype: values instanceof Float32Array ? 'float32' : 'float64', data: values }, dtype)
