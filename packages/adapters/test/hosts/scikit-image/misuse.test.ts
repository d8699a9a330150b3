import type { NdArray, ParameterValue } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findOperation, operations } from '../../../src/hosts/scikit-image/index.ts'

const image: NdArray = { dtype: 'uint8', shape: [3, 4], data: new Uint8Array(12).map((_, i) => i * 9) }
const floats: NdArray = { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, Number.NaN, 0, 2) }

/** Code of a call that has to fail, and the arguments that are to blame. */
const failureOf = (
  id: string,
  inputs: Readonly<Record<string, NdArray>>,
  parameters: Readonly<Record<string, ParameterValue>>
) => {
  const result = findOperation(id)?.run?.(inputs, parameters)
  if (result === undefined || !isLeft(result)) throw new Error(`${id} does not fail`)
  expect(result.left.advice).not.toBe('')
  return [result.left.code, ...(result.left.issues ?? []).map(({ at }) => at)]
}

const parameters = 'operation-parameters'
const failed = 'operation-failed'

describe('a call that is wrong', () => {
  it('names all that is wrong with it at once', () => {
    expect(
      failureOf('skimage.filters.gaussian', { picture: image }, { sigma: 'wide', mode: 'cyclic', size: 3 })
    ).toEqual([parameters, 'image', 'picture', 'sigma', 'mode', 'size'])
  })

  it.each<readonly [string, string, Record<string, NdArray>, Record<string, ParameterValue>, readonly string[]]>([
    ['a negative sigma', 'skimage.filters.gaussian', { image }, { sigma: -1 }, [parameters, 'sigma']],
    [
      'a sigma for each of three axes',
      'skimage.filters.gaussian',
      { image },
      { sigma: [1, 2, 3] },
      [parameters, 'sigma']
    ],
    ['a huge kernel', 'skimage.filters.gaussian', { image }, { sigma: 1e300 }, [parameters, 'sigma']],
    ['an out array', 'skimage.filters.gaussian', { image }, { out: 1 }, [parameters, 'out']],
    [
      'a channel axis that is none',
      'skimage.filters.gaussian',
      { image },
      { channel_axis: 2 },
      [parameters, 'channel_axis']
    ],
    [
      'a ragged footprint',
      'skimage.filters.median',
      { image },
      { footprint: [[1, 1], [1]] },
      [parameters, 'footprint']
    ],
    ['an empty footprint', 'skimage.filters.median', { image }, { footprint: [] }, [parameters, 'footprint']],
    ['a footprint of zeros', 'skimage.morphology.erosion', { image }, { footprint: [[0]] }, [parameters, 'footprint']],
    [
      'a footprint with one axis',
      'skimage.morphology.erosion',
      { image },
      { footprint: [1, 1] },
      [parameters, 'footprint']
    ],
    [
      'a footprint given twice',
      'skimage.morphology.erosion',
      { image, footprint: image },
      { footprint: [[1]] },
      [parameters, 'footprint']
    ],
    [
      'a constant that the type cannot hold',
      'skimage.morphology.erosion',
      { image },
      { mode: 'constant', cval: -1 },
      [parameters, 'cval']
    ],
    ['the rank behaviour', 'skimage.filters.median', { image }, { behavior: 'rank' }, [parameters, 'behavior']],
    ['a median of one axis', 'skimage.filters.median', { image: { ...image, shape: [12] } }, {}, [parameters, 'image']],
    ['no bins', 'skimage.filters.threshold_otsu', { image }, { nbins: 0 }, [parameters, 'nbins']],
    ['a threshold of NaN', 'skimage.filters.threshold_otsu', { image: floats }, {}, [failed, 'image']],
    [
      'floats beyond 1 as bytes',
      'skimage.util.img_as_ubyte',
      { image: { ...floats, data: Float32Array.of(1, 2, 0, 0) } },
      {},
      [failed, 'image']
    ],
    ['an axis of edges that is none', 'skimage.filters.sobel', { image }, { axis: 2 }, [parameters, 'axis']],
    ['a mask of another shape', 'skimage.filters.sobel', { image, mask: floats }, {}, [parameters, 'mask']],
    ['a result too large', 'skimage.transform.rescale', { image }, { scale: 1e6 }, [parameters, 'scale']],
    ['a scale of zero', 'skimage.transform.rescale', { image }, { scale: 0 }, [parameters, 'scale']],
    ['an order of 6', 'skimage.transform.rescale', { image }, { scale: 1, order: 6 }, [parameters, 'order']],
    [
      'bool interpolated',
      'skimage.transform.rescale',
      { image: { ...image, dtype: 'bool' } },
      { scale: 2, order: 1 },
      [failed, 'image']
    ],
    ['a cast to nothing', 'numpy.ndarray.astype', { self: image }, { dtype: 'uint9' }, [parameters, 'dtype']],
    ['no dtype', 'numpy.ndarray.astype', { self: image }, {}, [parameters, 'dtype']],
    ['a step of zero', 'numpy.ndarray.__getitem__', { self: image }, { key: [[0, 2, 0]] }, [parameters, 'key']],
    ['too many axes in a key', 'numpy.ndarray.__getitem__', { self: image }, { key: [0, 0, 0] }, [parameters, 'key']],
    ['an empty crop', 'numpy.ndarray.__getitem__', { self: image }, { key: [[2, 1]] }, [failed, 'key']],
    ['shapes that do not go together', 'numpy.add', { x1: image, x2: floats }, {}, [parameters, 'x2']],
    ['one operand', 'numpy.add', { x1: image }, {}, [parameters, 'x2']],
    ['a number too large for the type', 'numpy.add', { x1: image }, { x2: 256 }, [failed, 'x2']],
    [
      'bool subtracted',
      'numpy.subtract',
      { x1: { ...image, dtype: 'bool' }, x2: { ...image, dtype: 'bool' } },
      {},
      [failed, 'x1']
    ],
    ['one bound alone', 'numpy.clip', { a: image }, { a_min: 2 }, [parameters, 'a_max']],
    ['a turn about one axis', 'numpy.rot90', { m: image }, { axes: [0, 0] }, [parameters, 'axes']],
    [
      'negative labels',
      'skimage.morphology.remove_small_objects',
      { ar: { dtype: 'int8', shape: [2], data: Int8Array.of(1, -1) } },
      {},
      [failed, 'ar']
    ],
    ['float labels', 'skimage.morphology.remove_small_objects', { ar: floats }, {}, [parameters, 'ar']],
    [
      'connectivity of none',
      'skimage.measure.label',
      { label_image: image },
      { connectivity: 0 },
      [parameters, 'connectivity']
    ],
    ['NaN labelled', 'skimage.measure.label', { label_image: floats }, {}, [failed, 'image']],
    [
      'a disk as a sequence',
      'skimage.morphology.disk',
      {},
      { radius: 2, decomposition: 'sequence' },
      [parameters, 'decomposition']
    ],
    ['a disk too large', 'skimage.morphology.disk', {}, { radius: 1e9 }, [parameters, 'radius']],
    ['an array too short for its shape', 'numpy.rot90', { m: { ...image, shape: [30, 40] } }, {}, [parameters, 'm']],
    [
      'an array whose data are of another type',
      'numpy.rot90',
      { m: { ...image, dtype: 'uint16' } },
      {},
      [parameters, 'm']
    ],
    ['an array with a negative length', 'numpy.rot90', { m: { ...image, shape: [-3, -4] } }, {}, [parameters, 'm']],
    [
      'an empty image',
      'skimage.filters.sobel',
      { image: { dtype: 'uint8', shape: [0, 3], data: new Uint8Array(0) } },
      {},
      [parameters, 'image']
    ],
    [
      'complex numbers',
      'skimage.filters.sobel',
      { image: { dtype: 'complex64', shape: [1, 2], data: new Float32Array(4) } },
      {},
      [parameters, 'image']
    ]
  ])('%s', (_, id, inputs, given, expected) => {
    expect(failureOf(id, inputs, given)).toEqual(expected)
  })

  it('is an error and never an exception, whatever the parameters', () => {
    const value: fc.Arbitrary<ParameterValue> = fc.letrec<{ value: ParameterValue }>(tie => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constant(null),
        fc.boolean(),
        fc.integer({ min: -3, max: 5 }),
        fc.double(),
        fc.constantFrom('nan', '2.0', 'constant', 'uint8', 'x'),
        fc.array(tie('value'), { maxLength: 3 })
      )
    })).value
    fc.assert(
      fc.property(
        fc.constantFrom(...operations),
        fc.infiniteStream(value),
        fc.infiniteStream(fc.boolean()),
        (operation, values, chosen) => {
          const given: Record<string, ParameterValue> = {}
          for (const { name } of operation.parameters)
            if (chosen.next().value === true) given[name] = values.next().value ?? null
          const inputs = Object.fromEntries(operation.reads.filter(name => !(name in given)).map(name => [name, image]))
          const result = operation.run?.(inputs, given)
          if (result === undefined) throw new Error('no implementation')
          if (isLeft(result)) expect([parameters, failed]).toContain(result.left.code)
          else
            expect(result.right['return']?.data.length).toBe(result.right['return']?.shape.reduce((a, b) => a * b, 1))
        }
      ),
      { numRuns: 1500 }
    )
  })
})
