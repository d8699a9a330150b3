import { isPlain, packedRow } from '../decode/segment.ts'
import { malformed } from '../structure/reader.ts'
import { rowsOf, type Segments } from './segments.ts'

/** A run of coded bytes to be read: a strip, a tile, or some rows of uncompressed strips. */
export interface Piece {
  readonly at: number
  /** Coded bytes; 0 for missing data, which are zero. */
  readonly count: number
  /** First row and column, and the rows and columns that are coded (a tile may stick out). */
  readonly y: number
  readonly x: number
  readonly rows: number
  readonly width: number
  /** Index of the first sample, and how many stand together. */
  readonly sample: number
  readonly samples: number
}

/** Bytes that are read and hashed at a time: measured, small enough for the caches and large enough for the disk. */
export const readSize = 1024 * 1024

/** Uncompressed strips row by row: long ones cut, neighbours joined, so that reads have a good size. */
function* plainStripPieces(segments: Segments): Generator<Piece> {
  const { layout, samples, width } = segments
  const rowBytes = packedRow(layout, width, samples)
  const most = Math.max(1, Math.floor(readSize / rowBytes))
  let held: Piece | undefined
  for (let i = 0; i < segments.groups * segments.down; i++) {
    const [sample, strip] = [Math.floor(i / segments.down), i % segments.down]
    const rows = rowsOf(segments, strip)
    const [offset, count] = [segments.offsets[i] ?? 0, segments.counts[i] ?? 0]
    if (count > 0 && count < rows * rowBytes) malformed(`Strip ${i} has ${count} of its ${rows * rowBytes} bytes.`)
    for (let row = 0; row < rows; ) {
      const at = offset + row * rowBytes
      const joins: boolean =
        held !== undefined && held.sample === sample && held.count > 0 && count > 0 && held.at + held.count === at && held.rows < most
      const taken = Math.min(rows - row, joins && held !== undefined ? most - held.rows : most)
      const bytes = count === 0 ? 0 : taken * rowBytes
      if (joins && held !== undefined) held = { ...held, count: held.count + bytes, rows: held.rows + taken }
      else {
        if (held !== undefined) yield held
        held = { at, count: bytes, y: strip * segments.rows + row, x: 0, rows: taken, width, sample, samples }
      }
      row += taken
    }
  }
  if (held !== undefined) yield held
}

/** The pieces of a page, sample planes one after another, rows downwards, columns rightwards. */
export function* piecesOf(segments: Segments): Generator<Piece> {
  if (segments.layout.tile === undefined && isPlain(segments.layout)) return yield* plainStripPieces(segments)
  const perGroup = segments.across * segments.down
  for (let i = 0; i < segments.offsets.length; i++) {
    const [sample, index] = [Math.floor(i / perGroup), i % perGroup]
    const row = Math.floor(index / segments.across)
    yield {
      at: segments.offsets[i] ?? 0,
      count: segments.counts[i] ?? 0,
      y: row * segments.rows,
      x: (index % segments.across) * segments.width,
      rows: rowsOf(segments, row),
      width: segments.width,
      sample,
      samples: segments.samples
    }
  }
}
