import { bytesPerElement } from '@bims/core'
import type { DType, Quantity } from '@bims/core'
import { tags } from '../structure/tags.ts'
import { long, offset, rational, shorts, text, type Field } from './directory-bytes.ts'
import type { TiffForm, TiffWriteOptions } from './image-data.ts'

const sampleFormat = (dtype: DType): number =>
  dtype.startsWith('complex') ? 6 : dtype.startsWith('float') ? 3 : dtype.startsWith('int') ? 2 : 1

const isRgb = ({ dtype, samples }: TiffForm): boolean => samples >= 3 && (dtype === 'uint8' || dtype === 'uint16')

const perCentimetre: Readonly<Record<string, number>> = {
  m: 0.01,
  dm: 0.1,
  cm: 1,
  mm: 10,
  um: 1e4,
  nm: 1e7,
  pm: 1e10,
  Ao: 1e8
}

/** Pixels in a centimetre, where a length of one is known and can be told. */
const resolution = (length: Quantity | undefined): number | undefined => {
  const pixels = length === undefined ? undefined : (perCentimetre[length.unit] ?? NaN) / length.value
  return pixels !== undefined && pixels >= 1e-6 && pixels <= 0xffffffff ? pixels : undefined
}

const resolutionFields = (options: TiffWriteOptions): readonly Field[] => {
  const [x, y] = [resolution(options.ome?.pixelSize?.x), resolution(options.ome?.pixelSize?.y)]
  const known = x !== undefined && y !== undefined
  return [rational(282, known ? x : 1), rational(283, known ? y : 1), shorts(296, known ? 3 : 1)]
}

/** The tags of a page whose pixels stand as one strip at an offset. */
export const pageFields = (form: TiffForm, options: TiffWriteOptions, at: number, big: boolean): readonly Field[] => {
  const rgb = isRgb(form)
  const each = (value: number): readonly number[] => Array.from({ length: form.samples }, () => value)
  const extra = form.samples - (rgb ? 3 : 1)
  return [
    long(tags.subfile, 0),
    long(tags.width, form.width),
    long(tags.height, form.height),
    shorts(tags.bits, ...each(bytesPerElement[form.dtype] * 8)),
    shorts(tags.compression, 1),
    shorts(tags.photometric, rgb ? 2 : 1),
    offset(tags.stripOffsets, at, big),
    shorts(tags.samples, form.samples),
    long(tags.rowsPerStrip, form.height),
    offset(tags.stripCounts, form.pageBytes, big),
    ...resolutionFields(options),
    shorts(tags.planar, 1),
    ...(extra > 0 ? [shorts(tags.extraSamples, ...Array.from({ length: extra }, () => 0))] : []),
    shorts(tags.sampleFormat, ...each(sampleFormat(form.dtype)))
  ]
}

/** The tags that the first page has besides. */
export const firstPageFields = (description: string | undefined, options: TiffWriteOptions): readonly Field[] => [
  ...(description === undefined ? [] : [text(tags.description, description)]),
  ...(options.software === undefined ? [] : [text(tags.software, options.software)]),
  ...(options.tags ?? []).map(({ bytes, tag, type }) => ({
    tag,
    type,
    bytes: type === 2 ? new Uint8Array([...bytes, 0]) : bytes
  }))
]
