import { digestAxes } from '@bims/core'
import type { ImageRole, NotCovered } from '@bims/core'
import type { Layout } from '../structure/layout.ts'
import type { Page, Pages } from '../structure/page.ts'
import type { TiffReader } from '../structure/reader.ts'
import type { TiffImage } from '../pixels/image.ts'

/** An axis over pages. */
export interface Dimension {
  /** Name as in a pixel digest: position, t, c, z, plane or any other; no two of a draft have the same. */
  readonly name: string
  readonly length: number
}

/** A page, or uncompressed data without a directory of their own, and its place on the axes over pages. */
export interface Placed {
  readonly page?: Page
  readonly data?: number
  /** Indices along the dimensions of the draft, in their order. */
  readonly at: readonly number[]
}

/** A series before it is numbered and its axes are put in digest order. */
export interface Draft {
  readonly role: 'data' | 'level' | 'label' | 'thumbnail' | 'mask'
  readonly layout: Layout
  readonly dimensions: readonly Dimension[]
  readonly placed: readonly Placed[]
  readonly levels?: readonly Draft[]
}

/** What a way of reading a file's pages found. */
export interface Series {
  readonly drafts: readonly Draft[]
  readonly notCovered?: readonly NotCovered[]
}

/** What there is to find series in. */
export interface SeriesInput {
  readonly reader: TiffReader
  readonly pages: Pages
  /** Texts of the first directory's ImageDescription tags (270), in order. */
  readonly descriptions: readonly string[]
}

/** Most planes of one image; more are no image but a forged count. */
export const mostPlanes = 4 * 1024 * 1024

/** The product of lengths. */
export const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1)

/** Indices of the n-th element of an array of these lengths, last axis fastest. */
export const indicesOf = (n: number, lengths: readonly number[]): readonly number[] => {
  const indices = new Array<number>(lengths.length)
  for (let axis = lengths.length - 1, rest = n; axis >= 0; axis--) {
    const length = lengths[axis] ?? 1
    indices[axis] = rest % length
    rest = Math.floor(rest / length)
  }
  return indices
}

/** The axes as an array of the file has them: pages in file order, then the samples of a pixel where they stand. */
const storedAxes = ({ dimensions, layout }: Draft): { readonly storedAxes?: readonly string[] } => {
  const pages = dimensions.filter(({ length }) => length !== 1).map(({ name }) => name)
  if (layout.samples > 1 && pages.includes('c')) return {}
  const samples = layout.samples > 1 ? ['c'] : []
  return { storedAxes: layout.planar === 2 ? [...pages, ...samples, 'y', 'x'] : [...pages, 'y', 'x', ...samples] }
}

/** Puts a draft into digest order: position, t, others, c (its samples next to each other), z, then y and x. */
export const toImage = (draft: Draft, name: string, series: number, role: ImageRole): TiffImage => {
  const { dimensions, layout } = draft
  const withChannels = dimensions.some(dimension => dimension.name === 'c')
    ? dimensions
    : [...dimensions, { name: 'c', length: 1 }]
  const inOrder = digestAxes(withChannels.map(dimension => dimension.name))
  const order = inOrder.map(axis => withChannels.findIndex(dimension => dimension.name === axis))
  const lengths = order.map(i => lengthOf(withChannels[i], layout.samples))
  const strides = lengths.map((_, i) => product(lengths.slice(i + 1)))
  const channel = order.findIndex(i => withChannels[i]?.name === 'c')
  const sampleStride = strides[channel] ?? 1
  const strideOf = new Array<number>(withChannels.length).fill(0)
  order.forEach((i, place) => (strideOf[i] = (strides[place] ?? 1) * (place === channel ? layout.samples : 1)))
  const planeAt = (at: readonly number[]): number =>
    at.reduce((plane, index, i) => plane + index * (strideOf[i] ?? 0), 0)
  const kept = order
    .map((i, place) => ({ name: withChannels[i]?.name ?? '', length: lengths[place] ?? 1 }))
    .filter(({ length }) => length !== 1)
  return {
    name,
    series,
    role,
    layout,
    axes: [...kept.map(axis => axis.name), 'y', 'x'],
    shape: [...kept.map(axis => axis.length), layout.height, layout.width],
    dtype: layout.dtype,
    ...storedAxes(draft),
    planes: product(lengths),
    sampleStride,
    sources: draft.placed.map(({ at, data, page }) => ({
      layout: page?.layout ?? layout,
      ...(page === undefined ? {} : { page }),
      ...(data === undefined ? {} : { data }),
      plane: planeAt(at)
    }))
  }
}

const lengthOf = (dimension: Dimension | undefined, samples: number): number =>
  (dimension?.length ?? 1) * (dimension?.name === 'c' ? samples : 1)

/** Whether two layouts give planes that one array can hold. */
export const sameShape = (a: Layout, b: Layout): boolean =>
  a === b || (a.width === b.width && a.height === b.height && a.samples === b.samples && a.dtype === b.dtype)
