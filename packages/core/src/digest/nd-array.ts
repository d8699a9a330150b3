/** Element types as NumPy names them; the spelling used in manifests and pixel digests. */
export const dtypes = [
  'bool',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float16',
  'float32',
  'float64',
  'complex64',
  'complex128'
] as const

/** An element type as NumPy names it. */
export type DType = (typeof dtypes)[number]

/** Bytes that one element takes. */
export const bytesPerElement: Readonly<Record<DType, number>> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16
}

/**
 * The typed arrays that hold elements: bool as 0/1 in a Uint8Array, float16 as its bits in a Uint16Array,
 * complex numbers as re, im pairs in a Float32Array or Float64Array.
 */
export type Elements =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array

/** Pixels in memory: row-major (C order), as a contiguous `numpy.ndarray`. */
export interface NdArray {
  /** Lengths of the axes, slowest first. */
  readonly shape: readonly number[]
  readonly dtype: DType
  /** `product(shape)` elements (twice that for complex types). */
  readonly data: Elements
}
