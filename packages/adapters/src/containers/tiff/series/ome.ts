import type { NotCovered } from '@bims/core'
import type { Page, Pages } from '../structure/page.ts'
import {
  indicesOf,
  mostPlanes,
  product,
  sameShape,
  type Draft,
  type Placed,
  type Series,
  type SeriesInput
} from './draft.ts'
import { parseOmeXml, type OmeFile, type OmeImage, type TiffData } from './ome-xml.ts'

/** Tells which blocks of planes stand in this file. */
type IsOurs = (block: TiffData) => boolean

const keyOf = ({ file, uuid }: TiffData): string => `${uuid ?? ''}\n${file ?? ''}`

/**
 * By UUID where the file has one of its own, else by name. A file that was renamed and has no UUID answers to neither:
 * then it is the file of the position that Micro-Manager's index map tells, else the first that has as many planes.
 */
const newIsOurs = (ome: OmeFile, name: string, pageCount: number, positions: readonly number[]): IsOurs => {
  const blocks = ome.images.flatMap(image => image.blocks)
  const named = (block: TiffData): boolean => block.file === undefined && block.uuid === undefined
  const isThis: IsOurs = block =>
    named(block) ||
    (ome.uuid === undefined ? block.file?.toLowerCase() === name.toLowerCase() : block.uuid === ome.uuid)
  if (blocks.some(isThis)) return isThis
  const byPosition = positions.flatMap(position => ome.images[position]?.blocks.slice(0, 1) ?? [])
  const planes = new Map<string, number>()
  for (const block of blocks) planes.set(keyOf(block), (planes.get(keyOf(block)) ?? 0) + (block.count ?? 1))
  const bySize = [...planes].find(([, count]) => count === pageCount)?.[0]
  const keys = new Set(byPosition.length > 0 ? byPosition.map(keyOf) : bySize === undefined ? [] : [bySize])
  return block => keys.has(keyOf(block))
}

/** Planes of one Image: page by plane index in file order, and the planes of other files. */
interface Found {
  readonly pages: ReadonlyMap<number, Page>
  readonly elsewhere: ReadonlySet<number>
}

const lengthsOf = (image: OmeImage): readonly number[] => image.order.map(axis => image.size[axis])

/** The directory and the plane of each page of a block, without regard to where it stands. */
const runOf = (
  block: TiffData,
  image: OmeImage,
  available: number
): { readonly plane: number; readonly ifd: number; readonly count: number } => {
  const lengths = lengthsOf(image)
  const plane = image.order.reduce((index, axis, i) => index * (lengths[i] ?? 1) + block.first[axis], 0)
  const ifd = block.ifd ?? 0
  return { plane, ifd, count: Math.min(block.count ?? available - ifd, product(lengths) - plane) }
}

const isInside = (block: TiffData, image: OmeImage): boolean =>
  image.order.every(axis => block.first[axis] < image.size[axis])

/** Lays an Image's blocks out over its planes; undefined where a page does not have the announced size. */
const layOut = (
  image: OmeImage,
  pageAt: ReadonlyMap<number, Page>,
  directories: number,
  isOurs: IsOurs
): Found | undefined => {
  const pages = new Map<number, Page>()
  const elsewhere = new Set<number>()
  for (const block of image.blocks.filter(each => isInside(each, image))) {
    const ours = isOurs(block)
    const { count, ifd, plane } = runOf(block, image, ours ? directories : Infinity)
    for (let i = 0; i < count; i++) {
      const page = ours ? pageAt.get(ifd + i) : undefined
      if (!ours) elsewhere.add(plane + i)
      else if (page !== undefined) pages.set(plane + i, page)
    }
  }
  const { samples, size } = image
  const fits = [...pages.values()].every(
    ({ layout }) => layout.width === size.x && layout.height === size.y && layout.samples === samples
  )
  return fits ? { pages, elsewhere } : undefined
}

/** The planes present as a grid of their own: `lengths` and each plane's indices; undefined where they form none. */
const subGrid = (
  planes: readonly number[],
  lengths: readonly number[]
): { readonly lengths: readonly number[]; readonly at: readonly (readonly number[])[] } | undefined => {
  const indices = planes.map(plane => indicesOf(plane, lengths))
  const values = lengths.map((_, axis) => [...new Set(indices.map(at => at[axis] ?? 0))].sort((a, b) => a - b))
  if (product(values.map(({ length }) => length)) !== planes.length) return undefined
  const ranks = values.map(list => new Map(list.map((value, i) => [value, i])))
  return {
    lengths: values.map(({ length }) => length),
    at: indices.map(at => at.map((value, axis) => ranks[axis]?.get(value) ?? 0))
  }
}

/** An Image as a series: whole, or the part of it that stands in this file. */
const draftOf = (image: OmeImage, { elsewhere, pages }: Found): Draft | undefined => {
  const inFileOrder = [...pages].sort(([, a], [, b]) => a.directory - b.directory)
  const first = inFileOrder[0]?.[1]
  if (first === undefined || !inFileOrder.every(([, page]) => sameShape(page.layout, first.layout))) return undefined
  const lengths = lengthsOf(image)
  const draft = { role: 'data', layout: first.layout } as const
  const missing = [...elsewhere].some(plane => !pages.has(plane))
  if (!missing) {
    const placed: Placed[] = inFileOrder.map(([plane, page]) => ({ page, at: indicesOf(plane, lengths) }))
    return { ...draft, dimensions: image.order.map((name, i) => ({ name, length: lengths[i] ?? 1 })), placed }
  }
  const grid = subGrid(
    inFileOrder.map(([plane]) => plane),
    lengths
  )
  if (grid === undefined) {
    return {
      ...draft,
      dimensions: [{ name: 'plane', length: inFileOrder.length }],
      placed: inFileOrder.map(([, page], i) => ({ page, at: [i] }))
    }
  }
  return {
    ...draft,
    dimensions: image.order.map((name, i) => ({ name, length: grid.lengths[i] ?? 1 })),
    placed: inFileOrder.map(([, page], i) => ({ page, at: grid.at[i] ?? [] }))
  }
}

const notCoveredOf = (ome: OmeFile, isOurs: IsOurs): readonly NotCovered[] => {
  const others = new Map<string, NotCovered>()
  for (const block of ome.images.flatMap(image => image.blocks)) {
    if (isOurs(block) || others.has(keyOf(block))) continue
    others.set(keyOf(block), { file: block.file ?? '', ...(block.uuid === undefined ? {} : { uuid: block.uuid }) })
  }
  return [...others.values()]
}

const pagesByDirectory = ({ pages }: Pages): ReadonlyMap<number, Page> =>
  new Map(pages.map(page => [page.directory, page]))

/** What OME-XML adds to series that were found otherwise: which planes stand in other files. */
export const otherFiles = async (
  xml: string,
  name: string,
  pageCount: number,
  positions: readonly number[]
): Promise<readonly NotCovered[]> => {
  const ome = await parseOmeXml(xml)
  return ome === undefined ? [] : notCoveredOf(ome, newIsOurs(ome, name, pageCount, positions))
}

/** OME-TIFF: one series an Image, by DimensionOrder and TiffData; undefined where the XML does not fit the pages. */
export const readOme = async (input: SeriesInput, xml: string): Promise<Series | undefined> => {
  const ome = await parseOmeXml(xml)
  if (ome === undefined || ome.images.some(image => product(lengthsOf(image)) * image.samples > mostPlanes))
    return undefined
  if (ome.binaryOnly !== undefined) return { drafts: [], notCovered: [ome.binaryOnly] }
  const isOurs = newIsOurs(ome, input.reader.source.name, input.pages.pages.length, [])
  const pageAt = pagesByDirectory(input.pages)
  const drafts: Draft[] = []
  for (const image of ome.images) {
    const found = layOut(image, pageAt, input.pages.directories.length, isOurs)
    if (found === undefined) return undefined
    if (found.pages.size === 0) continue
    const draft = draftOf(image, found)
    if (draft === undefined) return undefined
    drafts.push(draft)
  }
  return { drafts, notCovered: notCoveredOf(ome, isOurs) }
}
