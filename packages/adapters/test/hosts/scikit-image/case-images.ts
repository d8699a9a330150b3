import type { DType, NdArray, ParameterValue } from '@bims/core'
import { newImage, type Pattern } from './images.ts'
import type { Call } from './reference-process.ts'

/** Parameters of a call. */
export type Parameters = Readonly<Record<string, ParameterValue>>

/** Sizes of images: single pixels, lines, odd and even ones. */
export const shapes: readonly (readonly number[])[] = [
  [1, 1],
  [1, 2],
  [1, 9],
  [8, 1],
  [2, 2],
  [5, 6],
  [17, 23],
  [64, 40]
]
/** Types that matter most. */
export const main: readonly DType[] = ['uint8', 'uint16', 'float32']
/** Types that most operations take. */
export const most: readonly DType[] = [...main, 'bool', 'float64', 'int32', 'int16', 'int8', 'uint32']

const patternsOf = (dtype: DType): readonly Pattern[] =>
  dtype.startsWith('float') ? ['noise', 'levels', 'constant', 'nan'] : ['noise', 'levels', 'constant']

let seed = 1

/** A seed that no other image has. */
export const nextSeed = (): number => seed++
/** Images of each type, pattern and size. */
export const images = (dtypes: readonly DType[], sizes = shapes): readonly NdArray[] =>
  dtypes.flatMap(dtype =>
    patternsOf(dtype).flatMap(pattern => sizes.map(shape => newImage(dtype, shape, pattern, seed++)))
  )

/** Calls of an operation with each image and each set of parameters. */
export const of = (
  id: string,
  argument: string,
  pictures: readonly NdArray[],
  variants: readonly Parameters[]
): readonly Call[] =>
  pictures.flatMap(image => variants.map(parameters => ({ id, inputs: { [argument]: image }, parameters })))

/** A few sizes, where there are many parameters. */
export const small: readonly (readonly number[])[] = [
  [1, 6],
  [7, 1],
  [5, 6],
  [19, 22]
]
/** Sizes with three axes. */
export const volumes: readonly (readonly number[])[] = [
  [3, 7, 8],
  [4, 1, 5],
  [2, 5, 3]
]
/** Borders as SciPy names them. */
export const borders = ['reflect', 'constant', 'nearest', 'mirror', 'wrap']
