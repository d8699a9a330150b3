export { tiff } from './container.ts'
export { writeTiffInto } from './write/write.ts'

export type { ExtraTag, OmeDescription, PlaneInput, TiffImageData, TiffWriteOptions } from './write/image-data.ts'
