import type { DType, NdArray, ParameterValue } from '@bims/core'
import { newImage, type Pattern } from './images.ts'
import type { Call } from './reference-process.ts'

type Parameters = Readonly<Record<string, ParameterValue>>

const shapes: readonly (readonly number[])[] = [[1, 1], [1, 2], [1, 9], [8, 1], [2, 2], [5, 6], [17, 23], [64, 40]]
const main: readonly DType[] = ['uint8', 'uint16', 'float32']
const most: readonly DType[] = [...main, 'bool', 'float64', 'int32', 'int16', 'int8', 'uint32']

const patternsOf = (dtype: DType): readonly Pattern[] =>
  dtype.startsWith('float') ? ['noise', 'levels', 'constant', 'nan'] : ['noise', 'levels', 'constant']

let seed = 1
const images = (dtypes: readonly DType[], sizes = shapes): readonly NdArray[] =>
  dtypes.flatMap(dtype => patternsOf(dtype).flatMap(pattern => sizes.map(shape => newImage(dtype, shape, pattern, seed++))))

const of = (id: string, argument: string, pictures: readonly NdArray[], variants: readonly Parameters[]): readonly Call[] =>
  pictures.flatMap(image => variants.map(parameters => ({ id, inputs: { [argument]: image }, parameters })))

const small: readonly (readonly number[])[] = [[1, 6], [7, 1], [5, 6], [19, 22]]
const volumes: readonly (readonly number[])[] = [[3, 7, 8], [4, 1, 5], [2, 5, 3]]
const borders = ['reflect', 'constant', 'nearest', 'mirror', 'wrap']

const gaussians = [
  ...of('skimage.filters.gaussian', 'image', images(most), [{}, { sigma: 2.5 }]),
  ...of('skimage.filters.gaussian', 'image', images(main, small), [
    { sigma: 0 }, { sigma: [0, 1.3] }, { sigma: [2, 0.7], truncate: 2.5 }, { preserve_range: true },
    ...borders.map(mode => ({ mode, sigma: 1.7 })), { mode: 'constant', cval: 3, sigma: 4 }
  ]),
  ...of('skimage.filters.gaussian', 'image', images(main, volumes), [{}, { channel_axis: -1, sigma: 1.2 }, { channel_axis: 0, sigma: [1, 2] }]),
  ...of('skimage.filters.gaussian', 'image', images(['uint8', 'float32'], [[9, 40, 3], [6]]), [{ sigma: 1.5 }])
]

const medians = [
  ...of('skimage.filters.median', 'image', images(most), [{}]),
  ...of('skimage.filters.median', 'image', images(most, small), [
    { footprint: [[0, 1, 0], [1, 1, 1], [0, 1, 0]] }, { footprint: [[1, 1], [1, 1]] }, { footprint: [[1]] }, { footprint: [[1, 1]] },
    { footprint: [[1, 0, 1], [0, 0, 0], [1, 1, 0], [1, 1, 1]] }
  ]),
  ...of('skimage.filters.median', 'image', images(main, [[5, 6], [31, 37]]), [
    { footprint: Array.from({ length: 11 }, () => new Array<number>(11).fill(1)) },
    ...borders.map(mode => ({ mode, footprint: Array.from({ length: 5 }, () => new Array<number>(7).fill(1)) })),
    ...borders.map(mode => ({ mode })), { mode: 'constant', cval: 7 }
  ]),
  ...of('skimage.filters.median', 'image', images(main, volumes), [{}, { mode: 'wrap' }])
]

const sobels = [
  ...of('skimage.filters.sobel', 'image', images(most), [{}]),
  ...of('skimage.filters.sobel', 'image', images(main, small), [
    { axis: 0 }, { axis: 1 }, { axis: [0] }, { axis: [1, 0] }, ...borders.map(mode => ({ mode })), { mode: 'constant', cval: 2.5 }
  ]),
  ...of('skimage.filters.sobel', 'image', images(main, [...volumes, [7]]), [{}]),
  ...images(main, small).map(image => ({
    id: 'skimage.filters.sobel', inputs: { image, mask: newImage('bool', image.shape, 'levels', seed++) }, parameters: {}
  }))
]

const otsus = of('skimage.filters.threshold_otsu', 'image', images([...main, 'float64', 'int16', 'int8'], [...shapes, [3, 5, 9]]), [{}, { nbins: 7 }])

const boxes: readonly Parameters[] = [
  {}, { footprint: [[1, 1, 1], [1, 1, 1], [1, 1, 1]] }, { footprint: [[1, 1], [1, 1]] }, { footprint: [[0, 1, 1], [1, 0, 0]] },
  { footprint: [[1, 1, 1, 1, 1, 1, 1]] }, { footprint: [[1], [1], [1], [1]] },
  { footprint: [[1, 1, 1, 1, 1], [0, 1, 1, 1, 0], [1, 1, 0, 1, 1], [1, 0, 0, 0, 1], [0, 1, 1, 1, 1]] }
]
const grayModes = [...borders, 'max', 'min', 'ignore']
const morphologies = ['erosion', 'dilation', 'opening', 'closing'].flatMap(word => [
  ...of(`skimage.morphology.${word}`, 'image', images(most), [{}]),
  ...of(`skimage.morphology.${word}`, 'image', images([...main, 'bool'], small), boxes),
  ...of(`skimage.morphology.${word}`, 'image', images([...main, 'bool'], [[5, 6]]), [
    ...grayModes.map(mode => ({ mode })), ...grayModes.map(mode => ({ mode, footprint: [[1, 1], [0, 1], [1, 1]] })),
    ...grayModes.map(mode => ({ mode, footprint: [[1, 1, 1], [1, 1, 1]] })), { mode: 'constant', cval: 1 }
  ]),
  ...of(`skimage.morphology.${word}`, 'image', images(main, [...volumes, [9]]), [{}]),
  ...images(main, [[19, 22]]).map(image => ({
    id: `skimage.morphology.${word}`, parameters: {},
    inputs: { image, footprint: newImage('uint8', [5, 4], 'levels', seed++) }
  }))
])

const footprints: readonly Call[] = [
  ...[0, 1, 2, 3, 2.5, 7].map(radius => ({ id: 'skimage.morphology.disk', inputs: {}, parameters: { radius } })),
  { id: 'skimage.morphology.disk', inputs: {}, parameters: { radius: 4, strict_radius: false, dtype: 'bool' } },
  ...[[3, 3], [1, 4], [2, 3, 5]].map(shape => ({ id: 'skimage.morphology.footprint_rectangle', inputs: {}, parameters: { shape } })),
  { id: 'skimage.morphology.footprint_rectangle', inputs: {}, parameters: { shape: [2, 2], dtype: 'float32' } }
]

const objects = [
  ...of('skimage.morphology.remove_small_objects', 'ar', images(['bool'], [...shapes, ...volumes]), [
    {}, { max_size: 3 }, { max_size: 0 }, { connectivity: 2, max_size: 5 }, { min_size: 4 }, { min_size: 0 }, { min_size: 3, max_size: 9 }
  ]),
  ...of('skimage.morphology.remove_small_objects', 'ar', ['uint8', 'uint16', 'int32', 'int64'].flatMap(dtype =>
    shapes.map(shape => newImage(dtype as DType, shape, 'levels', seed++))), [{}, { max_size: 6 }, { min_size: 6 }]),
  ...of('skimage.morphology.remove_small_objects', 'ar', images(['int16', 'float32'], [[5, 6]]), [{}])
]

const intensities = [
  ...of('skimage.exposure.rescale_intensity', 'image', images(most), [{}]),
  ...of('skimage.exposure.rescale_intensity', 'image', images(most, [[5, 6]]), [
    { in_range: [10, 200] }, { in_range: [0, 1.5], out_range: [0, 255] }, { out_range: 'uint8' }, { out_range: 'image' },
    { in_range: 'dtype' }, { in_range: 'uint8', out_range: 'uint16' }, { in_range: 'uint10', out_range: 'uint12' },
    { in_range: [5, 5] }, { out_range: 'float32' }, { out_range: [-1, 1] }, { in_range: 'float', out_range: 'float' }, { out_range: 'int16' }
  ])
]

const equalizations = [
  ...of('skimage.exposure.equalize_hist', 'image', images([...main, 'float64', 'int16'], [...shapes, [3, 5, 9]]), [{}, { nbins: 5 }]),
  ...images([...main, 'float64'], [[5, 6], [17, 23]]).map(image => ({
    id: 'skimage.exposure.equalize_hist', parameters: {}, inputs: { image, mask: newImage('bool', image.shape, 'levels', seed++) }
  }))
]

const padModes = ['reflect', 'constant', 'edge', 'symmetric', 'wrap']
const rescalings = [
  ...of('skimage.transform.rescale', 'image', images(most), [{ scale: 0.5 }, { scale: 1.7 }]),
  ...of('skimage.transform.rescale', 'image', images(['bool'], shapes), [{ scale: 0.5 }, { scale: 2, order: 0 }, { scale: 0.5, anti_aliasing: true }, { scale: 2, order: 1 }]),
  ...of('skimage.transform.rescale', 'image', images(main, [...small, [2, 2]]), [
    ...[0, 1, 2, 3, 4, 5].flatMap(order => [{ scale: 0.5, order }, { scale: 2.3, order }, { scale: [0.7, 1.9], order }]),
    ...[0, 1, 3].flatMap(order => padModes.flatMap(mode => [{ scale: 0.6, order, mode }, { scale: 1.9, order, mode }])),
    ...[1, 3].map(order => ({ scale: 1.9, order, mode: 'constant', cval: -5 })),
    { scale: 1 }, { scale: 2.1, order: 3, clip: false }, { scale: 0.5, preserve_range: true }, { scale: 0.4, anti_aliasing: false },
    { scale: 0.4, anti_aliasing: true, order: 0 }, { scale: 0.4, anti_aliasing_sigma: 2 }, { scale: 0.01 }
  ]),
  ...of('skimage.transform.rescale', 'image', images(main, volumes), [
    { scale: 0.5 }, { scale: 1.6, channel_axis: -1 }, { scale: [0.5, 2], channel_axis: 0, order: 3 }, { scale: [2, 1.3, 0.8] }
  ])
]

const rotations = of('numpy.rot90', 'm', images([...most, 'int64'], [...shapes, ...volumes]), [
  {}, { k: 2 }, { k: -1 }, { k: 4, axes: [1, 0] }, { k: 5, axes: [0, -1] }
])

const crops = of('numpy.ndarray.__getitem__', 'self', images([...most, 'int64'], [[5, 6], [17, 23], ...volumes]), [
  { key: [[1, 4, null], [0, 3]] }, { key: [null, [null, null, -1]] }, { key: [[-3, null, 1]] }, { key: [[null, null, 2], [4, 0, -2]] },
  { key: [1] }, { key: [-1, [1, 100, null]] }, { key: [99] }, { key: [0, 0] }
])

const casts = [
  ...['bool', 'uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'int64', 'uint64', 'float32', 'float64'].flatMap(dtype =>
    of('numpy.ndarray.astype', 'self', images([...most, 'int64'], [[5, 6], [17, 23]]).filter(i => dtype !== 'uint64' || !i.dtype.startsWith('float')), [{ dtype }])),
]

const numbers: readonly ParameterValue[] = [0, 3, 255, 300, -1, 2.5, '2.0', '-0.0', 'inf', 'nan', true, 0.1]
const pairs: readonly DType[] = [...most, 'int64', 'uint64']
const dyadics = ['add', 'subtract', 'multiply', 'divide', 'greater', 'greater_equal', 'less', 'less_equal'].flatMap(word => [
  ...pairs.flatMap(a => pairs.map(b => ({
    id: `numpy.${word}`, parameters: {},
    inputs: { x1: newImage(a, [5, 6], 'noise', seed++), x2: newImage(b, [5, 6], 'levels', seed++) }
  }))),
  ...images(pairs, [[5, 6]]).flatMap(image => numbers.flatMap(x => [
    { id: `numpy.${word}`, inputs: { x1: image }, parameters: { x2: x } }, { id: `numpy.${word}`, inputs: { x2: image }, parameters: { x1: x } }
  ])),
  ...main.flatMap(dtype => [[[4, 5, 6], [5, 6]], [[5, 1], [1, 6]], [[5, 6], []], [[1, 6], [5, 6]], [[5, 6], [5, 5]], [[3, 1, 2], [4, 1]]].map(([s, t]) => ({
    id: `numpy.${word}`, parameters: {},
    inputs: { x1: newImage(dtype, s ?? [], 'noise', seed++), x2: newImage('uint16', t ?? [], 'levels', seed++) }
  })))
])

const clips = [
  ...of('numpy.clip', 'a', images(pairs, [[5, 6]]), [
    { a_min: 1, a_max: 3 }, { a_min: 2 }, { a_max: 2 }, { a_min: 5, a_max: 2 }, { a_min: 0.5, a_max: 2.5 }, { a_min: '2.0' }, { a_min: 'nan' },
    { a_min: 1, a_max: 300 }, { min: 1, max: 2 }, {}, { a_min: null, a_max: 2 }, { a_min: -5, a_max: 7 }
  ]),
  ...main.map(dtype => ({
    id: 'numpy.clip', parameters: { a_max: 9 },
    inputs: { a: newImage(dtype, [5, 6], 'noise', seed++), a_min: newImage('uint16', [6], 'levels', seed++) }
  }))
]

const labels = of('skimage.measure.label', 'label_image', [
  ...images(['bool', 'uint8', 'uint16', 'int32', 'int64', 'float32'], [...shapes, [3, 7, 8], [4, 1, 5]]).filter(image => !Array.from(image.data, Number).some(Number.isNaN)),
  newImage('bool', [40, 50], 'levels', 5), newImage('uint8', [40, 50], 'levels', 6)
], [{}, { connectivity: 1 }, { connectivity: 2 }, { background: 1 }, { background: 0, connectivity: 1 }, { connectivity: 3 }, { background: -1 }])

const conversions = [
  ...of('skimage.util.img_as_float', 'image', images(most), [{}]),
  ...of('skimage.util.img_as_ubyte', 'image', [...images(most), ...images(['float32', 'float64'], [[5, 6]]).map(image => newImage(image.dtype, [16, 17], 'unit', seed++))], [{}]),
  ...of('skimage.util.invert', 'image', images(most), [{}, { signed_float: true }])
]

/** All calls that are compared with the library. */
export const calls: readonly Call[] = [
  ...gaussians, ...medians, ...sobels, ...otsus, ...morphologies, ...footprints, ...objects, ...intensities, ...equalizations,
  ...rescalings, ...rotations, ...crops, ...casts, ...dyadics, ...clips, ...labels, ...conversions
]
