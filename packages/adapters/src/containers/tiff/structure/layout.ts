import type { DType } from '@bims/core'
import type { Directory } from './directory.ts'
import type { TiffReader } from './reader.ts'
import { tags } from './tags.ts'
import { inlineIntegers, integers } from './value.ts'

/** How a page's pixels are laid out. Pages that are laid out alike share one object. */
export interface Layout {
  readonly width: number
  readonly height: number
  readonly bits: number
  readonly samples: number
  readonly dtype: DType
  /** 1: samples next to each other; 2: one plane a sample. */
  readonly planar: number
  readonly compression: number
  readonly predictor: number
  readonly fillOrder: number
  readonly photometric: number
  /** Size of a tile; absent for strips. */
  readonly tile?: { readonly width: number; readonly height: number }
  readonly rowsPerStrip: number
  /** NewSubfileType: 1 reduced resolution, 4 transparency mask. */
  readonly subfile: number
  /** Why the pixels cannot be decoded here, where that is known beforehand. */
  readonly trouble?: string
}

const widened = (bits: number): DType =>
  bits === 1 ? 'bool' : bits <= 8 ? 'uint8' : bits <= 16 ? 'uint16' : bits <= 32 ? 'uint32' : 'uint64'

const exact: Readonly<Record<string, DType>> = {
  '2/8': 'int8',
  '2/16': 'int16',
  '2/32': 'int32',
  '2/64': 'int64',
  '3/16': 'float16',
  '3/32': 'float32',
  '3/64': 'float64',
  '6/64': 'complex64',
  '6/128': 'complex128'
}

/** The element type of SampleFormat and BitsPerSample, or undefined for what NumPy does not name. */
const dtypeOf = (format: number, bits: number): DType | undefined =>
  format === 1 || format === 4
    ? (bits >= 1 && bits <= 32) || bits === 64
      ? widened(bits)
      : undefined
    : exact[`${format}/${bits}`]

const troubles = (of: {
  readonly depth: number
  readonly bits: readonly number[]
  readonly formats: readonly number[]
  readonly dtype: DType | undefined
  readonly subsampled: boolean
  readonly planar: number
}): string | undefined => {
  if (of.depth > 1) return 'it holds volumes in one page (tag ImageDepth)'
  if (of.bits.some(bits => bits !== of.bits[0])) return `its samples have ${of.bits.join(', ')} bits`
  if (of.formats.some(format => format !== of.formats[0]))
    return `its samples have the formats ${of.formats.join(', ')}`
  if (of.dtype === undefined) return `its samples have format ${of.formats[0]} with ${of.bits[0]} bits`
  if (of.subsampled) return 'its colours are subsampled without JPEG'
  return of.planar === 1 || of.planar === 2 ? undefined : `its planar configuration is ${of.planar}`
}

/** Most values that one of the layout's tags may have; BitsPerSample has one a sample. */
const mostValues = 65_535

/** The tags that say how pixels are laid out. */
const layoutTags: ReadonlySet<number> = new Set([
  tags.subfile,
  tags.width,
  tags.height,
  tags.bits,
  tags.compression,
  tags.photometric,
  tags.fillOrder,
  tags.samples,
  tags.rowsPerStrip,
  tags.planar,
  tags.predictor,
  tags.tileWidth,
  tags.tileHeight,
  tags.sampleFormat,
  tags.subsampling,
  tags.imageDepth
])

/** Values of tags, of a repeated tag the first. */
type Numbers = ReadonlyMap<number, readonly number[]>

/** Reads the values of {@link layoutTags}. Most stand in the directory itself: only others are waited for. */
const readNumbers = async (
  reader: TiffReader,
  directory: Directory,
  spend: (bytes: number) => void
): Promise<Numbers> => {
  const numbers = new Map<number, readonly number[]>()
  for (const entry of directory.entries) {
    if (!layoutTags.has(entry.tag) || numbers.has(entry.tag)) continue
    if (entry.inline === undefined) spend(Math.min(entry.length, mostValues * 8))
    const values =
      entry.inline === undefined ? await integers(reader, entry, mostValues) : inlineIntegers(reader, entry)
    numbers.set(entry.tag, [...values])
  }
  return numbers
}

const one = (numbers: Numbers, tag: number, otherwise: number): number => numbers.get(tag)?.[0] ?? otherwise

const jpegCompressions: ReadonlySet<number> = new Set([6, 7, 33007, 34892])

/** Tile sizes, or undefined for strips. */
const tileOf = (numbers: Numbers): Layout['tile'] =>
  numbers.has(tags.tileWidth)
    ? { width: one(numbers, tags.tileWidth, 0), height: one(numbers, tags.tileHeight, 0) }
    : undefined

/** What decides the element type, and what of it cannot be decoded. */
const typeOf = (
  numbers: Numbers,
  samples: number,
  compression: number,
  planar: number
): Pick<Layout, 'bits' | 'dtype' | 'trouble'> => {
  const each = (tag: number): readonly number[] => (numbers.get(tag) ?? [1]).slice(0, samples)
  const [bits, formats] = [each(tags.bits), each(tags.sampleFormat)]
  const [firstBits = 1, firstFormat = 1] = [bits[0], formats[0]]
  const dtype = dtypeOf(firstFormat, firstBits)
  const subsampled = !jpegCompressions.has(compression) && (numbers.get(tags.subsampling) ?? []).some(n => n !== 1)
  const depth = one(numbers, tags.imageDepth, 1)
  const trouble = troubles({ depth, bits, formats, dtype, subsampled, planar })
  return {
    bits: firstBits,
    dtype: dtype ?? widened(Math.min(64, firstBits)),
    ...(trouble === undefined ? {} : { trouble })
  }
}

/**
 * Reads how a page is laid out, or undefined for a directory without an image. `spend` is told the bytes of values
 * that stand outside the directory, so that a caller can bound them over all directories. Throws `tiff-malformed`.
 */
export const readLayout = async (
  reader: TiffReader,
  directory: Directory,
  spend: (bytes: number) => void
): Promise<Layout | undefined> => {
  const numbers = await readNumbers(reader, directory, spend)
  if (!numbers.has(tags.width) || !numbers.has(tags.height)) return undefined
  const height = one(numbers, tags.height, 0)
  const samples = one(numbers, tags.samples, 1)
  const compression = one(numbers, tags.compression, 1)
  const planar = samples === 1 ? 1 : one(numbers, tags.planar, 1)
  const tile = tileOf(numbers)
  const rows = one(numbers, tags.rowsPerStrip, height)
  return {
    width: one(numbers, tags.width, 0),
    height,
    samples,
    planar,
    compression,
    ...typeOf(numbers, samples, compression, planar),
    predictor: one(numbers, tags.predictor, 1),
    fillOrder: one(numbers, tags.fillOrder, 1),
    photometric: one(numbers, tags.photometric, 1),
    rowsPerStrip: rows === 0 ? height : Math.min(rows, height),
    subfile: one(numbers, tags.subfile, 0),
    ...(tile === undefined ? {} : { tile })
  }
}

/** What is wrong with a layout's sizes, or undefined. */
export const layoutFault = (layout: Layout): string | undefined => {
  const { height, samples, tile, width } = layout
  if (width < 1 || height < 1) return `its image has ${width} × ${height} pixels`
  if (samples < 1 || samples > mostValues) return `its pixels have ${samples} samples`
  if (width > 0xffffffff || height > 0xffffffff) return `its image claims ${width} × ${height} pixels`
  if (tile !== undefined && (tile.width < 1 || tile.height < 1))
    return `its tiles have ${tile.width} × ${tile.height} pixels`
  return undefined
}
