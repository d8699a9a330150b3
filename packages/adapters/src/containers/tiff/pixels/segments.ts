import { bytesPerElement } from '@bims/core'
import { packedRow } from '../decode/segment.ts'
import { entryOf, readDirectory, type Directory, type Entry } from '../structure/directory.ts'
import type { Layout } from '../structure/layout.ts'
import { malformed, type TiffReader } from '../structure/reader.ts'
import { largestBlock, tags } from '../structure/tags.ts'
import { integers, rawValue } from '../structure/value.ts'
import type { PlaneSource } from './image.ts'

/** The strips or tiles of one page, sample planes one after another (planar configuration 2), then rows, columns. */
export interface Segments {
  readonly layout: Layout
  /** Size of a strip or tile; the last strip has fewer rows. */
  readonly width: number
  readonly rows: number
  readonly across: number
  readonly down: number
  /** Separate sample planes: 1 where the samples of a pixel stand together. */
  readonly groups: number
  /** Samples together in one strip or tile. */
  readonly samples: number
  readonly offsets: Float64Array
  /** Coded bytes; 0 for a missing one. */
  readonly counts: Float64Array
  readonly tables?: Uint8Array
}

type Grid = Omit<Segments, 'offsets' | 'counts' | 'tables'>

const gridOf = (layout: Layout): Grid => {
  const { height, planar, samples, tile, width } = layout
  const shape = tile ?? { width, height: layout.rowsPerStrip }
  return {
    layout,
    width: shape.width,
    rows: shape.height,
    across: Math.ceil(width / shape.width),
    down: Math.ceil(height / shape.height),
    groups: planar === 2 ? samples : 1,
    samples: planar === 2 ? 1 : samples
  }
}

/** Rows that a strip or tile holds: a tile is always full, the last strip may be short. */
export const rowsOf = (grid: Pick<Segments, 'layout' | 'rows' | 'down'>, index: number): number =>
  grid.layout.tile === undefined && index === grid.down - 1 ? grid.layout.height - index * grid.rows : grid.rows

/** Bytes of each strip or tile where it is not compressed. */
const plainCounts = (grid: Grid, total: number): Float64Array =>
  Float64Array.from({ length: total }, (_, i) => {
    const row = Math.floor(i / grid.across) % grid.down
    return rowsOf(grid, row) * packedRow(grid.layout, grid.width, grid.samples)
  })

const readCounts = async (
  reader: TiffReader,
  grid: Grid,
  total: number,
  entry: Entry | undefined,
  offset: number
): Promise<Float64Array> => {
  if (entry !== undefined) return integers(reader, entry, total)
  if (grid.layout.compression === 1) return plainCounts(grid, total)
  return total === 1
    ? Float64Array.of(reader.size - offset)
    : malformed('The byte counts of its strips or tiles are missing.')
}

/** A coded strip or tile may be longer than its pixels, but not without measure. */
const mostCoded = (grid: Grid): number => 65_536 + 4 * grid.rows * packedRow(grid.layout, grid.width, grid.samples)

const checkSegments = (reader: TiffReader, segments: Segments, what: string): void => {
  const most = mostCoded(segments)
  const issues: { at: string; what: string }[] = []
  segments.offsets.forEach((offset, i) => {
    const count = segments.counts[i] ?? 0
    if (count === 0 || issues.length >= 100) return
    const kind = segments.layout.tile === undefined ? 'strip' : 'tile'
    if (offset + count > reader.size)
      issues.push({
        at: `${what}, ${kind} ${i}`,
        what: `stands at ${offset} to ${offset + count}, past the end of the file`
      })
    else if (count > most && segments.layout.compression !== 1)
      issues.push({ at: `${what}, ${kind} ${i}`, what: `has ${count} bytes for at most ${most}` })
  })
  if (issues.length > 0) malformed(`${what} has strips or tiles that cannot be.`, issues)
}

/** Where uncompressed data have a count too small (some writers overflow it), a single strip's length is known anyhow. */
const mendedCounts = (reader: TiffReader, grid: Grid, offsets: Float64Array, counts: Float64Array): Float64Array => {
  if (grid.layout.compression !== 1 || offsets.length !== 1) return counts
  const [[offset = 0], [count = 0], [needed = 0]] = [offsets, counts, plainCounts(grid, 1)]
  return count > 0 && count < needed && offset + needed <= reader.size ? Float64Array.of(needed) : counts
}

/** Offsets and counts of all strips or tiles; the file must be long enough for that many before any is read. */
const readPlaces = async (
  reader: TiffReader,
  grid: Grid,
  directory: Directory,
  what: string
): Promise<Pick<Segments, 'offsets' | 'counts'>> => {
  const total = grid.across * grid.down * grid.groups
  const offsetEntry = entryOf(directory, tags.tileOffsets) ?? entryOf(directory, tags.stripOffsets)
  if (offsetEntry === undefined) return malformed(`${what} does not say where its pixels stand.`)
  if (offsetEntry.count < total) return malformed(`${what} has ${offsetEntry.count} of its ${total} strips or tiles.`)
  const offsets = await integers(reader, offsetEntry, total)
  const countEntry = entryOf(directory, tags.tileCounts) ?? entryOf(directory, tags.stripCounts)
  const counts = await readCounts(reader, grid, total, countEntry, offsets[0] ?? 0)
  if (counts.length < total)
    return malformed(`${what} has byte counts for ${counts.length} of its ${total} strips or tiles.`)
  return { offsets, counts: mendedCounts(reader, grid, offsets, counts) }
}

const fromDirectory = async (reader: TiffReader, layout: Layout, offset: number, what: string): Promise<Segments> => {
  const grid = gridOf(layout)
  const directory = await readDirectory(reader, offset, what)
  const places = await readPlaces(reader, grid, directory, what)
  const tableEntry = entryOf(directory, tags.jpegTables)
  const tables = tableEntry === undefined ? undefined : await rawValue(reader, tableEntry, largestBlock)
  const segments: Segments = { ...grid, ...places, ...(tables === undefined ? {} : { tables }) }
  checkSegments(reader, segments, what)
  return segments
}

const fromData = (reader: TiffReader, layout: Layout, data: number): Segments => {
  const grid = gridOf({ ...layout, rowsPerStrip: layout.height })
  const counts = plainCounts(grid, grid.groups)
  const one = layout.width * grid.samples * layout.height * bytesPerElement[layout.dtype]
  const segments = { ...grid, offsets: Float64Array.from({ length: grid.groups }, (_, i) => data + i * one), counts }
  checkSegments(reader, segments, `The image data at ${data}`)
  return segments
}

/** Finds the strips or tiles of a page. Throws `tiff-malformed`. */
export const readSegments = async (reader: TiffReader, source: PlaneSource): Promise<Segments> =>
  source.page === undefined
    ? fromData(reader, source.layout, source.data ?? 0)
    : fromDirectory(reader, source.layout, source.page.offset, `Directory ${source.page.directory}`)
