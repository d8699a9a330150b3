import { bytesPerElement } from '@bims/core'
import type { Layout } from '../structure/layout.ts'
import { malformed, unsupported } from '../structure/reader.ts'
import { decodeDeflate, decodeZstd } from './inflate.ts'
import { decodeLzw } from './lzw.ts'
import { decodePackBits } from './packbits.ts'
import { undoDifferences, undoFloatDifferences } from './predictor.ts'
import { reverseBits, swapBytes, unpackBits } from './unpack.ts'

/** A strip or tile as it is coded. */
export interface SegmentForm {
  readonly layout: Layout
  readonly littleEndian: boolean
  readonly width: number
  readonly rows: number
  /** Samples next to each other in it. */
  readonly samples: number
  /** Tables shared by JPEG segments (tag 347). */
  readonly tables?: Uint8Array
}

/** Bytes of a coded row, before widening. */
export const packedRow = (layout: Layout, width: number, samples: number): number =>
  Math.ceil((width * samples * layout.bits) / 8)

/** Largest strip or tile that is decoded as one piece. */
const largestSegment = 1024 * 1024 * 1024

type Decoder = (bytes: Uint8Array, most: number, form: SegmentForm) => Uint8Array | Promise<Uint8Array>

const viaGeotiff: Decoder = async (bytes, _most, { layout, rows, samples, tables, width }) => {
  const { decodeJpeg } = await import('./jpeg.ts')
  const form = { width, height: rows, bits: layout.bits, samples, ...(tables === undefined ? {} : { tables }) }
  return decodeJpeg(bytes, form, layout.planar === 1 ? layout.photometric : 1)
}

const decoders: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [1, bytes => bytes],
  [5, decodeLzw],
  [7, viaGeotiff],
  [8, decodeDeflate],
  [32773, decodePackBits],
  [32946, decodeDeflate],
  [34926, decodeZstd],
  [50000, decodeZstd]
])

const isJpeg = (compression: number): boolean => compression === 7

const predictorTrouble = ({ bits, dtype, predictor }: Layout): string | undefined => {
  if (predictor === 1) return undefined
  if (predictor !== 2 && predictor !== 3) return `it uses predictor ${predictor}`
  if (bits !== bytesPerElement[dtype] * 8) return `it predicts samples of ${bits} bits`
  if (dtype.startsWith('complex')) return 'it predicts complex samples'
  return predictor === 3 && !dtype.startsWith('float') ? 'it predicts whole numbers as floating point' : undefined
}

/** Why a layout's pixels cannot be decoded here, or undefined where they can. */
export const decodingTrouble = (layout: Layout): string | undefined => {
  if (layout.trouble !== undefined) return layout.trouble
  if (!decoders.has(layout.compression)) return `it is compressed with method ${layout.compression}`
  if (!isJpeg(layout.compression)) return predictorTrouble(layout)
  return layout.bits === 8 ? undefined : `it is JPEG with ${layout.bits} bits`
}

/** Whether coded bytes are the samples themselves, so that they can be taken row by row. */
export const isPlain = (layout: Layout): boolean =>
  layout.compression === 1 && layout.predictor === 1 && layout.fillOrder !== 2 && layout.trouble === undefined

/** Bytes that are swapped together: half a complex number. */
const swapSize = (layout: Layout): number =>
  bytesPerElement[layout.dtype] / (layout.dtype.startsWith('complex') ? 2 : 1)

/** Uncompressed bytes to little-endian samples of the layout's dtype. */
const toSamples = (bytes: Uint8Array, form: SegmentForm): Uint8Array => {
  const { layout, littleEndian, rows, samples, width } = form
  const size = bytesPerElement[layout.dtype]
  if (layout.bits !== size * 8) return unpackBits(bytes, rows, width * samples, layout.bits, size)
  return littleEndian || size === 1 ? bytes : swapBytes(bytes, swapSize(layout))
}

const unpredicted = (bytes: Uint8Array, form: SegmentForm): Uint8Array => {
  const { layout, rows, samples, width } = form
  const size = bytesPerElement[layout.dtype]
  const perRow = width * samples
  // A copy of its own: predictors work in place and need alignment.
  if (layout.predictor === 3) return undoFloatDifferences(bytes.slice(), rows, perRow, samples, size)
  const aligned = new Uint8Array(toSamples(bytes, form))
  undoDifferences(aligned, rows, perRow, samples, size)
  return aligned
}

/**
 * Decodes one strip or tile to little-endian samples, row-major, samples next to each other, of the layout's dtype.
 * The bytes given are not changed. Throws `tiff-malformed`, `tiff-unsupported`.
 */
export const decodeSegment = async (coded: Uint8Array, form: SegmentForm): Promise<Uint8Array> => {
  const { layout, rows, samples, width } = form
  const trouble = decodingTrouble(layout)
  if (trouble !== undefined) unsupported(`The image cannot be decoded: ${trouble}.`)
  const expected = rows * packedRow(layout, width, samples)
  if (expected > largestSegment)
    unsupported(`A strip or tile of ${expected} bytes is too large to be decoded as one piece.`)
  const decoder =
    decoders.get(layout.compression) ?? unsupported(`Compression ${layout.compression} cannot be decoded.`)
  const ordered = layout.fillOrder === 2 && !isJpeg(layout.compression) ? reverseBits(coded) : coded
  const decoded = await decoder(ordered, expected, form)
  if (decoded.length < expected) malformed(`A strip or tile holds ${decoded.length} of its ${expected} bytes.`)
  const exact = decoded.subarray(0, expected)
  if (isJpeg(layout.compression)) return exact
  return layout.predictor === 1 ? toSamples(exact, form) : unpredicted(exact, form)
}
