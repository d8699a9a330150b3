import type { Operation } from '@bims/core'
import { equalizeHist } from './exposure/equalize-hist.ts'
import { rescaleIntensity } from './exposure/rescale-intensity.ts'
import { gaussian } from './filters/gaussian.ts'
import { median } from './filters/median.ts'
import { sobel } from './filters/sobel.ts'
import { thresholdOtsu } from './filters/threshold-otsu.ts'
import { label } from './measure/label.ts'
import { disk, footprintRectangle } from './morphology/footprints.ts'
import { closing, dilation, erosion, opening } from './morphology/gray.ts'
import { removeSmallObjects } from './morphology/remove-small-objects.ts'
import { add, divide, multiply, subtract } from './numpy/arithmetic.ts'
import { asType } from './numpy/astype.ts'
import { clip } from './numpy/clip.ts'
import { greater, greaterEqual, less, lessEqual } from './numpy/comparison.ts'
import { getItem } from './numpy/get-item.ts'
import { rot90 } from './numpy/rot90.ts'
import { rescale } from './transform/rescale.ts'
import { imgAsFloat, imgAsUbyte, invert } from './util/conversions.ts'

/** The vocabulary: all operations of scikit-image and NumPy that are known here, each with its implementation. */
export const operations: readonly Operation[] = [
  gaussian,
  median,
  sobel,
  thresholdOtsu,
  erosion,
  dilation,
  opening,
  closing,
  removeSmallObjects,
  disk,
  footprintRectangle,
  rescaleIntensity,
  equalizeHist,
  rescale,
  label,
  imgAsFloat,
  imgAsUbyte,
  invert,
  add,
  subtract,
  multiply,
  divide,
  greater,
  greaterEqual,
  less,
  lessEqual,
  clip,
  rot90,
  getItem,
  asType
]

const byId: ReadonlyMap<string, Operation> = new Map(operations.map(operation => [operation.id, operation]))

/** The operation of an id such as `skimage.filters.gaussian`; undefined if it is not known. */
export const findOperation = (id: string): Operation | undefined => byId.get(id)
