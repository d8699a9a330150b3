import type { DType } from '@bims/core'

/** Types whose elements are JavaScript numbers, one to an element; 64-bit integers, float16 and complex are not. */
export const plainTypes = [
  'bool',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'float64'
] as const satisfies readonly DType[]

/** One of {@link plainTypes}. */
export type PlainType = (typeof plainTypes)[number]

/** Types that arithmetic here knows: the plain ones and 64-bit integers. */
export const countableTypes = [...plainTypes, 'uint64', 'int64'] as const satisfies readonly DType[]

/** One of {@link countableTypes}. */
export type CountableType = (typeof countableTypes)[number]

/** The kind of a type as `numpy.dtype.kind` names it: b(ool), u(nsigned), i(nteger), f(loat). */
export type Kind = 'b' | 'u' | 'i' | 'f'

const layouts: Readonly<Record<CountableType, readonly [Kind, number]>> = {
  bool: ['b', 8],
  uint8: ['u', 8],
  int8: ['i', 8],
  uint16: ['u', 16],
  int16: ['i', 16],
  uint32: ['u', 32],
  int32: ['i', 32],
  uint64: ['u', 64],
  int64: ['i', 64],
  float32: ['f', 32],
  float64: ['f', 64]
}

/** Kind of a type. */
export const kindOf = (dtype: CountableType): Kind => layouts[dtype][0]

/** Bits that an element takes. */
export const bitsOf = (dtype: CountableType): number => layouts[dtype][1]

/** Tells whether a type is an integer type; bool is not one, as in `numpy.integer`. */
export const isInteger = (dtype: CountableType): boolean => kindOf(dtype) === 'u' || kindOf(dtype) === 'i'

/** Tells whether a type is among the {@link countableTypes}. */
export const isCountable = (dtype: DType): dtype is CountableType => Object.hasOwn(layouts, dtype)

/** Tells whether a type is among the {@link plainTypes}. */
export const isPlain = (dtype: DType): dtype is PlainType =>
  isCountable(dtype) && (bitsOf(dtype) < 64 || dtype === 'float64')

/** Smallest and largest value of a type as scikit-image's `dtype_range` has it: floats are -1 to 1. */
export const rangeOf = (dtype: CountableType): readonly [number, number] => {
  const [kind, bits] = layouts[dtype]
  if (kind === 'f') return [-1, 1]
  if (kind === 'b') return [0, 1]
  return kind === 'u' ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1]
}

/** The float type in which scikit-image computes (`_supported_float_type`). */
export const floatOf = (dtype: CountableType): 'float32' | 'float64' => (dtype === 'float32' ? 'float32' : 'float64')

const byLayout = (kind: Kind, bits: number): CountableType => {
  for (const dtype of countableTypes)
    if (dtype !== 'bool' && kindOf(dtype) === kind && bitsOf(dtype) === bits) return dtype
  return 'float64'
}

/** The type of two together, as `numpy.promote_types`. */
export const promote = (a: CountableType, b: CountableType): CountableType => {
  if (a === b || b === 'bool') return a
  if (a === 'bool') return b
  const [ka, na] = layouts[a]
  const [kb, nb] = layouts[b]
  if (ka === kb) return na > nb ? a : b
  if (ka === 'f') return promoteToFloat(na, nb)
  if (kb === 'f') return promoteToFloat(nb, na)
  return ka === 'u' ? promoteToSigned(na, nb) : promoteToSigned(nb, na)
}

const promoteToSigned = (unsigned: number, signed: number): CountableType => {
  if (signed > unsigned) return byLayout('i', signed)
  return unsigned === 64 ? 'float64' : byLayout('i', unsigned * 2)
}

const promoteToFloat = (floatBits: number, integerBits: number): CountableType =>
  floatBits === 32 && integerBits <= 16 ? 'float32' : 'float64'
