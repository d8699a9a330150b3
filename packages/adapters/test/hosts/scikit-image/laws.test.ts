import type { NdArray, ParameterValue } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parsePythonNumber } from '../../../src/hosts/scikit-image/call/parameter-rule.ts'
import { findOperation, pythonFloat } from '../../../src/hosts/scikit-image/index.ts'
import { exactExp } from '../../../src/hosts/scikit-image/kernels/exponential.ts'
import { pairwiseSum } from '../../../src/hosts/scikit-image/kernels/pairwise-sum.ts'

const run = (
  id: string,
  inputs: Readonly<Record<string, NdArray>>,
  parameters: Readonly<Record<string, ParameterValue>> = {}
): NdArray => {
  const result = findOperation(id)?.run?.(inputs, parameters)
  if (result === undefined || isLeft(result)) throw new Error(JSON.stringify(result))
  return result.right['return']!
}

const sizes = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }))
const bytes = (levels: number): fc.Arbitrary<NdArray> =>
  sizes.chain(([h, w]) =>
    fc
      .uint8Array({ minLength: h * w, maxLength: h * w, max: levels - 1 })
      .map(data => ({ dtype: 'uint8', shape: [h, w], data }) as const)
  )
const mask: fc.Arbitrary<NdArray> = bytes(2).map(image => ({ ...image, dtype: 'bool' }))
const footprint = fc
  .array(fc.array(fc.constantFrom(0, 1), { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 4 })
  .filter(rows => rows.flat().includes(1))

const everyPair = (a: NdArray, b: NdArray, holds: (x: number, y: number) => boolean): boolean =>
  Array.from(a.data, Number).every((x, i) => holds(x, Number(b.data[i])))

describe('laws', () => {
  it('four quarter turns are none, and three are one back', () => {
    fc.assert(
      fc.property(bytes(256), fc.integer({ min: -9, max: 9 }), (m, k) => {
        const turned = run('numpy.rot90', { m }, { k })
        expect(run('numpy.rot90', { m: turned }, { k: -k })).toEqual(m)
        expect(run('numpy.rot90', { m: turned }, { k: 4 })).toEqual(turned)
      })
    )
  })

  it('opening and closing are idempotent, and lie on their sides of the image', () => {
    fc.assert(
      fc.property(bytes(256), footprint, (image, shape) => {
        const opened = run('skimage.morphology.opening', { image }, { footprint: shape, mode: 'ignore' })
        const closed = run('skimage.morphology.closing', { image }, { footprint: shape, mode: 'ignore' })
        expect(everyPair(opened, image, (a, b) => a <= b) && everyPair(closed, image, (a, b) => a >= b)).toBe(true)
        expect(run('skimage.morphology.opening', { image: opened }, { footprint: shape, mode: 'ignore' })).toEqual(
          opened
        )
        expect(run('skimage.morphology.closing', { image: closed }, { footprint: shape, mode: 'ignore' })).toEqual(
          closed
        )
      })
    )
  })

  it('erosion is the dilation of the inverse, inverted', () => {
    fc.assert(
      fc.property(bytes(256), footprint, (image, shape) => {
        const inverse = run('skimage.util.invert', { image })
        const dilated = run('skimage.morphology.dilation', { image: inverse }, { footprint: shape })
        expect(run('skimage.util.invert', { image: dilated })).toEqual(
          run('skimage.morphology.erosion', { image }, { footprint: shape })
        )
      })
    )
  })

  it('the median has as many values of its neighbourhood at most as at least', () => {
    fc.assert(
      fc.property(bytes(256), image => {
        const middle = run('skimage.filters.median', { image })
        expect(
          everyPair(
            middle,
            run(
              'skimage.morphology.erosion',
              { image },
              {
                footprint: [
                  [1, 1, 1],
                  [1, 1, 1],
                  [1, 1, 1]
                ],
                mode: 'nearest'
              }
            ),
            (a, b) => a >= b
          )
        ).toBe(true)
        expect(
          everyPair(
            middle,
            run(
              'skimage.morphology.dilation',
              { image },
              {
                footprint: [
                  [1, 1, 1],
                  [1, 1, 1],
                  [1, 1, 1]
                ],
                mode: 'nearest'
              }
            ),
            (a, b) => a <= b
          )
        ).toBe(true)
      })
    )
  })

  it('the running histogram and the selection rank alike', () => {
    const box = Array.from({ length: 11 }, () => new Array<number>(11).fill(1))
    fc.assert(
      fc.property(bytes(256), image => {
        const counted = run('skimage.filters.median', { image }, { footprint: box })
        const wide = run('numpy.ndarray.astype', { self: image }, { dtype: 'float64' })
        const selected = run('skimage.filters.median', { image: wide }, { footprint: box })
        expect(run('numpy.ndarray.astype', { self: selected }, { dtype: 'uint8' })).toEqual(counted)
      }),
      { numRuns: 30 }
    )
  })

  it('blurring keeps a constant image, and the range of any', () => {
    fc.assert(
      fc.property(bytes(256), fc.double({ min: 0, max: 4, noNaN: true }), (image, sigma) => {
        const blurred = run('skimage.filters.gaussian', { image }, { sigma })
        const values = Array.from(image.data, Number)
        const [low, high] = [Math.min(...values) / 255, Math.max(...values) / 255]
        expect(Array.from(blurred.data, Number).every(v => v >= low - 1e-12 && v <= high + 1e-12)).toBe(true)
      })
    )
  })

  it('labels are one for each component: their pixels connect, and turning the mask keeps their number', () => {
    fc.assert(
      fc.property(mask, fc.constantFrom(1, 2), (label_image, connectivity) => {
        const labels = run('skimage.measure.label', { label_image }, { connectivity })
        const turned = run(
          'skimage.measure.label',
          { label_image: run('numpy.rot90', { m: label_image }) },
          { connectivity }
        )
        const numbers = (image: NdArray): number[] => [...new Set(Array.from(image.data, Number))].sort((a, b) => a - b)
        expect(numbers(turned)).toEqual(numbers(labels))
        expect(everyPair(labels, label_image, (l, m) => (l === 0) === (m === 0))).toBe(true)
        const found = numbers(labels).filter(n => n > 0)
        expect(found).toEqual(found.map((_, i) => i + 1))
      })
    )
  })

  it('removing small objects takes whole components, and nothing the second time', () => {
    fc.assert(
      fc.property(mask, fc.integer({ min: 0, max: 20 }), (ar, max_size) => {
        const kept = run('skimage.morphology.remove_small_objects', { ar }, { max_size })
        expect(everyPair(kept, ar, (a, b) => a <= b)).toBe(true)
        expect(run('skimage.morphology.remove_small_objects', { ar: kept }, { max_size })).toEqual(kept)
      })
    )
  })

  it('integers wrap around: what is added can be subtracted', () => {
    fc.assert(
      fc.property(bytes(256), fc.integer({ min: 0, max: 255 }), (x1, x2) => {
        expect(run('numpy.subtract', { x1: run('numpy.add', { x1 }, { x2 }) }, { x2 })).toEqual(x1)
      })
    )
  })

  it('a whole float is told from an int by its text', () => {
    const x1: NdArray = { dtype: 'uint8', shape: [1, 2], data: Uint8Array.of(200, 3) }
    expect(run('numpy.multiply', { x1 }, { x2: 2 })).toEqual({
      dtype: 'uint8',
      shape: [1, 2],
      data: Uint8Array.of(144, 6)
    })
    expect(run('numpy.multiply', { x1 }, { x2: '2.0' })).toEqual({
      dtype: 'float64',
      shape: [1, 2],
      data: Float64Array.of(400, 6)
    })
  })
})

describe('pythonFloat', () => {
  it('gives every float a form that is read as that float, never as an int', () => {
    expect([2, -0, 0, 1e300, 0.5].map(pythonFloat)).toEqual(['2.0', '-0.0', '0.0', '1e+300', 0.5])
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.integer()), value => {
        expect(parsePythonNumber(pythonFloat(value))).toEqual({ kind: 'float', value })
      })
    )
  })
})

describe('kernels', () => {
  it('the exponential is within one unit in the last place of Math.exp, and exact where that is known', () => {
    expect([exactExp(0), exactExp(-1), exactExp(-700)]).toEqual([1, 0.36787944117144233, 9.85967654375977e-305])
    fc.assert(
      fc.property(fc.double({ min: -700, max: 0, noNaN: true }), x => {
        const [a, b] = [exactExp(x), Math.exp(x)]
        expect(Math.abs(a - b)).toBeLessThanOrEqual(b * 2 ** -52)
      })
    )
  })

  it('sums in pairs are sums', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { maxLength: 700 }), values => {
        expect(pairwiseSum(Float64Array.from(values))).toBe(values.reduce((a, b) => a + b, 0))
      })
    )
  })
})
