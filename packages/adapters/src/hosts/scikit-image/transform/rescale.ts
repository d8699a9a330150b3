import type { NdArray } from '@bims/core'
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js'
import { isInteger, type PlainType } from '../array/dtype.ts'
import { countOf, hasNaN, newArray, type Numbers, toFloat64 } from '../array/elements.ts'
import { toFloat } from '../array/float-image.ts'
import { cvalRule, type Plain, plainImage, plainOf } from '../call/image-rules.ts'
import { maxElements } from '../call/bounds.ts'
import { newOperation } from '../call/operation.ts'
import { flag, integer, oneOrEach, optional, real, word } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'
import type { Border } from '../kernels/border.ts'
import { gaussianFilter, isTooWide } from '../kernels/gaussian.ts'
import type { Order } from '../kernels/spline.ts'
import { zoomTo } from '../kernels/zoom.ts'

/** Borders as `numpy.pad` names them, and what `scipy.ndimage` calls them. */
const borders = {
  reflect: 'mirror',
  constant: 'constant',
  edge: 'nearest',
  symmetric: 'reflect',
  wrap: 'wrap'
} as const satisfies Record<string, Border>
const modes = ['reflect', 'constant', 'edge', 'symmetric', 'wrap'] as const
type Mode = (typeof modes)[number]

/** What a call of `rescale` asks for, its defaults resolved. */
interface Request {
  readonly shape: readonly number[]
  readonly order: Order
  readonly mode: Mode
  readonly cval: number
  readonly clip: boolean
  readonly sigmas: readonly number[] | undefined
}

const toOrder = (order: number): Order => {
  if (order === 0 || order === 1 || order === 2 || order === 3 || order === 4) return order
  return 5
}

/** Half to even, as `numpy.round`. */
const roundEven = (value: number): number => {
  const low = Math.floor(value)
  if (value - low === 0.5) return low % 2 === 0 ? low : low + 1
  return Math.round(value)
}

const shapeOf = (
  image: NdArray,
  scale: number | readonly number[],
  channel: number | null
): Either<Refusal, readonly number[]> => {
  const spatial = image.shape.length - (channel === null ? 0 : 1)
  const scales = typeof scale === 'number' ? [scale] : scale
  if (scales.length !== 1 && scales.length !== spatial) return refuse('scale', `must be one number or ${spatial}`)
  let next = 0
  const shape = image.shape.map((n, axis) =>
    axis === channel ? n : Math.max(1, roundEven((scales.length === 1 ? (scales[0] ?? 1) : (scales[next++] ?? 1)) * n))
  )
  return countOf(shape) > maxElements ? refuse('scale', 'makes too large an image') : right(shape)
}

const extentWithoutNaN = (values: Numbers): readonly [number, number] => {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? [Number.NaN, Number.NaN] : [low, high]
}

/** Values are kept in the range of the input, to which a constant border belongs where it shows. */
const clipInPlace = (out: Float64Array, input: Numbers, request: Request): void => {
  let [low, high] = extentWithoutNaN(input)
  const { mode, cval } = request
  if (mode === 'constant' && !(low <= cval && cval <= high)) {
    const [least, most] = hasNaN(out) && !hasNaN(input) ? [Number.NaN, Number.NaN] : extentWithoutNaN(out)
    if (least <= cval && cval <= most) [low, high] = [Math.min(low, cval), Math.max(high, cval)]
  }
  for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(out[i] as number, low), high)
}

const resize = (values: Numbers, dtype: PlainType, from: readonly number[], request: Request): NdArray => {
  const { shape, order, mode, cval, sigmas } = request
  const source = { data: toFloat64(values), shape: from, border: borders[mode], constant: cval }
  const rounding = dtype === 'float32' || dtype === 'float64' ? dtype : 'whole'
  const smooth = sigmas === undefined ? source.data : gaussianFilter(source, sigmas, 4, rounding)
  const isSame = shape.every((n, axis) => n === from[axis])
  const zoomed = isSame ? smooth.slice() : zoomTo({ ...source, data: smooth }, shape, order)
  if (dtype === 'float32') for (let i = 0; i < zoomed.length; i++) zoomed[i] = Math.fround(zoomed[i] as number)
  if (request.clip) clipInPlace(zoomed, values, request)
  return newArray(dtype, shape, zoomed)
}

/** Smoothing before pixels are dropped: half of what the size shrinks by, unless told otherwise. */
const sigmasOf = (
  from: readonly number[],
  to: readonly number[],
  given: number | readonly number[] | null,
  channel: number | null
): Either<Refusal, readonly number[]> => {
  const factors = from.map((n, axis) => n / (to[axis] ?? 1))
  if (given === null) return right(factors.map(factor => Math.max(0, (factor - 1) / 2)))
  const each = typeof given === 'number' ? factors.map(() => given) : given
  if (each.length === 1) return right(factors.map(() => each[0] ?? 0))
  if (each.length !== factors.length) return refuse('anti_aliasing_sigma', `must be one number or ${factors.length}`)
  return right(channel === null ? each : channelBack(each, channel))
}

/** The library moves channels to the last axis before it reads one sigma for each. */
const channelBack = (each: readonly number[], channel: number): readonly number[] => {
  const moved = each.slice(0, -1)
  moved.splice(channel, 0, each.at(-1) ?? 0)
  return moved
}

const isSmoothedByDefault = (
  dtype: PlainType,
  order: number | null,
  from: readonly number[],
  to: readonly number[]
): boolean => dtype !== 'bool' && !(isInteger(dtype) && order === 0) && to.some((n, axis) => n < (from[axis] ?? 1))

/** What of the parameters is resolved with the image at hand. */
interface Given extends Pick<Request, 'mode' | 'cval' | 'clip'> {
  readonly scale: number | readonly number[]
  readonly order: number | null
  readonly anti_aliasing: boolean | null
  readonly anti_aliasing_sigma: number | readonly number[] | null
  readonly channel_axis: number | null
}

const channelOf = (rank: number, axis: number | null): Either<Refusal, number | null> => {
  if (axis === null) return right(null)
  return axis >= -rank && axis < rank
    ? right((axis + rank) % rank)
    : refuse('channel_axis', 'is not an axis of the image')
}

const smoothingOf = (
  { dtype, shape: from }: Plain,
  to: readonly number[],
  channel: number | null,
  given: Given
): Either<Refusal, readonly number[] | undefined> => {
  const isSmoothed = given.anti_aliasing ?? isSmoothedByDefault(dtype, given.order, from, to)
  if (!isSmoothed) return right(undefined)
  if (dtype === 'bool') return fail('anti_aliasing', 'must be False for a bool image')
  const sigmas = sigmasOf(from, to, given.anti_aliasing_sigma, channel)
  const isWide = !isLeft(sigmas) && isTooWide(from, sigmas.right, 4)
  return isWide ? refuse('scale', 'needs too wide a smoothing') : sigmas
}

const requestOf = (image: NdArray, given: Given): Either<Refusal, Request> => {
  const plain = plainOf(image)
  const channel = channelOf(image.shape.length, given.channel_axis)
  if (isLeft(channel)) return channel
  const shape = shapeOf(image, given.scale, channel.right)
  if (isLeft(shape)) return shape
  const order = toOrder(given.order ?? (plain.dtype === 'bool' ? 0 : 1))
  if (plain.dtype === 'bool' && order !== 0) return fail('image', 'is bool, which is interpolated with order 0 only')
  const sigmas = smoothingOf(plain, shape.right, channel.right, given)
  return isLeft(sigmas) ? sigmas : right({ ...given, shape: shape.right, order, sigmas: sigmas.right })
}

/** `skimage.transform.rescale`. */
export const rescale = newOperation({
  id: 'skimage.transform.rescale',
  name: 'Rescale',
  tool: 'scikit-image',
  doc: 'Makes an image larger or smaller by interpolation, smoothing it first where it shrinks.',
  signature: [
    'image',
    'scale',
    'order',
    'mode',
    'cval',
    'clip',
    'preserve_range',
    'anti_aliasing',
    'anti_aliasing_sigma',
    'channel_axis'
  ],
  images: { image: { ...plainImage, axes: [1, 8] } },
  parameters: {
    scale: oneOrEach(real({ min: Number.MIN_VALUE, doc: 'Factor, for all axes or for each.' })),
    order: optional(
      integer({
        default: null,
        min: 0,
        max: 5,
        doc: 'Order of the spline: 0 nearest pixel, 1 linear, 3 cubic; None is 0 for bool, else 1.'
      })
    ),
    mode: word(modes, { default: 'reflect', doc: 'How the image goes on beyond its edge, as numpy.pad names it.' }),
    cval: cvalRule,
    clip: flag({ default: true, doc: 'Keep the result in the range of the input.' }),
    preserve_range: flag({
      default: false,
      doc: 'Keep the values of an integer image instead of scaling them to 0 … 1.'
    }),
    anti_aliasing: optional(
      flag({
        default: null,
        doc: 'Smooth before shrinking; None means where it shrinks, but not bool, nor integers at order 0.'
      })
    ),
    anti_aliasing_sigma: optional(
      oneOrEach(real({ default: null, min: 0, unit: 'pixel', doc: 'Standard deviation of the smoothing.' }))
    ),
    channel_axis: optional(integer({ default: null, doc: 'The axis of channels, which keeps its length.' }))
  },
  compute: ({ image }, values) => {
    const { data, dtype } = plainOf(image)
    const request = requestOf(image, values)
    if (isLeft(request)) return request
    const source = request.right.order === 0 ? { data, dtype } : toFloat(image, values.preserve_range)
    return right(resize(source.data, source.dtype, image.shape, request.right))
  }
})
