import type { DType } from '@bims/core'
import { entryOf, type Directory, type Entry } from './directory.ts'
import type { TiffReader } from './reader.ts'
import { tags } from './tags.ts'
import { integers } from './value.ts'

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

/** What {@link readLayout} found besides: raw numbers by tag. */
type Numbers = (tag: number) => Promise<readonly number[]>

const newNumbers = (reader: TiffReader, directory: Directory, spend: (bytes: number) => void): Numbers => {
  const first = new Map<number, Entry>()
  for (const entry of directory.entries) if (!first.has(entry.tag)) first.set(entry.tag, entry)
  return async tag => {
    const entry = first.get(tag)
    if (entry === undefined) return []
    if (entry.inline === undefined) spend(Math.min(entry.length, mostValues * 8))
    return [...(await integers(reader, entry, mostValues))]
  }
}

const jpegCompressions: ReadonlySet<number> = new Set([6, 7, 33007, 34892])

/** Tile sizes, or undefined for strips. */
const readTile = async (numbers: Numbers, directory: Directory): Promise<Layout['tile']> => {
  if (entryOf(directory, tags.tileWidth) === undefined) return undefined
  return { width: (await numbers(tags.tileWidth))[0] ?? 0, height: (await numbers(tags.tileHeight))[0] ?? 0 }
}

/** What decides the element type, and what of it cannot be decoded. */
const readType = async (
  numbers: Numbers,
  samples: number,
  compression: number,
  planar: number
): Promise<Pick<Layout, 'bits' | 'dtype' | 'trouble'>> => {
  const orOne = (list: readonly number[]): readonly number[] => (list.length === 0 ? [1] : list.slice(0, samples))
  const [bits, formats] = [orOne(await numbers(tags.bits)), orOne(await numbers(tags.sampleFormat))]
  const [firstBits = 1, firstFormat = 1] = [bits[0], formats[0]]
  const dtype = dtypeOf(firstFormat, firstBits)
  const subsampled = !jpegCompressions.has(compression) && (await numbers(tags.subsampling)).some(n => n !== 1)
  const [depth = 1] = await numbers(tags.imageDepth)
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
  if (entryOf(directory, tags.width) === undefined || entryOf(directory, tags.height) === undefined) return undefined
  const numbers = newNumbers(reader, directory, spend)
  const one = async (tag: number, otherwise: number): Promise<number> => (await numbers(tag))[0] ?? otherwise
  const height = await one(tags.height, 0)
  const samples = await one(tags.samples, 1)
  const compression = await one(tags.compression, 1)
  const planar = samples === 1 ? 1 : await one(tags.planar, 1)
  const tile = await readTile(numbers, directory)
  const rows = await one(tags.rowsPerStrip, height)
  return {
    width: await one(tags.width, 0),
    height,
    samples,
    planar,
    compression,
    ...(await readType(numbers, samples, compression, planar)),
    predictor: await one(tags.predictor, 1),
    fillOrder: await one(tags.fillOrder, 1),
    photometric: await one(tags.photometric, 1),
    rowsPerStrip: rows === 0 ? height : Math.min(rows, height),
    subfile: await one(tags.subfile, 0),
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
