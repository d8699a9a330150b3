import type { DType } from '@bims/core'
import { borders, images, main, most, nextSeed, of, shapes, small, volumes, type Parameters } from './case-images.ts'
import { newImage } from './images.ts'
import type { Call } from './reference-process.ts'

const boxes: readonly Parameters[] = [
  {},
  {
    footprint: [
      [1, 1, 1],
      [1, 1, 1],
      [1, 1, 1]
    ]
  },
  {
    footprint: [
      [1, 1],
      [1, 1]
    ]
  },
  {
    footprint: [
      [0, 1, 1],
      [1, 0, 0]
    ]
  },
  { footprint: [[1, 1, 1, 1, 1, 1, 1]] },
  { footprint: [[1], [1], [1], [1]] },
  {
    footprint: [
      [1, 1, 1, 1, 1],
      [0, 1, 1, 1, 0],
      [1, 1, 0, 1, 1],
      [1, 0, 0, 0, 1],
      [0, 1, 1, 1, 1]
    ]
  }
]
const grayModes = [...borders, 'max', 'min', 'ignore']
const morphologies = ['erosion', 'dilation', 'opening', 'closing'].flatMap(word => [
  ...of(`skimage.morphology.${word}`, 'image', images(most), [{}]),
  ...of(`skimage.morphology.${word}`, 'image', images([...main, 'bool'], small), boxes),
  ...of(`skimage.morphology.${word}`, 'image', images([...main, 'bool'], [[5, 6]]), [
    ...grayModes.map(mode => ({ mode })),
    ...grayModes.map(mode => ({
      mode,
      footprint: [
        [1, 1],
        [0, 1],
        [1, 1]
      ]
    })),
    ...grayModes.map(mode => ({
      mode,
      footprint: [
        [1, 1, 1],
        [1, 1, 1]
      ]
    })),
    { mode: 'constant', cval: 1 }
  ]),
  ...of(`skimage.morphology.${word}`, 'image', images(main, [...volumes, [9]]), [{}]),
  ...images(main, [[19, 22]]).map(image => ({
    id: `skimage.morphology.${word}`,
    parameters: {},
    inputs: { image, footprint: newImage('uint8', [5, 4], 'levels', nextSeed()) }
  }))
])

const footprints: readonly Call[] = [
  ...[0, 1, 2, 3, 2.5, 7].map(radius => ({ id: 'skimage.morphology.disk', inputs: {}, parameters: { radius } })),
  { id: 'skimage.morphology.disk', inputs: {}, parameters: { radius: 4, strict_radius: false, dtype: 'bool' } },
  ...[[3, 3], [1, 4], [2, 3, 5], [1, 1], [7, 2], [4]].map(shape => ({
    id: 'skimage.morphology.footprint_rectangle',
    inputs: {},
    parameters: { shape }
  })),
  { id: 'skimage.morphology.footprint_rectangle', inputs: {}, parameters: { shape: [2, 2], dtype: 'float32' } }
]

const objects = [
  ...of('skimage.morphology.remove_small_objects', 'ar', images(['bool'], [...shapes, ...volumes]), [
    {},
    { max_size: 3 },
    { max_size: 0 },
    { connectivity: 2, max_size: 5 },
    { min_size: 4 },
    { min_size: 0 },
    { min_size: 3, max_size: 9 }
  ]),
  ...of(
    'skimage.morphology.remove_small_objects',
    'ar',
    ['uint8', 'uint16', 'int32', 'int64'].flatMap(dtype =>
      shapes.map(shape => newImage(dtype as DType, shape, 'levels', nextSeed()))
    ),
    [{}, { max_size: 6 }, { min_size: 6 }]
  ),
  ...of('skimage.morphology.remove_small_objects', 'ar', images(['int16', 'float32'], [[5, 6]]), [{}])
]

const labels = of(
  'skimage.measure.label',
  'label_image',
  [
    ...images(['bool', 'uint8', 'uint16', 'int32', 'int64', 'float32'], [...shapes, [3, 7, 8], [4, 1, 5]]).filter(
      image => !Array.from(image.data, Number).some(Number.isNaN)
    ),
    newImage('bool', [40, 50], 'levels', 5),
    newImage('uint8', [40, 50], 'levels', 6)
  ],
  [
    {},
    { connectivity: 1 },
    { connectivity: 2 },
    { background: 1 },
    { background: 0, connectivity: 1 },
    { connectivity: 3 },
    { background: -1 }
  ]
)

/** Calls of morphology and labelling. */
export const morphologyCalls: readonly Call[] = [...morphologies, ...footprints, ...objects, ...labels]
