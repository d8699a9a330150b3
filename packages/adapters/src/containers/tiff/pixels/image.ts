import type { ContainerImage } from '@bims/core'
import { bytesPerElement } from '@bims/core'
import type { Layout } from '../structure/layout.ts'
import type { Page } from '../structure/page.ts'

/** Where the pixels of one page come from. */
export interface PlaneSource {
  readonly layout: Layout
  /** The page's directory; without one the samples stand uncompressed from `data` on (ImageJ's big stacks). */
  readonly page?: Page
  readonly data?: number
  /** Index, in digest order, of the plane of the page's first sample. */
  readonly plane: number
}

/** One image of a file, and where each of its planes stands. */
export interface TiffImage extends ContainerImage {
  /** Layout of its pages; pages may differ in strips and compression, not in size and type. */
  readonly layout: Layout
  /** Pages in file order. Planes that no page gives are zero. */
  readonly sources: readonly PlaneSource[]
  /** Number of planes: the product of all lengths but those of y and x. */
  readonly planes: number
  /** Planes from one sample of a page to its next. */
  readonly sampleStride: number
}

/** Bytes of one row of one plane. */
export const planeRow = (image: TiffImage): number => image.layout.width * bytesPerElement[image.dtype]

/** Bytes of all pixels. */
export const pixelBytes = (image: TiffImage): number => image.planes * image.layout.height * planeRow(image)
