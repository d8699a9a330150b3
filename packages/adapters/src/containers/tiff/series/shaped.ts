import { bytesPerElement } from '@bims/core'
import { isPlain } from '../decode/segment.ts'
import { readSegments } from '../pixels/segments.ts'
import { entryOf, readDirectory } from '../structure/directory.ts'
import type { Layout } from '../structure/layout.ts'
import type { Page } from '../structure/page.ts'
import type { TiffReader } from '../structure/reader.ts'
import { tags } from '../structure/tags.ts'
import { rawValue, textOf } from '../structure/value.ts'
import { indicesOf, mostPlanes, product, sameShape, type Dimension, type Draft, type Placed, type Series, type SeriesInput } from './draft.ts'

/** What tifffile writes about a series' shape into the first page's description. */
interface Shape {
  readonly shape: readonly number[]
  readonly axes?: string
  readonly truncated: boolean
}

const isCount = (u: unknown): u is number => typeof u === 'number' && Number.isSafeInteger(u) && u >= 1

const parseShape = (text: string): Shape | undefined => {
  if (!text.startsWith('{') || !text.includes('"shape":')) return undefined
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('shape' in value)) return undefined
    const { shape } = value
    if (!Array.isArray(shape) || !shape.every(isCount)) return undefined
    const axes = 'axes' in value && typeof value.axes === 'string' && value.axes.length === shape.length ? value.axes : undefined
    const truncated = 'truncated' in value && value.truncated === true
    return { shape, truncated, ...(axes === undefined ? {} : { axes }) }
  } catch {
    return undefined
  }
}

/** tifffile's letters for axes, where they name more than a sequence. */
const names: Readonly<Record<string, string>> = {
  T: 't', C: 'c', Z: 'z', R: 'position', A: 'angle', P: 'phase', H: 'lifetime', E: 'lambda', L: 'exposure', V: 'event', M: 'mosaic'
}

/** Axes over pages; all that have no name are one axis `plane`. */
const dimensionsOf = ({ axes, shape }: Shape, layout: Layout, pages: number): readonly Dimension[] | undefined => {
  if (axes === undefined) return undefined
  const lettered = [...axes].map((letter, i) => ({ letter, length: shape[i] ?? 1 }))
  const outer = lettered.filter(({ length, letter }) => length > 1 && !'YXS'.includes(letter))
  // Channels may stand in one page, as its samples.
  const inPage = product(outer.map(({ length }) => length)) === pages * layout.samples && layout.samples > 1
  const known = outer.filter(({ length, letter }) => !(inPage && letter === 'C' && length === layout.samples))
  const repeated = new Set(known.map(({ letter }) => letter)).size !== known.length
  if (repeated || known.some(({ letter }) => names[letter] === undefined)) return undefined
  if (product(known.map(({ length }) => length)) !== pages) return undefined
  // Volumes whose samples come as separate planes, or whose rows are no rows, are not told apart here.
  const inner = lettered.filter(({ letter }) => 'YX'.includes(letter))
  if (product(inner.map(({ length }) => length)) !== layout.width * layout.height) return undefined
  return known.map(({ length, letter }) => ({ name: names[letter] ?? 'plane', length }))
}

const shapeOf = async (reader: TiffReader, page: Page): Promise<Shape | undefined> => {
  const directory = await readDirectory(reader, page.offset, `Directory ${page.directory}`)
  const entry = entryOf(directory, tags.description)
  return entry === undefined || entry.length > 65_536 ? undefined : parseShape(textOf(await rawValue(reader, entry, 65_536)))
}

/** The images of a series whose first page alone has a directory. */
const truncatedSeries = async (reader: TiffReader, page: Page, count: number): Promise<readonly Omit<Placed, 'at'>[] | undefined> => {
  if (!isPlain(page.layout) || page.layout.tile !== undefined) return undefined
  const bytes = page.layout.samples * page.layout.width * page.layout.height * bytesPerElement[page.layout.dtype]
  const { offsets } = await readSegments(reader, { layout: page.layout, page, plane: 0 })
  const start = offsets[0] ?? 0
  return start + count * bytes > reader.size
    ? undefined
    : Array.from({ length: count }, (_, i) => (i === 0 ? { page } : { data: start + i * bytes }))
}

const pageCount = ({ shape }: Shape, { height, samples, width }: Layout): number => product(shape) / (width * height * samples)

/** The series that begins at a page, and how many pages it takes; undefined where the file says otherwise. */
const seriesAt = async (input: SeriesInput, index: number): Promise<{ readonly draft: Draft; readonly pages: number } | undefined> => {
  const page = input.pages.pages[index]
  const shape = page === undefined ? undefined : await shapeOf(input.reader, page)
  if (page === undefined || shape === undefined) return undefined
  const count = pageCount(shape, page.layout)
  if (!Number.isSafeInteger(count) || count > mostPlanes) return undefined
  const paged = input.pages.pages.slice(index, index + count)
  const whole = !shape.truncated && paged.length === count && paged.every(({ layout }) => sameShape(layout, page.layout))
  const found = whole ? paged.map(each => ({ page: each })) : await truncatedSeries(input.reader, page, count)
  if (found === undefined) return undefined
  const dimensions = dimensionsOf(shape, page.layout, count) ?? [{ name: 'plane', length: count }]
  const lengths = dimensions.map(({ length }) => length)
  const placed = found.map((each, i) => ({ ...each, at: indicesOf(i, lengths) }))
  return { draft: { role: 'data', layout: page.layout, dimensions, placed }, pages: whole ? count : 1 }
}

/** Series as tifffile describes them: a JSON object with the shape, in the first page of each. */
export const readShaped = async (input: SeriesInput): Promise<Series | undefined> => {
  const drafts: Draft[] = []
  for (let index = 0; index < input.pages.pages.length; ) {
    const found = await seriesAt(input, index)
    if (found === undefined) return undefined
    drafts.push(found.draft)
    index += found.pages
  }
  return { drafts }
}
