import type { AcquiredImage, InstrumentReading, Modality, NativeText } from '@bims/core'
import { newDraft, type Draft } from '../native/draft.ts'
import type { Sourced } from '../native/instrument-draft.ts'
import { childOf, childrenOf, type XmlElement } from '../native/xml-tree.ts'
import { putChannel, putObjective, type Parts } from './channel.ts'
import { attribute, numberOf, quantityOf, textOf, type OmeDocument } from './document.ts'
import { partsOf, putHardware } from './hardware.ts'
import { putPlanes } from './planes.ts'

const dtypes: Readonly<Record<string, string>> = {
  float: 'float32',
  double: 'float64',
  complex: 'complex64',
  'double-complex': 'complex128',
  bit: 'bool'
}

/** Older schemas: LogicalChannel beside Pixels. */
const channelsOf = (image: XmlElement, pixels: XmlElement | undefined): readonly XmlElement[] => {
  const channels = childrenOf(pixels, 'Channel')
  return channels.length > 0 ? channels : childrenOf(image, 'LogicalChannel')
}

/** As many channels as are described, else as many as there are planes of; never more than a file can mean. */
const channelCount = (channels: readonly XmlElement[], pixels: XmlElement | undefined): number =>
  channels.length > 0 ? channels.length : Math.min(Math.max(1, numberOf(pixels, 'SizeC')?.value ?? 1), 1000)

const modalityOf = (channel: XmlElement | undefined): Modality =>
  attribute(channel, 'AcquisitionMode')?.value === 'Other' ? 'generic' : 'light'

const instrumentOf = (document: OmeDocument, image: XmlElement): XmlElement | undefined => {
  const id = attribute(childOf(image, 'InstrumentRef'), 'ID')?.value
  if (id !== undefined) return document.instruments.find(instrument => attribute(instrument, 'ID')?.value === id)
  return document.instruments.length === 1 ? document.instruments[0] : undefined
}

const putDtype = (draft: Draft, pixels: XmlElement | undefined): void => {
  const type = attribute(pixels, 'Type') ?? attribute(pixels, 'PixelType')
  if (type === undefined) return
  const known = Object.hasOwn(dtypes, type.value) ? dtypes[type.value] : undefined
  draft.dtype(known ?? type.value, type.ordinals)
}

const putPixels = (draft: Draft, pixels: XmlElement | undefined): void => {
  for (const axis of ['x', 'y', 'z']) {
    const size = quantityOf(pixels, `PhysicalSize${axis.toUpperCase()}`, 'um')
    if (size !== undefined && size.value.value > 0) draft.pixelSize(axis, size.value, size.ordinals)
  }
  for (const axis of ['x', 'y', 'z', 'c', 't']) {
    const length = numberOf(pixels, `Size${axis.toUpperCase()}`)
    if (length !== undefined) draft.axisLength(axis, length.value, length.ordinals)
  }
  putDtype(draft, pixels)
  const bits = numberOf(pixels, 'SignificantBits')
  if (bits !== undefined) draft.setting('common', 'digitisation.bitDepth', bits.value, bits.ordinals)
  const increment = quantityOf(pixels, 'TimeIncrement', 's')
  if (increment !== undefined) draft.setting('common', 'timeIncrement', increment.value, increment.ordinals)
}

const putEnvironment = (draft: Draft, image: XmlElement): void => {
  const environment = childOf(image, 'ImagingEnvironment')
  const temperature = quantityOf(environment, 'Temperature', 'Cel')
  if (temperature !== undefined)
    draft.setting('common', 'environment.temperature', temperature.value, temperature.ordinals)
  const pressure = quantityOf(environment, 'AirPressure', 'mbar')
  if (pressure !== undefined) draft.setting('common', 'environment.pressure', pressure.value, pressure.ordinals)
  for (const [name, setting] of [
    ['Humidity', 'environment.humidity'],
    ['CO2Percent', 'environment.co2']
  ] as const) {
    const share = numberOf(environment, name)
    if (share !== undefined) draft.setting('common', setting, share.value, share.ordinals)
  }
}

const putStage = (draft: Draft, image: XmlElement): void => {
  const label = childOf(image, 'StageLabel')
  const name = attribute(label, 'Name')
  if (name !== undefined) draft.setting('common', 'stage.label', name.value, name.ordinals)
  for (const axis of ['x', 'y', 'z']) {
    // Without a unit the position is in the instrument's reference frame: kept under OME's own name.
    const position = quantityOf(label, axis.toUpperCase(), undefined)
    const bare = numberOf(label, axis.toUpperCase())
    if (position !== undefined) draft.setting('common', `stage.${axis}`, position.value, position.ordinals)
    else if (bare !== undefined)
      draft.setting('common', `ome:StageLabel.${axis.toUpperCase()}`, bare.value, bare.ordinals)
  }
}

const putMoment = (draft: Draft, image: XmlElement): void => {
  // Older schemas: CreationDate.
  const date = textOf(
    childOf(image, 'AcquisitionDate') ?? childOf(image, 'AcquiredDate') ?? childOf(image, 'CreationDate')
  )
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?)(Z|[+-]\d{2}:\d{2})?$/.exec(date?.value ?? '')
  if (date === undefined || match === null) return
  const [, local = '', offset] = match
  draft.acquiredAt(
    { local, ...(offset === undefined ? {} : { offset }), source: 'Image/AcquisitionDate' },
    date.ordinals
  )
}

const putTexts = (draft: Draft, image: XmlElement): void => {
  const name = attribute(image, 'Name')
  if (name !== undefined) draft.setting('common', 'image.name', name.value, name.ordinals)
  const description = textOf(childOf(image, 'Description'))
  if (description !== undefined) draft.setting('common', 'comment', description.value, description.ordinals)
}

/** Who took the image: first and last name, else the user name; older schemas give them as elements. */
const putOperator = (draft: Draft, document: OmeDocument, image: XmlElement): void => {
  const id = attribute(childOf(image, 'ExperimenterRef'), 'ID')?.value
  const person = childrenOf(document.tree.root, 'Experimenter').find(one => attribute(one, 'ID')?.value === id)
  const named = (name: string): Sourced<string> | undefined => attribute(person, name) ?? textOf(childOf(person, name))
  const names = [named('FirstName'), named('LastName')].flatMap(name => (name === undefined ? [] : [name]))
  const user = named('UserName') ?? named('OMEName')
  const found = names.length > 0 || user === undefined ? names : [user]
  if (id === undefined || found.length === 0) return
  const operator = found.map(({ value }) => value).join(' ')
  draft.setting(
    'common',
    'operator',
    operator,
    found.flatMap(({ ordinals }) => ordinals)
  )
}

const partsById = (instrument: XmlElement | undefined): Parts =>
  new Map(
    partsOf(instrument).flatMap(part => {
      const id = attribute(part, 'ID')
      return id === undefined ? [] : [[id.value, part] as const]
    })
  )

const putCreator = (draft: Draft, document: OmeDocument): void => {
  const creator = attribute(document.tree.root, 'Creator')
  if (creator !== undefined) draft.instrument.text('softwareName', creator)
}

/** The acquisition of one OME image, and its instrument. */
export const readImage = (
  document: OmeDocument,
  element: XmlElement,
  native: NativeText,
  image: AcquiredImage,
  series?: readonly number[]
): InstrumentReading => {
  const pixels = childOf(element, 'Pixels')
  const channels = channelsOf(element, pixels)
  const draft = newDraft(
    image,
    Array.from({ length: channelCount(channels, pixels) }, (_, i) => modalityOf(channels[i]))
  )
  const instrument = instrumentOf(document, element)
  const parts = partsById(instrument)
  if (instrument !== undefined) putHardware(draft.instrument, instrument)
  putCreator(draft, document)
  putMoment(draft, element)
  putTexts(draft, element)
  putOperator(draft, document, element)
  putPixels(draft, pixels)
  putEnvironment(draft, element)
  putStage(draft, element)
  putObjective(draft, element, parts)
  channels.forEach((channel, i) => putChannel(draft, i, channel, parts))
  putPlanes(draft, pixels)
  return draft.reading([native], series)
}
