import { bytesPerElement } from '@bims/core'
import { isPlain } from '../decode/segment.ts'
import { readSegments } from '../pixels/segments.ts'
import { entryOf, readDirectory } from '../structure/directory.ts'
import type { Layout } from '../structure/layout.ts'
import type { Page } from '../structure/page.ts'
import type { TiffReader } from '../structure/reader.ts'
import { tags } from '../structure/tags.ts'
import { rawValue, textOf } from '../structure/value.ts'
import {
  indicesOf,
  mostPlanes,
  product,
  sameShape,
  type Dimension,
  type Draft,
  type Placed,
  type Series,
  type SeriesInput
} from './draft.ts'

/** What tifffile writes about a series' shape into the first page's description. */
interface Shape {
  readonly shape: readonly number[]
  readonly axes?: string
  readonly truncated: boolean
}

const isCount = (u: unknown): u is number => typeof u === 'number' && Number.isSafeInteger(u) && u >= 1

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const parseShape = (text: string): Shape | undefined => {
  const value = text.startsWith('{') && text.includes('"shape":') ? parsed(text) : undefined
  const [shape, axes] = [member(value, 'shape'), member(value, 'axes')]
  if (!Array.isArray(shape) || !shape.every(isCount)) return undefined
  const named = typeof axes === 'string' && axes.length === shape.length
  return { shape, truncated: member(value, 'truncated') === true, ...(named ? { axes } : {}) }
}

/** tifffile's letters for axes, where they name more than a sequence. */
const names: Readonly<Record<string, string>> = {
  T: 't',
  C: 'c',
  Z: 'z',
  R: 'position',
  A: 'angle',
  P: 'phase',
  H: 'lifetime',
  E: 'lambda',
  L: 'exposure',
  V: 'event',
  M: 'mosaic'
}

interface Lettered {
  readonly letter: string
  readonly length: number
}

const lengthsOf = (list: readonly Lettered[]): number => product(list.map(({ length }) => length))

/** Axes over pages; undefined where not all have a name, or where pages are not planes of rows and columns. */
const dimensionsOf = ({ axes, shape }: Shape, layout: Layout, pages: number): readonly Dimension[] | undefined => {
  const lettered = [...(axes ?? '')].map((letter, i): Lettered => ({ letter, length: shape[i] ?? 1 }))
  const outer = lettered.filter(({ length, letter }) => length > 1 && !'YXS'.includes(letter))
  // Channels may stand in one page, as its samples.
  const inPage = lengthsOf(outer) === pages * layout.samples && layout.samples > 1
  const known = outer.filter(({ length, letter }) => !(inPage && letter === 'C' && length === layout.samples))
  const isPlane = lengthsOf(lettered.filter(({ letter }) => 'YX'.includes(letter))) === layout.width * layout.height
  const isNamed =
    new Set(known.map(({ letter }) => names[letter])).size === known.length &&
    known.every(({ letter }) => letter in names)
  if (axes === undefined || !isPlane || !isNamed || lengthsOf(known) !== pages) return undefined
  return known.map(({ length, letter }) => ({ name: names[letter] ?? 'plane', length }))
}

const shapeOf = async (reader: TiffReader, page: Page): Promise<Shape | undefined> => {
  const directory = await readDirectory(reader, page.offset, `Directory ${page.directory}`)
  const entry = entryOf(directory, tags.description)
  return entry === undefined || entry.length > 65_536
    ? undefined
    : parseShape(textOf(await rawValue(reader, entry, 65_536)))
}

/** The images of a series whose first page alone has a directory. */
const truncatedSeries = async (
  reader: TiffReader,
  page: Page,
  count: number
): Promise<readonly Omit<Placed, 'at'>[] | undefined> => {
  if (!isPlain(page.layout) || page.layout.tile !== undefined) return undefined
  const bytes = page.layout.samples * page.layout.width * page.layout.height * bytesPerElement[page.layout.dtype]
  const { offsets } = await readSegments(reader, { layout: page.layout, page, plane: 0 })
  const start = offsets[0] ?? 0
  return start + count * bytes > reader.size
    ? undefined
    : Array.from({ length: count }, (_, i) => (i === 0 ? { page } : { data: start + i * bytes }))
}

const pageCount = ({ shape }: Shape, { height, samples, width }: Layout): number =>
  product(shape) / (width * height * samples)

/** The pages of a series, or the data behind its only page; undefined where the file does not hold them. */
const findPages = async (
  input: SeriesInput,
  index: number,
  count: number,
  truncated: boolean
): Promise<readonly Omit<Placed, 'at'>[] | undefined> => {
  const paged = input.pages.pages.slice(index, index + count)
  const [page] = paged
  if (page === undefined) return undefined
  const whole = !truncated && paged.length === count && paged.every(({ layout }) => sameShape(layout, page.layout))
  return whole ? paged.map(each => ({ page: each })) : truncatedSeries(input.reader, page, count)
}

/** The series that begins at a page; undefined where the file says otherwise. */
const seriesAt = async (input: SeriesInput, index: number): Promise<Draft | undefined> => {
  const page = input.pages.pages[index]
  const shape = page === undefined ? undefined : await shapeOf(input.reader, page)
  if (page === undefined || shape === undefined) return undefined
  const count = pageCount(shape, page.layout)
  if (!Number.isSafeInteger(count) || count > mostPlanes) return undefined
  const found = await findPages(input, index, count, shape.truncated)
  const dimensions = dimensionsOf(shape, page.layout, count) ?? [{ name: 'plane', length: count }]
  const lengths = dimensions.map(({ length }) => length)
  const placed = found?.map((each, i) => ({ ...each, at: indicesOf(i, lengths) }))
  return placed === undefined ? undefined : { role: 'data', layout: page.layout, dimensions, placed }
}

/** Series as tifffile describes them: a JSON object with the shape, in the first page of each. */
export const readShaped = async (input: SeriesInput): Promise<Series | undefined> => {
  const drafts: Draft[] = []
  for (let index = 0; index < input.pages.pages.length;) {
    const found = await seriesAt(input, index)
    if (found === undefined) return undefined
    drafts.push(found)
    index += found.placed.filter(({ page }) => page !== undefined).length
  }
  return { drafts }
}
