import {
  bandRows,
  bytesPerElement,
  codedDigest,
  contentKey,
  leafHash,
  merkleRoot,
  newSha256,
  pixelDigest,
  toHex
} from '@bims/core'
import type { ImageDigests, Sha256 } from '@bims/core'
import type { Coding } from '../decode/coding.ts'
import { codingOf, mayBeLossy } from '../decode/coding.ts'
import { decodingTrouble } from '../decode/segment.ts'
import { malformed, unsupported, type TiffReader } from '../structure/reader.ts'
import { fetchPieces } from './fetch.ts'
import { pixelBytes, planeRow, type TiffImage } from './image.ts'
import { decodeRows, pickSample, type Rows } from './rows.ts'

/** Stops and tells how far it came. */
export interface DigestOptions {
  readonly signal?: AbortSignal
  /** Receives fractions from 0 to 1. */
  readonly onProgress?: (done: number) => void
}

/** Pixels that a file may claim: what empty tiles and the strongest compression can honestly give, and no more. */
const mostPixelBytes = (reader: TiffReader): number => 1024 ** 3 + 8192 * reader.size

/** Throws `tiff-malformed` where a file claims more pixels than it can hold, before any of them is decoded. */
export const checkExtent = (reader: TiffReader, image: TiffImage): void => {
  if (pixelBytes(image) > mostPixelBytes(reader)) {
    malformed(
      `Image ${image.name} claims ${pixelBytes(image)} bytes of pixels, which a file of ${reader.size} bytes cannot hold.`
    )
  }
}

const leafPrefix = Uint8Array.of(0)
const hashSize = 32
/** Most bytes of leaf hashes that are held: 32 million bands. */
const mostLeafBytes = 1024 ** 3

/** Hashes bands of rows as they come; planes may come in any order, the rows of one in theirs. */
const newBands = (image: TiffImage) => {
  const { height } = image.layout
  const [perPlane, rowBytes] = [Math.ceil(height / bandRows), planeRow(image)]
  const total = image.planes * perPlane
  if (total * hashSize > mostLeafBytes)
    unsupported(`Image ${image.name} has ${total} bands of ${bandRows} rows, too many to be digested.`)
  const leaves = new Uint8Array(total * hashSize)
  const seen = new Uint8Array(image.planes)
  const running = new Map<number, Sha256>()
  const take = (plane: number, y: number, bytes: Uint8Array): void => {
    seen[plane] = 1
    for (let row = y, from = 0; from < bytes.length;) {
      const band = Math.floor(row / bandRows)
      const end = Math.min(height, (band + 1) * bandRows)
      const part = bytes.subarray(from, from + (end - row) * rowBytes)
      const hash = running.get(plane) ?? newSha256().update(leafPrefix)
      hash.update(part)
      from += part.length
      row += part.length / rowBytes
      running.set(plane, hash)
      if (row === end) {
        leaves.set(hash.digest(), (plane * perPlane + band) * hashSize)
        running.delete(plane)
      }
    }
  }
  /** Leaf hashes of a plane in which everything is zero. */
  const emptyPlane = (): Uint8Array => {
    const empty = new Uint8Array(perPlane * hashSize)
    for (let band = 0; band < perPlane; band++) {
      const rows = Math.min(bandRows, height - band * bandRows)
      const hash = newSha256().update(leafPrefix)
      const row = new Uint8Array(rowBytes)
      for (let y = 0; y < rows; y++) hash.update(row)
      empty.set(hash.digest(), band * hashSize)
    }
    return empty
  }
  const finish = (): { readonly leaves: Uint8Array[]; readonly roots: string[] } => {
    let empty: Uint8Array | undefined
    const [all, roots]: [Uint8Array[], string[]] = [[], []]
    for (let plane = 0; plane < image.planes; plane++) {
      if (seen[plane] === 0) leaves.set((empty ??= emptyPlane()), plane * perPlane * hashSize)
      const own = Array.from({ length: perPlane }, (_, band) => {
        const from = (plane * perPlane + band) * hashSize
        return leaves.subarray(from, from + hashSize)
      })
      for (const leaf of own) all.push(leaf)
      roots.push(toHex(merkleRoot(own)))
    }
    return { leaves: all, roots }
  }
  return { take, finish }
}

const takeRows = (bands: ReturnType<typeof newBands>, image: TiffImage, rows: Rows): void => {
  const size = bytesPerElement[image.dtype]
  for (let i = 0; i < rows.samples; i++) {
    const plane = rows.source.plane + (rows.sample + i) * image.sampleStride
    bands.take(plane, rows.y, rows.samples === 1 ? rows.bytes : pickSample(rows.bytes, i, rows.samples, size))
  }
}

const digestPixels = async (reader: TiffReader, image: TiffImage, options: DigestOptions): Promise<ImageDigests> => {
  const trouble = decodingTrouble(image.layout)
  if (trouble !== undefined) unsupported(`Image ${image.name} cannot be decoded: ${trouble}.`)
  const bands = newBands(image)
  const total = pixelBytes(image)
  let done = 0
  for await (const rows of decodeRows(reader, image, options.signal)) {
    takeRows(bands, image, rows)
    done += rows.bytes.length
    options.onProgress?.(Math.min(1, done / total))
  }
  const { leaves, roots } = bands.finish()
  const { axes, dtype, layout, shape } = image
  return {
    digest: pixelDigest({ axes, dtype, leaves, shape }),
    content: contentKey({ dtype, planes: roots, shape: [layout.height, layout.width] })
  }
}

/** The first lossy coding among an image's strips or tiles, or `lossless`. */
const findCoding = async (reader: TiffReader, image: TiffImage, signal: AbortSignal | undefined): Promise<Coding> => {
  const suspects = image.sources.filter(source => mayBeLossy(source.layout.compression))
  if (suspects.length === 0) return 'lossless'
  for await (const { bytes, source } of fetchPieces(reader, suspects, signal)) {
    const coding = bytes === undefined ? 'lossless' : codingOf(source.layout.compression, bytes)
    if (coding !== 'lossless') return coding
  }
  return 'lossless'
}

const digestCoded = async (
  reader: TiffReader,
  image: TiffImage,
  coding: Coding,
  options: DigestOptions
): Promise<ImageDigests> => {
  const inPlaneOrder = [...image.sources].sort((a, b) => a.plane - b.plane)
  const directories: Uint8Array[][] = []
  let current: object | undefined
  for await (const { bytes, segments, source } of fetchPieces(reader, inPlaneOrder, options.signal)) {
    if (source !== current) {
      directories.push([leafHash(segments.tables ?? new Uint8Array())])
      current = source
      options.onProgress?.((directories.length - 1) / inPlaneOrder.length)
    }
    directories.at(-1)?.push(leafHash(bytes ?? new Uint8Array()))
  }
  options.onProgress?.(1)
  const { axes, dtype, layout, shape } = image
  return {
    digest: codedDigest({ axes, coding, dtype, shape, leaves: directories.flat() }),
    content: contentKey({
      dtype,
      planes: directories.map(leaves => toHex(merkleRoot(leaves))),
      shape: [layout.height, layout.width]
    })
  }
}

/**
 * Digests one image in a single pass with bounded memory: over its pixels, or over its coded strips or tiles where
 * any of them is lossy. Throws `tiff-malformed`, `tiff-unsupported`, `interrupted`.
 */
export const digestImage = async (
  reader: TiffReader,
  image: TiffImage,
  options: DigestOptions = {}
): Promise<ImageDigests> => {
  checkExtent(reader, image)
  const coding = await findCoding(reader, image, options.signal)
  return coding === 'lossless' ? digestPixels(reader, image, options) : digestCoded(reader, image, coding, options)
}
