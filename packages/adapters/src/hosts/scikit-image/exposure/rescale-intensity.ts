import { right } from 'fp-ts/lib/Either.js'
import { castNumbers } from '../array/cast.ts'
import { floatOf, type PlainType, plainTypes, rangeOf } from '../array/dtype.ts'
import { extent, type Numbers } from '../array/elements.ts'
import { type Plain, plainImage, plainOf } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { either, listOf, real, word } from '../call/parameter-rule.ts'

/** Names of ranges besides those of types. */
const odd = { float: 'float64', uint10: 1023, uint12: 4095, uint14: 16383 } as const
const names = ['image', 'dtype', ...plainTypes, 'float', 'uint10', 'uint12', 'uint14'] as const
type RangeName = (typeof names)[number]
type Range = RangeName | readonly number[]

const namedRange = (name: Exclude<RangeName, 'image' | 'dtype'>): readonly [number, number] => {
  if (name === 'float') return rangeOf('float64')
  return name === 'uint10' || name === 'uint12' || name === 'uint14' ? [0, odd[name]] : rangeOf(name)
}

const rangeIn = (image: Plain, range: Range, clipNegative: boolean): readonly [number, number] => {
  if (range === 'image') return extent(image.data)
  if (typeof range !== 'string') return [range[0] ?? 0, range[1] ?? 0]
  const [low, high] = range === 'dtype' ? rangeOf(image.dtype) : namedRange(range)
  return [clipNegative ? 0 : low, high]
}

const typeOf = (image: Plain, range: Range): PlainType => {
  if (range === 'image' || range === 'dtype') return image.dtype
  if (typeof range !== 'string') return floatOf(image.dtype)
  if (range === 'float') return odd.float
  return range === 'uint10' || range === 'uint12' || range === 'uint14' ? 'uint16' : range
}

/** `numpy.clip`: NaN stays, a NaN bound makes everything NaN. */
const clipped = (value: number, low: number, high: number): number => {
  if (Number.isNaN(value)) return value
  return Math.min(Math.max(value, low), high)
}

const rescale = (
  data: Numbers,
  out: Float32Array | Float64Array,
  from: readonly [number, number],
  to: readonly [number, number],
  round: (value: number) => number
): void => {
  const [low, high, shift] = [round(from[0]), round(from[1]), round(to[0])]
  const width = round(from[1] - from[0])
  const factor = round(to[1] - to[0])
  for (let i = 0; i < out.length; i++) {
    const share = round(round(clipped(data[i] as number, low, high) - low) / width)
    out[i] = round(round(share * factor) + shift)
  }
}

const clipTwice = (
  data: Numbers,
  out: Float32Array | Float64Array,
  from: readonly [number, number],
  to: readonly [number, number]
): void => {
  for (let i = 0; i < out.length; i++) out[i] = clipped(clipped(data[i] as number, from[0], from[1]), to[0], to[1])
}

const pair = listOf(real({ anyFloat: true, doc: '' }), 2)
const rangeRule = (byDefault: RangeName, doc: string) =>
  either(word(names, { doc }), pair, { default: byDefault, type: 'str or 2-tuple', doc })

/** `skimage.exposure.rescale_intensity`. */
export const rescaleIntensity = newOperation({
  id: 'skimage.exposure.rescale_intensity',
  name: 'Rescale intensity',
  tool: 'scikit-image',
  doc: 'Stretches or shrinks the range of intensities of an image to another range.',
  signature: ['image', 'in_range', 'out_range'],
  images: { image: plainImage },
  parameters: {
    in_range: rangeRule('image', 'Range taken: that of the image, of its or a named type, or a pair of values.'),
    out_range: rangeRule('dtype', 'Range made, likewise; a pair of values gives floats, a name its type.')
  },
  compute: ({ image }, { in_range, out_range }) => {
    const plain = plainOf(image)
    const from = rangeIn(plain, in_range, false)
    const to = rangeIn(plain, out_range, from[0] >= 0)
    const isSingle = plain.dtype === 'float32'
    const out = isSingle ? new Float32Array(plain.data.length) : new Float64Array(plain.data.length)
    if (from[0] === from[1]) clipTwice(plain.data, out, from, to)
    else rescale(plain.data, out, from, to, isSingle ? Math.fround : value => value)
    return right(castNumbers(out, image.shape, typeOf(plain, out_range)))
  }
})
