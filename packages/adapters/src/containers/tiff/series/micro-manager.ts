import { unsigned, type TiffReader } from '../structure/reader.ts'
import type { Page } from '../structure/page.ts'
import { mostPlanes, product, sameShape, type Series, type SeriesInput } from './draft.ts'

const indexMapOffsetHeader = 54_773_648
const indexMapHeader = 3_453_623

/** One entry of Micro-Manager's index map. */
interface Indexed {
  /** Channel, slice, frame, position. */
  readonly at: readonly [c: number, z: number, t: number, position: number]
  /** Offset of the directory. */
  readonly offset: number
}

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

/**
 * Micro-Manager's multi-page files by their index map: which channel, slice, frame and position each directory is.
 * Planes of the grid that the file does not hold are zero. `positions` are the positions found, for the OME-XML.
 */
export const readMicroManager = async ({
  pages,
  reader
}: SeriesInput): Promise<(Series & { readonly positions: readonly number[] }) | undefined> => {
  const offset = await indexMapOffset(reader)
  const map = offset === undefined ? undefined : await readIndexMap(reader, offset)
  const placed = map === undefined ? undefined : placedPages(map, pages.pages)
  const [first] = placed ?? []
  if (placed === undefined || first === undefined) return undefined
  if (!placed.every(({ page }) => sameShape(page.layout, first.page.layout))) return undefined
  const least = [0, 1, 2, 3].map(axis => placed.reduce((low, { at }) => Math.min(low, at[axis] ?? 0), Infinity))
  const lengths = [0, 1, 2, 3].map(
    axis => placed.reduce((high, { at }) => Math.max(high, at[axis] ?? 0), 0) - (least[axis] ?? 0) + 1
  )
  if (product(lengths) > mostPlanes) return undefined
  const dimensions = ['c', 'z', 't', 'position'].map((name, axis) => ({ name, length: lengths[axis] ?? 1 }))
  const byFile = [...placed].sort((a, b) => a.page.directory - b.page.directory)
  return {
    positions: [...new Set(placed.map(({ at }) => at[3]))],
    drafts: [
      {
        role: 'data',
        layout: first.page.layout,
        dimensions,
        placed: byFile.map(({ at, page }) => ({ page, at: at.map((index, axis) => index - (least[axis] ?? 0)) }))
      }
    ]
  }
}
