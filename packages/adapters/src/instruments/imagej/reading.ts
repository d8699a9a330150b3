import type { AcquiredImage, InstrumentReading, NativeText } from '@bims/core'
import { newDraft, type Draft } from '../native/draft.ts'
import type { KeyLine } from '../native/key-lines.ts'
import { parseDecimal, parseSwitch } from '../native/number.ts'
import { ucumOf } from './units.ts'

/** Pixels in a unit of length along an axis, as baseline tag 282 or 283 says it; not a native entry. */
export interface Resolution {
  readonly x?: number
  readonly y?: number
}

type Find = (name: string) => { readonly text: string; readonly ordinal: number } | undefined

const findIn = (lines: readonly KeyLine[]): Find => name => {
  const ordinal = lines.findIndex(line => line.name === name && line.value.trim() !== '')
  return ordinal < 0 ? undefined : { text: lines[ordinal]?.value.trim() ?? '', ordinal }
}

const axes = [['c', 'channels'], ['z', 'slices'], ['t', 'frames']] as const

/** Numbers and words of how ImageJ shows and calibrates the image; ImageJ's own names. */
const shown = ['min', 'max', 'cf', 'c0', 'c1', 'c2', 'c3', 'c4', 'fps', 'xorigin', 'yorigin', 'zorigin', 'images', 'bit-depth'] as const
const words = ['mode', 'order', 'vunit', 'tunit'] as const
const switches = ['hyperstack', 'loop', 'zerocalibrated'] as const

const putSizes = (draft: Draft, find: Find, resolution: Resolution): void => {
  const unit = find('unit')
  for (const axis of ['x', 'y', 'z'] as const) {
    const own = find(`${axis}unit`) ?? unit
    const code = own === undefined ? undefined : ucumOf(own.text)
    const spacing = axis === 'z' ? find('spacing') : undefined
    const pixels = axis === 'z' ? undefined : resolution[axis]
    const value = spacing === undefined ? (pixels === undefined ? undefined : 1 / pixels) : parseDecimal(spacing.text)
    if (own === undefined || code === undefined || value === undefined || !(value > 0)) continue
    draft.pixelSize(axis, { value, unit: code }, [own.ordinal, ...(spacing === undefined ? [] : [spacing.ordinal])])
  }
  const code = unit === undefined ? undefined : ucumOf(unit.text)
  if (unit !== undefined && code === undefined) draft.warn(`the unit "${unit.text}" has no UCUM code; sizes are carried, not mapped`)
}

const putTime = (draft: Draft, find: Find): void => {
  const interval = find('finterval')
  const value = interval === undefined ? undefined : parseDecimal(interval.text)
  const unit = find('tunit')
  const code = unit === undefined ? 's' : ucumOf(unit.text)
  if (interval === undefined || value === undefined || code === undefined) return
  // A negative interval is one that was never set.
  if (value > 0) draft.setting('common', 'timeIncrement', { value, unit: code }, [interval.ordinal, ...(unit === undefined ? [] : [unit.ordinal])])
  else draft.warn(`finterval is ${interval.text}; it is carried, not mapped`)
}

const putShown = (draft: Draft, find: Find): void => {
  for (const name of shown) {
    const found = find(name)
    const value = found === undefined ? undefined : parseDecimal(found.text)
    if (found !== undefined && value !== undefined) draft.setting('common', `imagej:${name}`, value, [found.ordinal])
  }
  for (const name of words) {
    const found = find(name)
    if (found !== undefined) draft.setting('common', `imagej:${name}`, found.text, [found.ordinal])
  }
  for (const name of switches) {
    const found = find(name)
    const value = found === undefined ? undefined : parseSwitch(found.text)
    if (found !== undefined && value !== undefined) draft.setting('common', `imagej:${name}`, value, [found.ordinal])
  }
}

/** The acquisition that ImageJ's description tells: sizes and times; how it was acquired ImageJ does not know. */
export const readDescription = (lines: readonly KeyLine[], native: readonly NativeText[], image: AcquiredImage, resolution: Resolution): InstrumentReading => {
  const find = findIn(lines)
  const count = image.shape[image.axes.indexOf('c')] ?? 1
  const draft = newDraft(image, Array.from({ length: Math.min(Math.max(1, count), 1000) }, () => 'generic'))
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
