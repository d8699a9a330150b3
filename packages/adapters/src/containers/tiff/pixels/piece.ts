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

/** Uncompressed strips, long ones cut so that reads have a good size. */
function* cutStrips(segments: Segments, rowBytes: number, most: number): Generator<Piece> {
  const { samples, width } = segments
  for (let i = 0; i < segments.groups * segments.down; i++) {
    const [sample, strip] = [Math.floor(i / segments.down), i % segments.down]
    const all = rowsOf(segments, strip)
    const [offset, count] = [segments.offsets[i] as number, segments.counts[i] as number]
    if (count > 0 && count < all * rowBytes) malformed(`Strip ${i} has ${count} of its ${all * rowBytes} bytes.`)
    for (let row = 0; row < all; row += most) {
      const rows = Math.min(most, all - row)
      yield {
        at: offset + row * rowBytes,
        count: count === 0 ? 0 : rows * rowBytes,
        y: strip * segments.rows + row,
        x: 0,
        rows,
        width,
        sample,
        samples
      }
    }
  }
}

/** Whether a piece stands right after another in the file and in the image, and both have data. */
const follows = (next: Piece, before: Piece): boolean =>
  next.sample === before.sample && next.count > 0 && before.count > 0 && next.at === before.at + before.count

/** Uncompressed strips row by row: long ones cut, neighbours joined. */
function* plainStripPieces(segments: Segments): Generator<Piece> {
  const rowBytes = packedRow(segments.layout, segments.width, segments.samples)
  const most = Math.max(1, Math.floor(readSize / rowBytes))
  let held: Piece | undefined
  for (const piece of cutStrips(segments, rowBytes, most)) {
    if (held !== undefined && follows(piece, held) && held.rows + piece.rows <= most) {
      held = { ...held, count: held.count + piece.count, rows: held.rows + piece.rows }
      continue
    }
    if (held !== undefined) yield held
    held = piece
  }
  if (held !== undefined) yield held
}

/** The pieces of a page, sample planes one after another, rows downwards, columns rightwards. */
export function* piecesOf(segments: Segments): Generator<Piece> {
  if (segments.layout.tile === undefined && isPlain(segments.layout)) {
    yield* plainStripPieces(segments)
    return
  }
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
