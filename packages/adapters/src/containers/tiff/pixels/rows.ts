import { bytesPerElement } from '@bims/core'
import { decodeSegment } from '../decode/segment.ts'
import { words16, words32 } from '../decode/unpack.ts'
import { unsupported, type TiffReader } from '../structure/reader.ts'
import { fetchPieces, type Fetched } from './fetch.ts'
import type { PlaneSource, TiffImage } from './image.ts'

/** Some whole rows of a page, decoded. */
export interface Rows {
  readonly source: PlaneSource
  readonly y: number
  readonly rows: number
  /** Index of the first sample, and how many stand next to each other in a pixel. */
  readonly sample: number
  readonly samples: number
  /** Little-endian samples, row-major. */
  readonly bytes: Uint8Array
}

/** Most bytes of a row of tiles, which is held in memory as a whole. */
const largestTileRow = 1024 * 1024 * 1024

/** Decodes a piece; missing data are zero. */
const decoded = async (reader: TiffReader, { bytes, piece, segments }: Fetched): Promise<Uint8Array> => {
  const { layout, tables } = segments
  if (bytes === undefined)
    return new Uint8Array(piece.rows * piece.width * piece.samples * bytesPerElement[layout.dtype])
  return decodeSegment(bytes, {
    layout,
    littleEndian: reader.littleEndian,
    width: piece.width,
    rows: piece.rows,
    samples: piece.samples,
    ...(tables === undefined ? {} : { tables })
  })
}

/** Puts the visible part of a tile into its row of tiles. */
const placeTile = (into: Uint8Array, tile: Uint8Array, { piece, segments }: Fetched, rows: number): void => {
  const pixel = piece.samples * bytesPerElement[segments.layout.dtype]
  const visible = Math.min(piece.width, segments.layout.width - piece.x) * pixel
  for (let row = 0; row < rows; row++) {
    const from = row * piece.width * pixel
    into.set(tile.subarray(from, from + visible), (row * segments.layout.width + piece.x) * pixel)
  }
}

const newTileRow = ({ piece, segments }: Fetched, rows: number): Uint8Array => {
  const size = rows * segments.layout.width * piece.samples * bytesPerElement[segments.layout.dtype]
  return size <= largestTileRow
    ? new Uint8Array(size)
    : unsupported(`A row of tiles takes ${size} bytes, too many to be decoded at once.`)
}

/**
 * Decodes an image page by page in file order, each page downwards, sample planes one after another; in memory are
 * a few strips or one row of tiles. Throws `tiff-malformed`, `tiff-unsupported`, `interrupted`.
 */
export async function* decodeRows(reader: TiffReader, image: TiffImage, signal?: AbortSignal): AsyncGenerator<Rows> {
  let tileRow: Uint8Array = new Uint8Array(0)
  for await (const fetched of fetchPieces(reader, image.sources, signal)) {
    const { piece, segments, source } = fetched
    const { layout } = segments
    const rows = Math.min(piece.rows, layout.height - piece.y)
    const about = { source, y: piece.y, rows, sample: piece.sample, samples: piece.samples }
    if (layout.tile === undefined) {
      yield { ...about, bytes: await decoded(reader, fetched) }
      continue
    }
    if (piece.x === 0) tileRow = newTileRow(fetched, rows)
    placeTile(tileRow, await decoded(reader, fetched), fetched, rows)
    if (piece.x + piece.width >= layout.width) yield { ...about, bytes: tileRow }
  }
}

/** Every `step`-th word from `from` on. */
const strided = <A extends Uint8Array | Uint16Array | Uint32Array>(
  out: A,
  words: A,
  from: number,
  step: number
): Uint8Array => {
  for (let i = 0, at = from; i < out.length; i++, at += step) out[i] = words[at] as number
  return new Uint8Array(out.buffer, out.byteOffset, out.byteLength)
}

/** One sample of each pixel out of `samples` that stand next to each other, each of `size` bytes. */
export const pickSample = (bytes: Uint8Array, sample: number, samples: number, size: number): Uint8Array => {
  const count = Math.floor(bytes.length / (samples * size))
  if (size === 1) return strided(new Uint8Array(count), bytes, sample, samples)
  if (size === 2) return strided(new Uint16Array(count), words16(bytes), sample, samples)
  if (size === 4) return strided(new Uint32Array(count), words32(bytes), sample, samples)
  const [words, parts] = [words32(bytes), size / 4]
  const out = new Uint32Array(count * parts)
  for (let i = 0; i < count; i++) {
    for (let part = 0; part < parts; part++)
      out[i * parts + part] = words[(i * samples + sample) * parts + part] as number
  }
  return new Uint8Array(out.buffer)
}
