import type { NdArray } from '@bims/core'
import { bitsOf, type CountableType, isCountable, kindOf } from './dtype.ts'
import { newElements, type Numbers } from './elements.ts'

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
    const value = values[i] as number
    out[i] = fitsInt32(value) ? value : 0
  }
}

const castFloatsToInt32 = (values: Numbers, out: Numbers): void => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    out[i] = fitsInt32(value) ? value : -two31
  }
}

/** NumPy's own result for floats beyond 32 bits depends on where in the array they stand; here it is one of its two. */
const castFloatsToUint32 = (values: Numbers, out: Numbers): void => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
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

const castToBig = (values: ArrayLike<number | bigint>, out: BigInt64Array | BigUint64Array): void => {
  for (let i = 0; i < out.length; i++) {
    const value = values[i] as number | bigint
    out[i] = typeof value === 'bigint' ? value : toBig(value)
  }
}

const castPlain = (source: Numbers, array: NdArray, dtype: CountableType, target: Numbers): void => {
  const fromFloat = isCountable(array.dtype) && kindOf(array.dtype) === 'f'
  if (fromFloat && kindOf(dtype) !== 'f') castFloats(source, dtype, target)
  else target.set(source)
}

const castInto = (array: NdArray, dtype: CountableType, target: Numbers): void => {
  const { data } = array
  if (dtype === 'bool') castToBool(data, target)
  else if (data instanceof BigInt64Array || data instanceof BigUint64Array) castFromBig(data, target)
  else castPlain(data, array, dtype, target)
}

/**
 * Elements in another type, converted as C converts them (`numpy.ndarray.astype`): integers wrap around, floats are
 * truncated towards zero. A float that does not fit gives what NumPy gives on x86-64.
 */
export const cast = (array: NdArray, dtype: CountableType): NdArray => {
  const data = newElements(dtype, array.data.length)
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) castToBig(array.data, data)
  else castInto(array, dtype, data)
  return { shape: array.shape, dtype, data }
}

/** Numbers computed in floating point, stored in a type as C stores them; see {@link cast}. */
export const castNumbers = (
  values: Float32Array | Float64Array,
  shape: readonly number[],
  dtype: CountableType
): NdArray => cast({ shape, dtype: values instanceof Float32Array ? 'float32' : 'float64', data: values }, dtype)
