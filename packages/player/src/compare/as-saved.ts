import type { NdArray } from '@bims/core'

/**
 * The array as it stands in a saved file: bool becomes uint8 with 0 and 255, as skimage.io.imsave writes it.
 * All other types are saved as they are.
 */
export const asSaved = (array: NdArray): NdArray =>
  array.dtype === 'bool' ? { shape: array.shape, dtype: 'uint8', data: Uint8Array.from(array.data as Uint8Array, bit => (bit === 0 ? 0 : 255)) } : array
