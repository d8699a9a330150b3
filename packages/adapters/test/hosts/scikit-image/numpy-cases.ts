import type { DType, NdArray, ParameterValue } from '@bims/core'
import { images, main, most, nextSeed, of, shapes, volumes } from './case-images.ts'
import { newImage } from './images.ts'
import type { Call } from './reference-process.ts'

const rotations = of('numpy.rot90', 'm', images([...most, 'int64'], [...shapes, ...volumes]), [
  {},
  { k: 2 },
  { k: -1 },
  { k: 4, axes: [1, 0] },
  { k: 5, axes: [0, -1] }
])

const crops = of('numpy.ndarray.__getitem__', 'self', images([...most, 'int64'], [[5, 6], [17, 23], ...volumes]), [
  {
    key: [
      [1, 4, null],
      [0, 3]
    ]
  },
  { key: [null, [null, null, -1]] },
  { key: [[-3, null, 1]] },
  {
    key: [
      [null, null, 2],
      [4, 0, -2]
    ]
  },
  { key: [1] },
  { key: [-1, [1, 100, null]] },
  { key: [99] },
  { key: [0, 0] }
])

/** NumPy's own result depends on where in the array a float stands that an unsigned type of 32 bits or more cannot hold. */
const isUnforeseeable = (image: NdArray, dtype: string): boolean =>
  (dtype === 'uint32' || dtype === 'uint64') &&
  image.dtype.startsWith('float') &&
  Array.from(image.data, Number).some(value => !(value >= 0))

const casts = [
  ...['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'int64', 'uint64', 'float32', 'float64'].flatMap(
    dtype =>
      of(
        'numpy.ndarray.astype',
        'self',
        images(
          [...most, 'int64'],
          [
            [5, 6],
            [17, 23]
          ]
        ).filter(image => !isUnforeseeable(image, dtype)),
        [{ dtype }]
      )
  )
]

const numbers: readonly ParameterValue[] = [0, 3, 255, 300, -1, 2.5, '2.0', '-0.0', 'inf', 'nan', true, 0.1]
const pairs: readonly DType[] = [...most, 'int64', 'uint64']
const dyadics: readonly Call[] = [
  'add',
  'subtract',
  'multiply',
  'divide',
  'greater',
  'greater_equal',
  'less',
  'less_equal'
].flatMap(word => [
  ...pairs.flatMap(a =>
    pairs.map(b => ({
      id: `numpy.${word}`,
      parameters: {},
      inputs: { x1: newImage(a, [5, 6], 'noise', nextSeed()), x2: newImage(b, [5, 6], 'levels', nextSeed()) }
    }))
  ),
  ...images(pairs, [[5, 6]]).flatMap(image =>
    numbers.flatMap((x): readonly Call[] => [
      { id: `numpy.${word}`, inputs: { x1: image }, parameters: { x2: x } },
      { id: `numpy.${word}`, inputs: { x2: image }, parameters: { x1: x } }
    ])
  ),
  ...main.flatMap(dtype =>
    [
      [
        [4, 5, 6],
        [5, 6]
      ],
      [
        [5, 1],
        [1, 6]
      ],
      [[5, 6], []],
      [
        [1, 6],
        [5, 6]
      ],
      [
        [5, 6],
        [5, 5]
      ],
      [
        [3, 1, 2],
        [4, 1]
      ]
    ].map(([s, t]) => ({
      id: `numpy.${word}`,
      parameters: {},
      inputs: {
        x1: newImage(dtype, s ?? [], 'noise', nextSeed()),
        x2: newImage('uint16', t ?? [], 'levels', nextSeed())
      }
    }))
  )
])

const clips = [
  ...of('numpy.clip', 'a', images(pairs, [[5, 6]]), [
    { a_min: 1, a_max: 3 },
    { a_min: 2 },
    { a_max: 2 },
    { a_min: 5, a_max: 2 },
    { a_min: 0.5, a_max: 2.5 },
    { a_min: '2.0' },
    { a_min: 'nan' },
    { a_min: 1, a_max: 300 },
    { min: 1, max: 2 },
    {},
    { a_min: null, a_max: 2 },
    { a_min: -5, a_max: 7 },
    { a_min: 300, a_max: 400 },
    { a_min: -9, a_max: -5 },
    { a_min: 1, max: 3 },
    { a_min: 1, a_max: null, min: 3 }
  ]),
  ...main.map(dtype => ({
    id: 'numpy.clip',
    parameters: { a_max: 9 },
    inputs: { a: newImage(dtype, [5, 6], 'noise', nextSeed()), a_min: newImage('uint16', [6], 'levels', nextSeed()) }
  }))
]

const names = ['float', 'int', 'single', 'f8', 'u2', 'bool_'].map(dtype => ({
  id: 'numpy.ndarray.astype',
  inputs: { self: newImage('uint8', [5, 6], 'noise', nextSeed()) },
  parameters: { dtype }
}))

/** Calls of NumPy itself. */
export const numpyCalls: readonly Call[] = [...rotations, ...crops, ...casts, ...names, ...dyadics, ...clips]
