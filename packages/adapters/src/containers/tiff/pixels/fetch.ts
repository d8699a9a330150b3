import { checkSignal } from '../../../sources/attempt.ts'
import type { TiffReader } from '../structure/reader.ts'
import type { PlaneSource } from './image.ts'
import { piecesOf, readSize, type Piece } from './piece.ts'
import { readSegments, type Segments } from './segments.ts'

/** A piece with its coded bytes, and what it belongs to. */
export interface Fetched {
  readonly source: PlaneSource
  readonly segments: Segments
  readonly piece: Piece
  /** Absent where the data are missing in the file. */
  readonly bytes?: Uint8Array
}

type Wanted = Omit<Fetched, 'bytes'>

/** Pieces that stand close together, to be read at once. */
interface Batch {
  readonly wanted: Wanted[]
  readonly from: number
  to: number
}

/** Bytes that are rather read in vain than sought over. */
const gap = 64 * 1024

const fits = (batch: Batch, { at, count }: Piece): boolean =>
  count === 0 || (at >= batch.to && at - batch.to <= gap && at + count - batch.from <= readSize)

async function* batches(reader: TiffReader, sources: Iterable<PlaneSource>): AsyncGenerator<Batch> {
  let batch: Batch | undefined
  for (const source of sources) {
    const segments = await readSegments(reader, source)
    for (const piece of piecesOf(segments)) {
      if (batch === undefined || !fits(batch, piece)) {
        if (batch !== undefined) yield batch
        batch = { wanted: [], from: piece.at, to: piece.at }
      }
      batch.wanted.push({ source, segments, piece })
      batch.to = Math.max(batch.to, piece.count === 0 ? batch.to : piece.at + piece.count)
      if (batch.wanted.length >= 65_536) {
        yield batch
        batch = undefined
      }
    }
  }
  if (batch !== undefined) yield batch
}

const readBatch = async (reader: TiffReader, batch: Batch): Promise<readonly Fetched[]> => {
  const bytes = await reader.bytes(batch.from, batch.to - batch.from, 'Image data')
  return batch.wanted.map(wanted => {
    const { at, count } = wanted.piece
    return count === 0 ? wanted : { ...wanted, bytes: bytes.subarray(at - batch.from, at - batch.from + count) }
  })
}

/**
 * Reads the strips or tiles of pages in order, a batch ahead of whoever works on them, so that disk and processor are
 * busy at the same time. Throws `tiff-malformed`, `interrupted`.
 */
export async function* fetchPieces(
  reader: TiffReader,
  sources: Iterable<PlaneSource>,
  signal?: AbortSignal
): AsyncGenerator<Fetched> {
  let ahead: Promise<readonly Fetched[]> | undefined
  for await (const batch of batches(reader, sources)) {
    const reading = readBatch(reader, batch)
    // Whoever stops early never awaits this one; its failure is then nobody's concern.
    reading.catch(() => undefined)
    if (ahead !== undefined)
      for (const fetched of await ahead) {
        checkSignal(signal)
        yield fetched
      }
    ahead = reading
  }
  if (ahead !== undefined)
    for (const fetched of await ahead) {
      checkSignal(signal)
      yield fetched
    }
}
