import { dtypes, type ParameterValue } from '@bims/core'
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import { gather, stridesOf, type View } from '../array/gather.ts'
import { newOperation } from '../call/operation.ts'
import { isList, type ParameterRule } from '../call/parameter-rule.ts'
import { fail, type Refusal, refuse } from '../call/refusal.ts'

/** A Python slice, or an index, which takes its axis away. */
type Selection = number | { readonly start: number | null; readonly stop: number | null; readonly step: number }

const isBound = (value: ParameterValue | undefined): value is number | null =>
  value === null || (typeof value === 'number' && Number.isSafeInteger(value))

const parseSlice = (value: readonly ParameterValue[]): Either<string, Selection> => {
  if (value.length < 2 || value.length > 3) return left('must hold an index or [start, stop, step] for each axis')
  const [start, stop, step = null] = value
  if (!isBound(start) || !isBound(stop) || !isBound(step))
    return left('must hold whole numbers or None in [start, stop, step]')
  return step === 0 ? left('must not have a step of 0') : right({ start, stop, step: step ?? 1 })
}

const parseSelection = (value: ParameterValue): Either<string, Selection> => {
  if (value === null) return right({ start: null, stop: null, step: 1 })
  if (isList(value)) return parseSlice(value)
  return typeof value === 'number' && Number.isSafeInteger(value) ? right(value) : left('must hold whole numbers')
}

const parseKey = (value: ParameterValue): Either<string, readonly Selection[]> => {
  if (!isList(value) || value.length > 32)
    return left('must be a list with an index or [start, stop, step] for each axis')
  const out: Selection[] = []
  for (const one of value) {
    const selection = parseSelection(one)
    if (isLeft(selection)) return selection
    out.push(selection.right)
  }
  return right(out)
}

const keyRule: ParameterRule<readonly Selection[]> = {
  type: 'tuple of slices',
  unit: 'pixel',
  doc: 'For each axis [start, stop, step], where None is to the end, or an index; axes left out are taken whole.',
  parse: parseKey
}

const clamp = (bound: number, length: number, lowest: number, highest: number): number =>
  Math.min(Math.max(bound < 0 ? bound + length : bound, lowest), highest)

/** First index and number of indices of a slice, as Python's `slice.indices`. */
const indicesOf = (slice: Exclude<Selection, number>, length: number): readonly [number, number] => {
  const { start, stop, step } = slice
  const [lowest, highest] = step > 0 ? [0, length] : [-1, length - 1]
  const first = start === null ? (step > 0 ? lowest : highest) : clamp(start, length, lowest, highest)
  const end = stop === null ? (step > 0 ? highest : lowest) : clamp(stop, length, lowest, highest)
  return [first, Math.max(0, Math.ceil((end - first) / step))]
}

const viewOf = (shape: readonly number[], key: readonly Selection[]): Either<Refusal, View> => {
  const strides = stridesOf(shape)
  const out: { readonly shape: number[]; readonly strides: number[] } = { shape: [], strides: [] }
  let offset = 0
  for (const [axis, length] of shape.entries()) {
    const selection = key[axis] ?? { start: null, stop: null, step: 1 }
    const stride = strides[axis] ?? 1
    if (typeof selection === 'number') {
      if (selection < -length || selection >= length)
        return fail('key', `holds the index ${selection}, out of bounds for an axis of ${length}`)
      offset += (selection < 0 ? selection + length : selection) * stride
      continue
    }
    const [first, count] = indicesOf(selection, length)
    if (count === 0) return fail('key', `selects nothing of axis ${axis}, which has the length ${length}`)
    offset += first * stride
    out.shape.push(count)
    out.strides.push(selection.step * stride)
  }
  return right({ ...out, offset })
}

/** Slicing, `image[10:200, 30:90]`: `numpy.ndarray.__getitem__` with slices and indices. */
export const getItem = newOperation({
  id: 'numpy.ndarray.__getitem__',
  name: 'Crop',
  tool: 'numpy',
  doc: 'Cuts a part out of an image: a slice or an index for each axis.',
  signature: ['self', 'key'],
  images: { self: { dtypes } },
  parameters: { key: keyRule },
  compute: ({ self }, { key }) => {
    if (key.length > self.shape.length) return refuse('key', `has ${key.length} axes, the image ${self.shape.length}`)
    const view = viewOf(self.shape, key)
    return isLeft(view) ? view : right(gather(self, view.right))
  }
})
