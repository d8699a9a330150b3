import type { DType, NdArray, ParameterValue } from '@bims/core'
import { newElements } from '../../../src/hosts/scikit-image/array/elements.ts'
import { newImage, type Pattern } from './images.ts'
import type { Call } from './reference-process.ts'

/** An array as JSON: 64-bit integers, NaN and infinities as text. */
export interface PlainArray {
  readonly dtype: DType
  readonly shape: readonly number[]
  readonly values: readonly (number | string)[]
}

/** A call and what the library gives for it, as JSON. */
export interface Golden {
  readonly id: string
  readonly inputs: Readonly<Record<string, PlainArray>>
  readonly parameters: Readonly<Record<string, ParameterValue>>
  readonly result: PlainArray
}

/** An array as JSON. */
export const toPlain = ({ dtype, shape, data }: NdArray): PlainArray => ({
  dtype,
  shape,
  values: Array.from(data, (value: number | bigint) =>
    typeof value === 'number' && Number.isFinite(value) ? value : String(value)
  )
})

/** An array out of JSON. */
export const fromPlain = ({ dtype, shape, values }: PlainArray): NdArray => {
  const data = newElements(dtype, values.length)
  values.forEach((value, i) => {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(value)
    else data[i] = Number(value)
  })
  return { dtype, shape, data }
}

const image = (dtype: DType, pattern: Pattern = 'noise', shape: readonly number[] = [4, 5]): NdArray =>
  newImage(dtype, shape, pattern, 7)
const types: readonly DType[] = ['uint8', 'uint16', 'float32']
const each = (
  id: string,
  argument: string,
  parameters: Call['parameters'] = {},
  pattern: Pattern = 'noise'
): readonly Call[] => types.map(dtype => ({ id, inputs: { [argument]: image(dtype, pattern) }, parameters }))

/** The calls whose results are frozen in golden.json. */
export const goldenCalls: readonly Call[] = [
  ...each('skimage.filters.gaussian', 'image', { sigma: 1.5 }),
  ...each('skimage.filters.gaussian', 'image', { sigma: [0, 2], mode: 'reflect', preserve_range: true }),
  ...each('skimage.filters.median', 'image'),
  ...each('skimage.filters.median', 'image', {
    footprint: [
      [0, 1, 0],
      [1, 1, 1],
      [0, 1, 0]
    ]
  }),
  { id: 'skimage.filters.median', inputs: { image: image('float32', 'nan', [6, 7]) }, parameters: {} },
  ...each('skimage.filters.sobel', 'image'),
  ...each('skimage.filters.sobel', 'image', { axis: 0 }),
  ...each('skimage.filters.threshold_otsu', 'image'),
  ...each('skimage.filters.threshold_otsu', 'image', {}, 'constant'),
  ...['erosion', 'dilation', 'opening', 'closing'].flatMap(word => [
    ...each(`skimage.morphology.${word}`, 'image'),
    ...each(`skimage.morphology.${word}`, 'image', {
      footprint: [
        [1, 1],
        [0, 1]
      ],
      mode: 'ignore'
    }),
    { id: `skimage.morphology.${word}`, inputs: { image: image('float32', 'nan', [6, 7]) }, parameters: {} }
  ]),
  { id: 'skimage.morphology.disk', inputs: {}, parameters: { radius: 2 } },
  { id: 'skimage.morphology.footprint_rectangle', inputs: {}, parameters: { shape: [2, 3] } },
  {
    id: 'skimage.morphology.remove_small_objects',
    inputs: { ar: image('bool', 'levels', [6, 7]) },
    parameters: { max_size: 4 }
  },
  {
    id: 'skimage.morphology.remove_small_objects',
    inputs: { ar: image('uint8', 'levels') },
    parameters: { min_size: 5 }
  },
  ...each('skimage.exposure.rescale_intensity', 'image'),
  ...each('skimage.exposure.rescale_intensity', 'image', { in_range: [10, 200], out_range: 'uint8' }),
  ...each('skimage.exposure.equalize_hist', 'image'),
  ...[0, 1, 3].flatMap(order => [
    ...each('skimage.transform.rescale', 'image', { scale: 0.5, order }),
    ...each('skimage.transform.rescale', 'image', { scale: 1.4, order })
  ]),
  {
    id: 'skimage.measure.label',
    inputs: { label_image: image('bool', 'levels', [6, 7]) },
    parameters: { connectivity: 1 }
  },
  { id: 'skimage.measure.label', inputs: { label_image: image('uint8', 'levels', [6, 7]) }, parameters: {} },
  ...each('skimage.util.img_as_float', 'image'),
  ...each('skimage.util.img_as_ubyte', 'image', {}, 'unit'),
  ...each('skimage.util.invert', 'image'),
  ...['add', 'subtract', 'multiply', 'divide', 'greater', 'greater_equal', 'less', 'less_equal'].flatMap(word => [
    ...types.map(dtype => ({
      id: `numpy.${word}`,
      inputs: { x1: image(dtype), x2: image('uint16', 'levels') },
      parameters: {}
    })),
    ...types.flatMap(dtype =>
      [3, '3.0'].map(x2 => ({ id: `numpy.${word}`, inputs: { x1: image(dtype) }, parameters: { x2 } }))
    )
  ]),
  ...each('numpy.clip', 'a', { a_min: 20, a_max: 90 }),
  ...each('numpy.rot90', 'm', { k: 3 }),
  ...each('numpy.ndarray.__getitem__', 'self', {
    key: [
      [1, 3, null],
      [null, null, -2]
    ]
  }),
  ...['uint8', 'int16', 'float64', 'bool'].flatMap(dtype => each('numpy.ndarray.astype', 'self', { dtype }))
]
