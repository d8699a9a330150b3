import type { AcquiredImage, InstrumentReading, NativeText } from '@bims/core'
import { newDraft, type Draft } from '../native/draft.ts'
import { parseDecimal } from '../native/number.ts'
import { componentsOf, devicesOf, modelSetting } from './devices.ts'
import { mostChannels, positionOf, type Frame, type FrameValue } from './frame.ts'

/** Where a frame's values go. */
interface Spot {
  readonly row: number | undefined
  readonly channel: number | undefined
}

/** Values that differ from plane to plane, with their unit. */
const planeColumns: Readonly<Record<string, readonly [column: string, unit: string]>> = {
  'Exposure-ms': ['exposure', 'ms'],
  XPositionUm: ['stage.x', 'um'],
  YPositionUm: ['stage.y', 'um'],
  ZPositionUm: ['stage.z', 'um'],
  'ElapsedTime-ms': ['planeTime', 'ms']
}

/** Names of files and computers, indices that are the row itself, what other rules take: carried only. */
const carriedOnly: ReadonlySet<string> = new Set([
  'FileName',
  'Directory',
  'Prefix',
  'ComputerName',
  'UUID',
  'Frame',
  'FrameIndex',
  'Slice',
  'SliceIndex',
  'ChannelIndex',
  'Channel',
  'Width',
  'Height',
  'PixelType',
  'PixelSizeUm',
  'PixelSize_um',
  'z-step_um',
  'MicroManagerVersion',
  'Time',
  'Channels',
  'Slices',
  'Frames',
  'NextFrame',
  'IJType',
  'Depth'
])

const dtypes: Readonly<Record<string, string>> = {
  GRAY8: 'uint8',
  GRAY16: 'uint16',
  GRAY32: 'float32',
  RGB32: 'uint8',
  RGB64: 'uint16'
}

const putPlane = (draft: Draft, spot: Spot, name: string, { value, ordinal }: FrameValue): boolean => {
  const column = Object.hasOwn(planeColumns, name) ? planeColumns[name] : undefined
  const number = parseDecimal(String(value))
  if (column === undefined || number === undefined) return false
  if (spot.row !== undefined) return draft.planes.cell(spot.row, column[0], number, column[1], [ordinal])
  return draft.setting('common', column[0], { value: number, unit: column[1] }, [ordinal])
}

/** A camera's own exposure repeats the plane's. */
const putExposure = (draft: Draft, spot: Spot, frame: Frame, name: string, { value, ordinal }: FrameValue): boolean => {
  if (name !== `${frame.get('Core-Camera')?.value}-Exposure`) return false
  const number = parseDecimal(String(value))
  return (
    number !== undefined && spot.row !== undefined && draft.planes.cell(spot.row, 'exposure', number, 'ms', [ordinal])
  )
}

const putModel = (draft: Draft, spot: Spot, frame: Frame, name: string, { value, ordinal }: FrameValue): boolean => {
  const found = modelSetting(name, value, frame)
  if (found === undefined) return false
  const place = ['operator', 'comment', 'stage.label', 'timeIncrement'].includes(found[0])
    ? 'common'
    : (spot.channel ?? 'common')
  return draft.setting(place, found[0], found[1], [ordinal])
}

/** A property of a device that the model has no name for: the channel's own, or the plane's where it changes. */
const putProperty = (
  draft: Draft,
  spot: Spot,
  devices: readonly string[],
  name: string,
  { value, ordinal }: FrameValue
): void => {
  const device = devices.find(candidate => name.startsWith(`${candidate}-`))
  if (device === undefined && !name.startsWith('Core-')) return
  if (['Name', 'Description', 'HubID', 'CameraID', 'CameraName'].includes(name.slice((device ?? '').length + 1))) return
  const vendor = `micro-manager:${name}`
  if (draft.setting(spot.channel ?? 'common', vendor, value, [ordinal]) || spot.row === undefined) return
  draft.planes.cell(spot.row, vendor, value, undefined, [ordinal])
}

const spotOf = (draft: Draft, frame: Frame): Spot => {
  const position = positionOf(frame)
  const channel = position?.['c']?.value
  return {
    row: position === undefined ? undefined : draft.planes.row(position),
    channel: channel !== undefined && channel < mostChannels ? channel : undefined
  }
}

const putFrame = (draft: Draft, frame: Frame): void => {
  const spot = spotOf(draft, frame)
  const devices = devicesOf(frame)
  for (const component of componentsOf(frame)) draft.instrument.component(component)
  const name = frame.get('Channel')
  if (name !== undefined && spot.channel !== undefined) {
    draft.channelName(spot.channel, String(name.value), [name.ordinal])
  }
  const put = (key: string, value: FrameValue): boolean =>
    putPlane(draft, spot, key, value) ||
    putExposure(draft, spot, frame, key, value) ||
    putModel(draft, spot, frame, key, value)
  for (const [key, value] of frame) {
    if (!carriedOnly.has(key) && !put(key, value)) putProperty(draft, spot, devices, key, value)
  }
}

const positive = (value: FrameValue | undefined): number | undefined => {
  const number = value === undefined ? undefined : parseDecimal(String(value.value))
  return number !== undefined && number > 0 ? number : undefined
}

const sizeNames = [
  ['x', 'PixelSizeUm'],
  ['x', 'PixelSize_um'],
  ['y', 'PixelSizeUm'],
  ['y', 'PixelSize_um'],
  ['z', 'z-step_um']
] as const

const lengthNames = [
  ['x', 'Width'],
  ['y', 'Height'],
  ['c', 'Channels'],
  ['z', 'Slices'],
  ['t', 'Frames']
] as const

const putDtype = (draft: Draft, frame: Frame): void => {
  const type = frame.get('PixelType')
  const name = String(type?.value)
  const dtype = Object.hasOwn(dtypes, name) ? dtypes[name] : undefined
  if (type !== undefined && dtype !== undefined) draft.dtype(dtype, [type.ordinal])
}

const putImage = (draft: Draft, frame: Frame): void => {
  for (const [axis, name] of sizeNames) {
    const found = frame.get(name)
    const size = positive(found)
    if (found !== undefined && size !== undefined) draft.pixelSize(axis, { value: size, unit: 'um' }, [found.ordinal])
  }
  for (const [axis, name] of lengthNames) {
    const found = frame.get(name)
    if (typeof found?.value === 'number') draft.axisLength(axis, found.value, [found.ordinal])
  }
  putDtype(draft, frame)
}

/** `2016-02-11 09:00:16 -0800`: the first frame's time is the acquisition's. */
const putMoment = (draft: Draft, frame: Frame): void => {
  const time = frame.get('Time')
  const match = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?: ?([+-]\d{2}):?(\d{2}))?$/.exec(
    String(time?.value ?? '')
  )
  if (time === undefined || match === null) return
  const [, day, hour, offset, minutes] = match
  draft.acquiredAt(
    {
      local: `${day}T${hour}`,
      ...(offset === undefined ? {} : { offset: `${offset}:${minutes}` }),
      source: 'Micro-Manager Time'
    },
    [time.ordinal]
  )
}

const channelCount = (frames: readonly Frame[], summary: Frame | undefined): number => {
  const indices = frames.map(frame => positionOf(frame)?.['c']?.value ?? 0).filter(index => index < mostChannels)
  const stated = Number(summary?.get('Channels')?.value ?? 0)
  return Math.max(
    1,
    indices.reduce((most, index) => Math.max(most, index + 1), 0),
    Number.isInteger(stated) && stated <= mostChannels ? stated : 0
  )
}

/** The acquisition that Micro-Manager's summary and planes describe. */
export const readFrames = (
  summary: Frame | undefined,
  frames: readonly Frame[],
  native: readonly NativeText[],
  image: AcquiredImage
): InstrumentReading => {
  const draft = newDraft(
    image,
    Array.from({ length: channelCount(frames, summary) }, () => 'light')
  )
  const version = summary?.get('MicroManagerVersion')
  draft.instrument.text('softwareName', { value: 'Micro-Manager', ordinals: [] })
  if (version !== undefined)
    draft.instrument.text('softwareVersion', { value: String(version.value), ordinals: [version.ordinal] })
  for (const frame of frames) {
    putMoment(draft, frame)
    putImage(draft, frame)
    putFrame(draft, frame)
  }
  if (summary !== undefined) {
    putMoment(draft, summary)
    putImage(draft, summary)
    putFrame(draft, summary)
  }
  return draft.reading(native)
}
