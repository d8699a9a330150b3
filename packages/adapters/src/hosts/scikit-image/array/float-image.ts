import type { NdArray } from '@bims/core'
import { plainOf } from '../call/image-rules.ts'
import { kindOf, rangeOf } from './dtype.ts'

/** An image in floating point. */
export interface FloatImage {
  readonly dtype: 'float32' | 'float64'
  readonly data: Float32Array | Float64Array
}

/**
 * `convert_to_float` of scikit-image: floats stay as they are, bool becomes 0 and 1, unsigned integers are divided by
 * their largest value, signed ones too but not below -1; with `keepRange` values are kept as they are.
 */
export const toFloat = (image: NdArray, keepRange: boolean): FloatImage => {
  const { data, dtype } = plainOf(image)
  if (data instanceof Float32Array) return { dtype: 'float32', data }
  if (data instanceof Float64Array) return { dtype: 'float64', data }
  const out = new Float64Array(data)
  if (keepRange || dtype === 'bool') return { dtype: 'float64', data: out }
  const factor = 1 / rangeOf(dtype)[1]
  for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) * factor
  if (kindOf(dtype) === 'i') for (let i = 0; i < out.length; i++) out[i] = Math.max(out[i] as number, -1)
  return { dtype: 'float64', data: out }
}
