import { bytesPerElement } from '@bims/core'
import { isPlain } from '../decode/segment.ts'
import { readSegments, type Segments } from '../pixels/segments.ts'
import type { Layout } from '../structure/layout.ts'
import type { Page } from '../structure/page.ts'
import { malformed } from '../structure/reader.ts'
import {
  indicesOf,
  mostPlanes,
  product,
  sameShape,
  type Dimension,
  type Placed,
  type Series,
  type SeriesInput
} from './draft.ts'

/** The counts that ImageJ writes into the image description. */
interface Counts {
  readonly images: number
  readonly channels: number
  readonly slices: number
  readonly frames: number
  readonly order: string
}

const countsOf = (text: string): Counts | undefined => {
  const values = new Map(
    text.split('\n').map(line => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()])
  )
  const count = (name: string): number => Number(values.get(name) ?? 1)
  const counts = {
    images: count('images'),
    channels: count('channels'),
    slices: count('slices'),
    frames: count('frames')
  }
  const valid = Object.values(counts).every(n => Number.isSafeInteger(n) && n >= 1)
  return valid ? { ...counts, order: values.get('order') ?? 'czt' } : undefined
}

/** Dimensions, slowest first, for ImageJ's word about their order (fastest first; `czt` where it says nothing). */
const dimensionsOf = (counts: Counts): readonly Dimension[] => {
  const lengths: Readonly<Record<string, number>> = { c: counts.channels, z: counts.slices, t: counts.frames }
  const order = /^(?:czt|ctz|zct|ztc|tcz|tzc)$/.test(counts.order) ? counts.order : 'czt'
  return [...order].reverse().map(name => ({ name, length: lengths[name] ?? 1 }))
}

/** Pages that the counts speak of, and the counts with channels that are samples taken out. */
const imagesOf = (counts: Counts, page: Page): { readonly images: number; readonly counts: Counts } => {
  const { channels, frames, slices } = counts
  const separate = page.layout.planar === 2 && page.layout.samples === channels
  if (channels === 1 || separate) return { images: frames * slices, counts: { ...counts, channels: 1 } }
  const together = counts.images === frames * slices && page.layout.samples === channels
  return together
    ? { images: frames * slices, counts: { ...counts, channels: 1 } }
    : { images: frames * slices * channels, counts }
}

const imageBytes = ({ dtype, height, samples, width }: Layout): number =>
  samples * width * height * bytesPerElement[dtype]

const isContiguous = ({ counts, offsets }: Segments): boolean =>
  offsets.every((offset, i) => i === 0 || offset === (offsets[i - 1] ?? 0) + (counts[i - 1] ?? 0))

/** Whether samples stand as they are in strips, so that more of them may follow. */
const isRaw = ({ layout }: Page): boolean =>
  isPlain(layout) && layout.tile === undefined && layout.bits === bytesPerElement[layout.dtype] * 8

/** Where a stack of one directory begins, or undefined where its data do not follow each other in the file. */
const contiguousStart = async (
  { pages, reader }: SeriesInput,
  page: Page,
  images: number
): Promise<number | undefined> => {
  if (!isRaw(page)) return undefined
  const segments = await readSegments(reader, { layout: page.layout, page, plane: 0 })
  const [start = 0] = segments.offsets
  if (!isContiguous(segments) || start === 0) return undefined
  const end = start + images * imageBytes(page.layout)
  if (end > reader.size) return malformed(`ImageJ's description tells of ${images} images, more than the file is long.`)
  const [, second = 0] = pages.directories
  return images > 1 && second > start && end > second ? undefined : start
}

/** The dimensions over all images: those named, and one without a name for what they leave over. */
const allDimensions = (named: readonly Dimension[], images: number): readonly Dimension[] => {
  const rest = Math.floor(images / product(named.map(({ length }) => length)))
  return rest > 1 ? [{ name: 'plane', length: rest }, ...named] : named
}

/** The pages or, where there is only one directory, the data behind it. */
const findImages = async (
  input: SeriesInput,
  page: Page,
  count: number
): Promise<readonly Omit<Placed, 'at'>[] | undefined> => {
  const paged = input.pages.pages.slice(0, count)
  if (paged.length === count && paged.every(({ layout }) => sameShape(layout, page.layout)))
    return paged.map(each => ({ page: each }))
  const start = await contiguousStart(input, page, count)
  if (start === undefined) return undefined
  return Array.from({ length: count }, (_, i) => (i === 0 ? { page } : { data: start + i * imageBytes(page.layout) }))
}

/**
 * ImageJ's stacks and hyperstacks. A stack may have one directory only, its images uncompressed one after another:
 * that is how ImageJ writes what passes 4 GiB.
 */
export const readImageJ = async (input: SeriesInput): Promise<Series | undefined> => {
  const text = input.descriptions.find(description => description.startsWith('ImageJ='))
  const given = text === undefined ? undefined : countsOf(text)
  const [page] = input.pages.pages
  if (given === undefined || page === undefined) return undefined
  const counted = imagesOf(given, page)
  const images = counted.images === 1 ? input.pages.pages.length : counted.images
  if (images > mostPlanes) return malformed(`ImageJ's description tells of ${images} images.`)
  const dimensions = allDimensions(dimensionsOf(counted.counts), images)
  const lengths = dimensions.map(({ length }) => length)
  const found = await findImages(input, page, product(lengths))
  const placed = found?.map((each, i) => ({ ...each, at: indicesOf(i, lengths) }))
  return placed === undefined ? undefined : { drafts: [{ role: 'data', layout: page.layout, dimensions, placed }] }
}
