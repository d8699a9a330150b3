import type { NdArray, Operation } from '@bims/core'
import { type Either, isLeft, right } from 'fp-ts/lib/Either.js'
import type { PlainType } from '../array/dtype.ts'
import { kindOf, rangeOf } from '../array/dtype.ts'
import { newArray, type Numbers } from '../array/elements.ts'
import { cvalRule, footprintOf, footprintRule, holds, optionalArray, plainImage, plainOf } from '../call/image-rules.ts'
import { newOperation } from '../call/operation.ts'
import { noOut, word } from '../call/parameter-rule.ts'
import { type Refusal, refuse } from '../call/refusal.ts'
import type { Border } from '../kernels/border.ts'
import { extremeFilter } from '../kernels/extremes.ts'
import type { Extreme } from '../kernels/folds.ts'
import { type Footprint, mirrored, padded } from '../kernels/footprint.ts'

/** How an image goes on beyond its edge; `max` and `min` are the extremes of its type, `ignore` leaves it out. */
const modes = ['reflect', 'constant', 'nearest', 'mirror', 'wrap', 'max', 'min', 'ignore'] as const
type Mode = (typeof modes)[number]

const extremeOf = (dtype: PlainType, extreme: Extreme): number => {
  if (kindOf(dtype) === 'f') return extreme === 'max' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  return rangeOf(dtype)[extreme === 'max' ? 1 : 0]
}

const borderOf = (
  mode: Mode,
  cval: number,
  dtype: PlainType,
  filter: Extreme
): { readonly border: Border; readonly constant: number } => {
  const named = mode === 'ignore' ? (filter === 'min' ? 'max' : 'min') : mode
  if (named !== 'max' && named !== 'min')
    return { border: named, constant: dtype === 'float32' ? Math.fround(cval) : cval }
  return { border: 'constant', constant: extremeOf(dtype, named) }
}

/** One filter of a chain, with the footprint seen as it is or in a point mirror. */
interface Step {
  readonly extreme: Extreme
  readonly mirrored: boolean
}

const applySteps = (
  image: NdArray,
  footprint: Footprint,
  mode: Mode,
  cval: number,
  steps: readonly Step[]
): Either<Refusal, NdArray> => {
  const { data, dtype, shape } = plainOf(image)
  if (mode === 'constant' && !holds(dtype, cval)) return refuse('cval', `is not a value of ${dtype}`)
  const odd = padded(footprint)
  let current: Numbers = data
  for (const { extreme, mirrored: isMirrored } of steps) {
    const source = { data: current, shape, ...borderOf(mode, cval, dtype, extreme) }
    current = extremeFilter(source, isMirrored ? mirrored(odd) : odd, extreme, dtype)
  }
  return right(newArray(dtype, shape, current))
}

const newMorphology = (id: string, name: string, doc: string, steps: readonly Step[]): Operation =>
  newOperation({
    id,
    name,
    doc,
    tool: 'scikit-image',
    signature: ['image', 'footprint', 'out', 'mode', 'cval'],
    images: { image: plainImage, footprint: optionalArray },
    parameters: {
      footprint: footprintRule('The neighbourhood, with as many axes as the image; None is a cross of radius 1.'),
      out: noOut,
      mode: word(modes, { default: 'reflect', doc: 'How the image goes on beyond its edge.' }),
      cval: cvalRule
    },
    compute: ({ image, footprint }, values) => {
      const found = footprintOf(image, footprint, values.footprint, 1)
      return isLeft(found) ? found : applySteps(image, found.right, values.mode, values.cval, steps)
    }
  })

/** `skimage.morphology.erosion`. */
export const erosion = newMorphology(
  'skimage.morphology.erosion',
  'Erosion',
  'Replaces each pixel by the smallest value in its neighbourhood.',
  [{ extreme: 'min', mirrored: false }]
)

/** `skimage.morphology.dilation`. */
export const dilation = newMorphology(
  'skimage.morphology.dilation',
  'Dilation',
  'Replaces each pixel by the largest value in its neighbourhood.',
  [{ extreme: 'max', mirrored: false }]
)

/** `skimage.morphology.opening`. */
export const opening = newMorphology(
  'skimage.morphology.opening',
  'Opening',
  'Erosion, then dilation: removes bright spots smaller than the footprint.',
  [
    { extreme: 'min', mirrored: false },
    { extreme: 'max', mirrored: true }
  ]
)

/** `skimage.morphology.closing`. */
export const closing = newMorphology(
  'skimage.morphology.closing',
  'Closing',
  'Dilation, then erosion: fills dark spots smaller than the footprint.',
  [
    { extreme: 'max', mirrored: false },
    { extreme: 'min', mirrored: true }
  ]
)
