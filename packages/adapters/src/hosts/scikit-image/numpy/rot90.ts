import { dtypes } from '@bims/core'
import { right } from 'fp-ts/lib/Either.js'
import { gather, stridesOf, type View } from '../array/gather.ts'
import { newOperation } from '../call/operation.ts'
import { integer, listOf } from '../call/parameter-rule.ts'
import { refuse } from '../call/refusal.ts'

const flip = ({ shape, strides, offset }: View, axis: number): View => ({
  shape,
  strides: strides.map((stride, i) => (i === axis ? -stride : stride)),
  offset: offset + (strides[axis] as number) * ((shape[axis] ?? 1) - 1)
})

const swap = (view: View, a: number, b: number): View => {
  const swapped = (values: readonly number[]): number[] =>
    values.map((value, i) => (i === a ? (values[b] ?? value) : i === b ? (values[a] ?? value) : value))
  return { shape: swapped(view.shape), strides: swapped(view.strides), offset: view.offset }
}

const rotated = (view: View, turns: number, a: number, b: number): View => {
  if (turns === 0) return view
  if (turns === 1) return swap(flip(view, b), a, b)
  return turns === 2 ? flip(flip(view, a), b) : flip(swap(view, a, b), b)
}

/** `numpy.rot90`. */
export const rot90 = newOperation({
  id: 'numpy.rot90',
  name: 'Rotate by 90°',
  tool: 'numpy',
  doc: 'Turns an image by 90 degrees, from the first axis towards the second: anticlockwise as displayed.',
  signature: ['m', 'k', 'axes'],
  images: { m: { dtypes, axes: [2, 32] } },
  parameters: {
    k: integer({ default: 1, doc: 'Number of turns by 90 degrees.' }),
    axes: listOf(integer({ default: [0, 1], doc: 'The two axes of the plane that is turned.' }), 2)
  },
  compute: ({ m }, { k, axes }) => {
    const rank = m.shape.length
    if (axes.some(axis => axis < -rank || axis >= rank))
      return refuse('axes', 'holds an axis that the image does not have')
    const [a, b] = axes.map(axis => (axis + rank) % rank)
    if (a === undefined || b === undefined || a === b) return refuse('axes', 'must be two different axes')
    const view: View = { shape: m.shape, strides: stridesOf(m.shape), offset: 0 }
    return right(gather(m, rotated(view, ((k % 4) + 4) % 4, a, b)))
  }
})
