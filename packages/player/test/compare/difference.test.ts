import type { NdArray } from '@bims/core'
import { describe, expect, it } from 'vitest'
import { asSaved, differenceMap, differenceOf } from '../../src/index.ts'

const floats = (...values: readonly number[]): NdArray => ({
  shape: [1, values.length],
  dtype: 'float64',
  data: Float64Array.from(values)
})

describe('differenceOf', () => {
  it('counts samples that differ and finds the largest distance', () => {
    expect(differenceOf(floats(1, 2, 3, 4), floats(1, 2.5, 3, 2))).toEqual({ max: 2, count: 2, total: 4, range: 3 })
    expect(differenceOf(floats(1, 2), floats(1, 2))).toMatchObject({ max: 0, count: 0 })
  })

  it('takes NaN as equal to NaN and as infinitely far from a number', () => {
    expect(differenceOf(floats(NaN, 1), floats(NaN, 1))).toMatchObject({ count: 0 })
    expect(differenceOf(floats(NaN, 1), floats(0, 1))).toMatchObject({ count: 1, max: Infinity })
    expect(differenceOf(floats(Infinity, -Infinity), floats(Infinity, Infinity))).toMatchObject({
      count: 1,
      max: Infinity
    })
  })

  it('does not compare images of another shape or type', () => {
    expect(differenceOf(floats(1, 2), floats(1))).toBeUndefined()
    expect(differenceOf(floats(1), { shape: [1, 1], dtype: 'uint8', data: Uint8Array.of(1) })).toBeUndefined()
  })

  it('handles 64-bit integers', () => {
    const big = (n: bigint): NdArray => ({ shape: [1, 1], dtype: 'int64', data: BigInt64Array.of(n) })
    expect(differenceOf(big(5n), big(7n))).toMatchObject({ max: 2, count: 1 })
  })
})

describe('differenceMap', () => {
  it('is zero where two images agree', () => {
    expect([...(differenceMap(floats(1, 2, 3), floats(1, 0, 3)).data as Float64Array)]).toEqual([0, 2, 0])
  })
})

describe('asSaved', () => {
  it('writes bool as 0 and 255 and leaves other types alone', () => {
    expect(asSaved({ shape: [1, 3], dtype: 'bool', data: Uint8Array.of(0, 1, 1) })).toEqual({
      shape: [1, 3],
      dtype: 'uint8',
      data: Uint8Array.of(0, 255, 255)
    })
    const array = floats(1)
    expect(asSaved(array)).toBe(array)
  })
})
