/**
 * The TIFF family: classic TIFF, BigTIFF, OME-TIFF, ImageJ TIFF.
 *
 * @module
 */
export { tiff } from './container.ts'
export { writeTiff } from './write/file.ts'
export { writeTiffInto } from './write/write.ts'

export type { ExtraTag, OmeDescription, PlaneInput, TiffImageData, TiffWriteOptions } from './write/image-data.ts'
