import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arrayDigest, digestAxes, transpose, withAxes, type NdArray } from '../../src/index.ts'

const counted = (...shape: readonly number[]): NdArray => ({
  shape,
  dtype: 'uint16',
  data: Uint16Array.from({ length: shape.reduce((all, n) => all * n, 1) }, (_, i) => i)
})

describe('digestAxes', () => {
  it('puts axes into the order of docs/spec/pixel-digest.md', () => {
    expect(digestAxes(['y', 'x', 'c', 'z', 'lifetime', 't', 'angle', 'position'])).toEqual([
      'position',
      't',
      'angle',
      'lifetime',
      'c',
      'z',
      'y',
      'x'
    ])
  })
})

describe('transpose', () => {
  it('is numpy.transpose', () => {
    // numpy.arange(24).reshape(2, 3, 4).transpose(2, 0, 1).ravel()[:8]
    expect([...transpose(counted(2, 3, 4), [2, 0, 1]).data].slice(0, 8)).toEqual([0, 4, 8, 12, 16, 20, 1, 5])
    expect(transpose(counted(2, 3, 4), [2, 0, 1]).shape).toEqual([4, 2, 3])
  })

  it('keeps complex numbers together', () => {
    const array: NdArray = { shape: [1, 2], dtype: 'complex64', data: Float32Array.of(1, 2, 3, 4) }
    expect([...transpose(array, [1, 0]).data]).toEqual([1, 2, 3, 4])
  })

  it('is undone by the inverse order', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 4, maxLength: 4 }),
        (order, shape) => {
          const array = counted(...shape)
          const inverse = order.map((_, i) => order.indexOf(i))
          const back = transpose(transpose(array, order), inverse)
          expect(back.shape).toEqual(array.shape)
          expect([...back.data]).toEqual([...array.data])
        }
      )
    )
  })
})

describe('withAxes', () => {
  it('leaves an array alone whose axes are others', () => {
    const array = counted(2, 3)
    expect(withAxes(array, ['y', 'x'], ['x', 'z'])).toEqual({ array, axes: ['y', 'x'] })
    expect(withAxes(array, ['y', 'x'], ['x', 'x'])).toEqual({ array, axes: ['y', 'x'] })
  })

  it('does not change what an array digests to', () => {
    const array = counted(3, 5, 7)
    const { axes, array: moved } = withAxes(array, ['c', 'y', 'x'], ['y', 'x', 'c'])
    expect(arrayDigest(moved, axes)).toEqual(arrayDigest(array, ['c', 'y', 'x']))
  })
})
