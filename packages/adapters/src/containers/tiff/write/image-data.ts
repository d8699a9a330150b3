import { bytesPerElement } from '@bims/core'
import type { DType, Elements, Quantity } from '@bims/core'
import { fail } from '../../../sources/attempt.ts'
import { product } from '../series/draft.ts'
import { mostDirectories } from '../structure/tags.ts'

/** One plane to be written: the next in order, or any at its index (as a camera delivers them). */
export type PlaneInput =
  | Elements
  | {
      /** Index among the pages, in the order of the axes, first slowest. */
      readonly index: number
      readonly pixels: Elements
    }

/** An image to be written, its planes streamed. */
export interface TiffImageData {
  /** Axes in digest order, e.g. t, c, z, y, x; axes of length 1 may be given or left out. */
  readonly axes: readonly string[]
  readonly shape: readonly number[]
  readonly dtype: DType
  /**
   * Samples that stand next to each other in each pixel of a plane (3 for RGB), default 1. They are part of axis c,
   * whose length counts them: RGB alone is axes c, y, x with shape 3, …
   */
  readonly samples?: number
  /** Each plane has y × x × samples elements, row-major. Exactly as many as there are pages, each once. */
  readonly planes: Iterable<PlaneInput> | AsyncIterable<PlaneInput>
}

/** A tag of one's own, written into the first directory. */
export interface ExtraTag {
  readonly tag: number
  /** TIFF field type: 1 BYTE, 2 ASCII (the closing NUL is added), 7 UNDEFINED. */
  readonly type: 1 | 2 | 7
  readonly bytes: Uint8Array
}

/** What OME-XML says about an image besides its axes. */
export interface OmeDescription {
  readonly name?: string
  /** Lengths of a pixel; unit in UCUM (nm, um, mm, …). */
  readonly pixelSize?: { readonly x?: Quantity; readonly y?: Quantity; readonly z?: Quantity }
  /** One for each channel. */
  readonly channels?: readonly {
    readonly name?: string
    readonly excitation?: Quantity
    readonly emission?: Quantity
  }[]
  /** RFC 3339. */
  readonly acquiredAt?: string
}

/** How a TIFF is written. */
export interface TiffWriteOptions {
  /** Writes OME-TIFF, which names the axes t, c, z; without it pages have no meaning beyond their order. */
  readonly ome?: OmeDescription
  /** ImageDescription of a plain TIFF. */
  readonly description?: string
  readonly software?: string
  readonly tags?: readonly ExtraTag[]
  /** Forces BigTIFF; otherwise it is chosen when offsets, with room for a bundle, demand it. */
  readonly bigTiff?: boolean
  readonly signal?: AbortSignal
}

/** The checked form of an image: pages, and lengths by axis. */
export interface TiffForm {
  readonly width: number
  readonly height: number
  readonly samples: number
  /** Element type in the file; bool becomes uint8 (0 and 1), which every reader knows. */
  readonly dtype: DType
  readonly pages: number
  readonly size: Readonly<Record<'t' | 'c' | 'z', number>>
  readonly pageBytes: number
}

const refuse = (what: string): never => fail('digest-shape', what, 'Give axes, shape and planes that agree.')

const lengthOf = (image: TiffImageData, axis: string): number => image.shape[image.axes.indexOf(axis)] ?? 1

const checkAxes = ({ axes, shape }: TiffImageData): void => {
  const valid = shape.every(length => Number.isSafeInteger(length) && length >= 1) && shape.length === axes.length
  if (!valid || axes.at(-2) !== 'y' || axes.at(-1) !== 'x' || new Set(axes).size !== axes.length) {
    refuse(`Axes ${axes.join()} with shape ${shape.join()} are no image.`)
  }
}

/** Refuses axes that the file could not name, since it would be read back with other ones. */
const checkNames = (image: TiffImageData, ome: boolean, samples: number): void => {
  const long = image.axes.slice(0, -2).filter(axis => lengthOf(image, axis) !== 1)
  const order = ['t', 'c', 'z'].filter(axis => long.includes(axis))
  const named = ome
    ? long.join() === order.join()
    : long.every(axis => axis === 'plane' || (axis === 'c' && lengthOf(image, 'c') === samples && samples > 1))
  if (!named) {
    fail(
      'tiff-unsupported',
      `Axes ${image.axes.join()} cannot be written ${ome ? 'as OME-TIFF' : 'into a plain TIFF'}.`,
      'Use axes t, c, z, y, x in this order as OME-TIFF, or plane, y, x.'
    )
  }
}

const checkSizes = ({ height, pages, samples, width }: TiffForm, channels: number): void => {
  if (!Number.isSafeInteger(samples) || samples < 1 || samples > 65_535 || channels % samples !== 0) {
    refuse(`${samples} samples do not divide ${channels} channels.`)
  }
  if (width > 0xffffffff || height > 0xffffffff) refuse(`A TIFF cannot have ${width} × ${height} pixels.`)
  if (!Number.isSafeInteger(pages) || pages > mostDirectories) refuse(`${pages} pages are too many.`)
}

/** Checks an image before anything is written. Throws `digest-shape`, `tiff-unsupported`. */
export const formOf = (image: TiffImageData, ome: boolean): TiffForm => {
  checkAxes(image)
  const samples = image.samples ?? 1
  const [c, height, width] = [lengthOf(image, 'c'), lengthOf(image, 'y'), lengthOf(image, 'x')]
  const dtype = image.dtype === 'bool' ? 'uint8' : image.dtype
  const form: TiffForm = {
    width,
    height,
    samples,
    dtype,
    pages: product(image.shape.slice(0, -2)) / samples,
    size: { t: lengthOf(image, 't'), c, z: lengthOf(image, 'z') },
    pageBytes: width * height * samples * bytesPerElement[dtype]
  }
  checkSizes(form, c)
  checkNames(image, ome, samples)
  return form
}
