import type { Elements, NdArray } from '@bims/core'

const bytesOf = ({ buffer, byteLength, byteOffset }: Elements): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength)

/**
 * The array as it stands in a saved file: bool becomes uint8 with 0 and 255, as skimage.io.imsave writes it.
 * All other types are saved as they are.
 */
export const asSaved = (array: NdArray): NdArray =>
  array.dtype === 'bool'
    ? { shape: array.shape, dtype: 'uint8', data: bytesOf(array.data).map(bit => (bit === 0 ? 0 : 255)) }
    : array
