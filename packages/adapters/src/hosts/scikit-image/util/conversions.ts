import type { NdArray } from '@bims/core'
import { type Either, right } from 'fp-ts/lib/Either.js'
import { castNumbers } from '../array/cast.ts'
import { bitsOf, kindOf, rangeOf } from '../array/dtype.ts'
import { extent, newArray, type Numbers } from '../array/elements.ts'
import { toFloat } from '../array/float-image.ts'
import { type Plain, plainImage, plainOf } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { flag } from '../call/parameter-rule.ts'
import { fail, type Refusal } from '../call/refusal.ts'

const forceCopy = flag({ default: false, doc: 'Results are new arrays in any case.' })

/** `skimage.util.img_as_float`. */
export const imgAsFloat = newOperation({
  id: 'skimage.util.img_as_float',
  name: 'To float',
  tool: 'scikit-image',
  doc: 'Converts integers to floats from 0 (or -1) to 1; floats stay as they are.',
  signature: ['image', 'force_copy'],
  images: { image: plainImage },
  parameters: { force_copy: forceCopy },
  compute: ({ image }) => {
    const { dtype, data } = toFloat(image, false)
    return right(newArray(dtype, image.shape, data))
  }
})

/** Half to even, as `numpy.rint`. */
const roundEven = (value: number): number => {
  const low = Math.floor(value)
  const rest = value - low
  if (rest === 0.5) return low % 2 === 0 ? low : low + 1
  return rest < 0.5 ? low : low + 1
}

const floatsToBytes = (image: NdArray, data: Float32Array | Float64Array): Either<Refusal, NdArray> => {
  const [low, high] = extent(data)
  if (low < -1 || high > 1) return fail('image', 'holds floats that are not between -1 and 1')
  const isSingle = data instanceof Float32Array
  const out = isSingle ? new Float32Array(data.length) : new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) {
    const scaled = (data[i] as number) * 255
    const value = roundEven(isSingle ? Math.fround(scaled) : scaled)
    out[i] = value < 0 ? 0 : value > 255 ? 255 : value
  }
  return right(castNumbers(out, image.shape, 'uint8'))
}

const mapTo8 = (data: Numbers, convert: (value: number) => number): Uint8Array => {
  const out = new Uint8Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = convert(data[i] as number)
  return out
}

const divisorOf = ({ data, dtype }: Plain): number => {
  const bits = kindOf(dtype) === 'i' ? bitsOf(dtype) - 1 : bitsOf(dtype)
  // The library does not scale wide integers whose values all fit into 8 bits.
  return extent(data)[1] < 256 ? 1 : 2 ** (bits - 8)
}

const integersToBytes = (plain: Plain): Uint8Array => {
  const { data, dtype } = plain
  if (dtype === 'uint8') return new Uint8Array(data)
  if (dtype === 'bool') return mapTo8(data, value => value * 255)
  if (dtype === 'int8') return mapTo8(data, value => Math.max(0, Math.floor((value * 129) / 64)))
  const divisor = divisorOf(plain)
  // Of signed integers the library takes the low 16 bits before it puts negative values to 0.
  if (kindOf(dtype) === 'i') return mapTo8(data, value => Math.max(0, (Math.floor(value / divisor) << 16) >> 16))
  return mapTo8(data, value => Math.floor(value / divisor))
}

/** `skimage.util.img_as_ubyte`. */
export const imgAsUbyte = newOperation({
  id: 'skimage.util.img_as_ubyte',
  name: 'To 8 bits',
  tool: 'scikit-image',
  doc: 'Converts an image to 8 bits without sign; negative values become 0.',
  signature: ['image', 'force_copy'],
  images: { image: plainImage },
  parameters: { force_copy: forceCopy },
  compute: ({ image }) => {
    const plain = plainOf(image)
    const { data } = plain
    if (data instanceof Float32Array || data instanceof Float64Array) return floatsToBytes(image, data)
    return right({ shape: image.shape, dtype: 'uint8', data: integersToBytes(plain) })
  }
})

const inverse = (plain: Plain, signedFloat: boolean): NdArray => {
  const { data, dtype, shape } = plain
  const kind = kindOf(dtype)
  const top = kind === 'i' ? -1 : kind === 'f' ? (signedFloat ? 0 : 1) : rangeOf(dtype)[1]
  const out = new Float64Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = top - (data[i] as number)
  return newArray(dtype, shape, out)
}

/** `skimage.util.invert`. */
export const invert = newOperation({
  id: 'skimage.util.invert',
  name: 'Invert',
  tool: 'scikit-image',
  doc: 'Makes bright what is dark: largest value minus value; bool is negated, signed integers become -1 minus value.',
  signature: ['image', 'signed_float'],
  images: { image: plainImage },
  parameters: { signed_float: flag({ default: false, doc: 'Floats range from -1 to 1 and change their sign.' }) },
  compute: ({ image }, { signed_float }) => right(inverse(plainOf(image), signed_float))
})
