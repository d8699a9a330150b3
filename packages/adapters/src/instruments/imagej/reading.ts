import type { AcquiredImage, InstrumentReading, NativeText } from '@bims/core'
import { newDraft, type Draft } from '../native/draft.ts'
import type { KeyLine } from '../native/key-lines.ts'
import { parseDecimal, parseSwitch } from '../native/number.ts'
import { ucumOf } from './units.ts'

/** Pixels in a unit of length along an axis, as baseline tags 282, 283 and 296 say it; no native entries. */
export interface Resolution {
  readonly x?: number
  readonly y?: number
  /** UCUM unit where tag 296 names one; ImageJ itself writes "none" there, and its own `unit` in the description. */
  readonly unit?: string
}

type Find = (name: string) => { readonly text: string; readonly ordinal: number } | undefined

const findIn =
  (lines: readonly KeyLine[]): Find =>
  name => {
    const ordinal = lines.findIndex(line => line.name === name && line.value.trim() !== '')
    return ordinal < 0 ? undefined : { text: lines[ordinal]?.value.trim() ?? '', ordinal }
  }

const axes = [
  ['c', 'channels'],
  ['z', 'slices'],
  ['t', 'frames']
] as const

/** Numbers and words of how ImageJ shows and calibrates the image; ImageJ's own names. */
const shown = [
  'min',
  'max',
  'cf',
  'c0',
  'c1',
  'c2',
  'c3',
  'c4',
  'fps',
  'xorigin',
  'yorigin',
  'zorigin',
  'images',
  'bit-depth'
] as const
const words = ['mode', 'order', 'vunit', 'tunit'] as const
const switches = ['hyperstack', 'loop', 'zerocalibrated'] as const

const putSpacing = (draft: Draft, find: Find): void => {
  const unit = find('zunit') ?? find('unit')
  const spacing = find('spacing')
  const code = unit === undefined ? undefined : ucumOf(unit.text)
  const value = spacing === undefined ? undefined : parseDecimal(spacing.text)
  if (unit === undefined || spacing === undefined || code === undefined || value === undefined || !(value > 0)) return
  draft.pixelSize('z', { value, unit: code }, [unit.ordinal, spacing.ordinal])
}

/** The unit of the pixels: that of tag 296, else ImageJ's own, with the entry that says it. */
const pixelUnit = (find: Find, axis: 'x' | 'y', resolution: Resolution) => {
  if (resolution.unit !== undefined) return { code: resolution.unit, ordinals: [] }
  const own = find(`${axis}unit`) ?? find('unit')
  const code = own === undefined ? undefined : ucumOf(own.text)
  return own === undefined || code === undefined ? undefined : { code, ordinals: [own.ordinal] }
}

const putSizes = (draft: Draft, find: Find, resolution: Resolution): void => {
  for (const axis of ['x', 'y'] as const) {
    const pixels = resolution[axis]
    const unit = pixelUnit(find, axis, resolution)
    if (pixels !== undefined && unit !== undefined) {
      draft.pixelSize(axis, { value: 1 / pixels, unit: unit.code }, unit.ordinals)
    }
  }
  putSpacing(draft, find)
  const unit = find('unit')
  if (unit === undefined || ucumOf(unit.text) !== undefined) return
  draft.warn(`the unit "${unit.text.slice(0, 40)}" has no UCUM code; sizes are carried, not mapped`)
}

const putTime = (draft: Draft, find: Find): void => {
  const interval = find('finterval')
  const value = interval === undefined ? undefined : parseDecimal(interval.text)
  const unit = find('tunit')
  const code = unit === undefined ? 's' : ucumOf(unit.text)
  if (interval === undefined || value === undefined || code === undefined) return
  // A negative interval is one that was never set.
  if (value > 0)
    draft.setting('common', 'timeIncrement', { value, unit: code }, [
      interval.ordinal,
      ...(unit === undefined ? [] : [unit.ordinal])
    ])
  else draft.warn(`finterval is ${interval.text}; it is carried, not mapped`)
}

/** ImageJ's own names, each with how its value is read. */
const shownRules = [
  ...shown.map(name => [name, parseDecimal] as const),
  ...words.map(name => [name, (text: string): string => text] as const),
  ...switches.map(name => [name, parseSwitch] as const)
]

const putShown = (draft: Draft, find: Find): void => {
  for (const [name, read] of shownRules) {
    const found = find(name)
    const value = found === undefined ? undefined : read(found.text)
    if (found !== undefined && value !== undefined) draft.setting('common', `imagej:${name}`, value, [found.ordinal])
  }
}

/** The acquisition that ImageJ's description tells: sizes and times; how it was acquired ImageJ does not know. */
export const readDescription = (
  lines: readonly KeyLine[],
  native: readonly NativeText[],
  image: AcquiredImage,
  resolution: Resolution
): InstrumentReading => {
  const find = findIn(lines)
  const count = image.shape[image.axes.indexOf('c')] ?? 1
  const draft = newDraft(
    image,
    Array.from({ length: Math.min(Math.max(1, count), 1000) }, () => 'generic')
  )
  for (const [axis, name] of axes) {
    const found = find(name)
    const length = found === undefined ? undefined : parseDecimal(found.text)
    if (found !== undefined && length !== undefined) draft.axisLength(axis, length, [found.ordinal])
  }
  const version = find('ImageJ')
  if (version !== undefined) draft.setting('common', 'imagej:version', version.text, [version.ordinal])
  putSizes(draft, find, resolution)
  putTime(draft, find)
  putShown(draft, find)
  return draft.reading(native)
}
