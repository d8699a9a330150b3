import { unsigned, type TiffReader } from '../structure/reader.ts'
import type { Page } from '../structure/page.ts'
import { textOf } from '../structure/value.ts'
import { mostPlanes, product, sameShape, type Placed, type Series, type SeriesInput } from './draft.ts'

const indexMapOffsetHeader = 54_773_648
const indexMapHeader = 3_453_623
const summaryHeader = 2_355_492
const largestSummary = 64 * 1024 * 1024

/** One entry of Micro-Manager's index map. */
interface Indexed {
  /** Channel, slice, frame, position. */
  readonly at: readonly [c: number, z: number, t: number, position: number]
  /** Offset of the directory. */
  readonly offset: number
}

const fields = ['c', 'z', 't', 'position'] as const

/** Offset of the index map, or undefined where the file has none: a magic number at byte 8, another at the map itself. */
export const indexMapOffset = async (reader: TiffReader): Promise<number | undefined> => {
  if (reader.big || reader.size < 40) return undefined
  const head = await reader.bytes(8, 8, 'The Micro-Manager header')
  const offset = unsigned(head, 4, 4, reader.littleEndian)
  if (unsigned(head, 0, 4, reader.littleEndian) !== indexMapOffsetHeader || offset + 8 > reader.size) return undefined
  const magic = unsigned(await reader.bytes(offset, 4, 'The index map'), 0, 4, reader.littleEndian)
  return magic === indexMapHeader ? offset : undefined
}

const readIndexMap = async (reader: TiffReader, offset: number): Promise<readonly Indexed[] | undefined> => {
  const count = unsigned(await reader.bytes(offset + 4, 4, 'The index map'), 0, 4, reader.littleEndian)
  if (count === 0 || count > mostPlanes || offset + 8 + count * 20 > reader.size) return undefined
  const bytes = await reader.bytes(offset + 8, count * 20, 'The index map')
  const number = (i: number, field: number): number => unsigned(bytes, i * 20 + field * 4, 4, reader.littleEndian)
  return Array.from({ length: count }, (_, i) => ({
    at: [number(i, 0), number(i, 1), number(i, 2), number(i, 3)],
    offset: number(i, 4)
  }))
}

const placedPages = (
  map: readonly Indexed[],
  pages: readonly Page[]
): readonly { page: Page; at: Indexed['at'] }[] | undefined => {
  const byOffset = new Map(pages.map(page => [page.offset, page]))
  const placed = new Map<string, { page: Page; at: Indexed['at'] }>()
  for (const { at, offset } of map) {
    const page = byOffset.get(offset)
    if (page !== undefined) placed.set(at.join(), { page, at })
  }
  // The first directory moves when a bundle is embedded by others; then its offset is in no map.
  return placed.size === map.length ? [...placed.values()] : undefined
}

const isFalse = (value: unknown, name: string): boolean =>
  typeof value === 'object' && value !== null && Reflect.get(value, name) === false

const parsed = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(textOf(bytes))
  } catch {
    return undefined
  }
}

/** Order of the axes, slowest first, as indices of an entry's `at`: by the summary behind the header. */
const readOrder = async (reader: TiffReader): Promise<readonly (0 | 1 | 2 | 3)[]> => {
  const head = await reader.bytes(32, 8, 'The Micro-Manager header')
  const [magic, length] = [0, 4].map(at => unsigned(head, at, 4, reader.littleEndian))
  const has = magic === summaryHeader && length !== undefined && length <= largestSummary && 40 + length <= reader.size
  const summary = has ? parsed(await reader.bytes(40, length, 'The summary')) : undefined
  const [slow, fast] = [
    isFalse(summary, 'TimeFirst') ? ([3, 2] as const) : ([2, 3] as const),
    isFalse(summary, 'SlicesFirst')
  ]
  return fast ? [...slow, 0, 1] : [...slow, 1, 0]
}

const least = (list: readonly number[]): number => list.reduce((low, index) => Math.min(low, index), Infinity)
const greatest = (list: readonly number[]): number => list.reduce((high, index) => Math.max(high, index), 0)

/** The directories that the map names, where it names pages of one form only. */
const readPlaced = async ({ pages, reader }: SeriesInput): Promise<ReturnType<typeof placedPages>> => {
  const offset = await indexMapOffset(reader)
  const map = offset === undefined ? undefined : await readIndexMap(reader, offset)
  const placed = map === undefined ? undefined : placedPages(map, pages.pages)
  const layout = placed?.[0]?.page.layout
  return layout !== undefined && placed?.every(({ page }) => sameShape(page.layout, layout)) ? placed : undefined
}

/**
 * Micro-Manager's multi-page files by their index map: which channel, slice, frame and position each directory is.
 * Planes of the grid that the file does not hold are zero. `positions` are the positions found, for the OME-XML.
 */
export const readMicroManager = async (
  input: SeriesInput
): Promise<(Series & { readonly positions: readonly number[] }) | undefined> => {
  const placed = await readPlaced(input)
  const [first] = placed ?? []
  if (placed === undefined || first === undefined) return undefined
  const order = await readOrder(input.reader)
  const origin = order.map(axis => least(placed.map(({ at }) => at[axis])))
  const dimensions = order.map((axis, i) => ({
    name: fields[axis],
    length: greatest(placed.map(({ at }) => at[axis])) - (origin[i] ?? 0) + 1
  }))
  if (product(dimensions.map(({ length }) => length)) > mostPlanes) return undefined
  const inFileOrder = [...placed].sort((a, b) => a.page.directory - b.page.directory)
  const positions = [...new Set(placed.map(({ at }) => at[3]))]
  const moved = ({ at, page }: { at: Indexed['at']; page: Page }): Placed => ({
    page,
    at: order.map((axis, i) => at[axis] - (origin[i] ?? 0))
  })
  return {
    positions,
    drafts: [{ role: 'data', layout: first.page.layout, dimensions, placed: inFileOrder.map(moved) }]
  }
}
