import type { Setting } from '@bims/core'
import type { Draft } from '../native/draft.ts'
import type { Sourced } from '../native/instrument-draft.ts'
import { childOf, childrenOf, type XmlElement } from '../native/xml-tree.ts'
import { attribute, numberOf, quantityOf } from './document.ts'
import { detectorRows, objectiveRows, sourceKinds, sourceRows, valuesOf } from './hardware.ts'

/** Parts of the instrument by id. */
export type Parts = ReadonlyMap<string, XmlElement>

const put = (draft: Draft, place: number | 'common', name: string, value: Sourced<Setting> | undefined): void => {
  if (value !== undefined) draft.setting(place, name, value.value, value.ordinals)
}

const putAll = (draft: Draft, place: number | 'common', values: Readonly<Record<string, Sourced<Setting>>>): void => {
  for (const [name, value] of Object.entries(values)) if (!name.startsWith('ome:')) put(draft, place, name, value)
}

/** A part that settings refer to: where it is, its model's name stands for it, else its id. */
const putReference = (
  draft: Draft,
  place: number | 'common',
  name: string,
  reference: XmlElement | undefined,
  parts: Parts
): XmlElement | undefined => {
  const id = attribute(reference, 'ID')
  if (id === undefined) return undefined
  put(draft, place, name, id)
  return parts.get(id.value)
}

const putLightPath = (draft: Draft, index: number, channel: XmlElement, parts: Parts): void => {
  const set = attribute(childOf(channel, 'FilterSetRef'), 'ID')
  const filters = set === undefined ? undefined : parts.get(set.value)
  put(draft, index, 'ome:FilterSet', set)
  for (const path of [childOf(channel, 'LightPath'), filters]) {
    putReference(draft, index, 'excitationFilter', childOf(path, 'ExcitationFilterRef'), parts)
    putReference(draft, index, 'dichroic', childOf(path, 'DichroicRef'), parts)
    putReference(draft, index, 'emissionFilter', childOf(path, 'EmissionFilterRef'), parts)
    childrenOf(path, 'ExcitationFilterRef')
      .slice(1)
      .forEach((filter, i) => put(draft, index, `ome:excitationFilter.${i + 2}`, attribute(filter, 'ID')))
    childrenOf(path, 'EmissionFilterRef')
      .slice(1)
      .forEach((filter, i) => put(draft, index, `ome:emissionFilter.${i + 2}`, attribute(filter, 'ID')))
  }
}

/** Older schemas: LightSourceRef, DetectorRef. */
const settingsOf = (channel: XmlElement, names: readonly string[]): XmlElement | undefined =>
  names.map(name => childOf(channel, name)).find(child => child !== undefined)

const putSource = (draft: Draft, index: number, channel: XmlElement, parts: Parts): void => {
  const settings = settingsOf(channel, ['LightSourceSettings', 'LightSourceRef'])
  put(draft, index, 'source.wavelength', quantityOf(settings, 'Wavelength', 'nm'))
  put(draft, index, 'source.attenuation', numberOf(settings, 'Attenuation'))
  const id = attribute(settings, 'ID')
  const part = id === undefined ? undefined : parts.get(id.value)
  put(draft, index, 'ome:LightSource', id)
  if (part === undefined) return
  const kind = Object.hasOwn(sourceKinds, part.name) ? sourceKinds[part.name] : undefined
  if (kind !== undefined) draft.setting(index, 'source.kind', kind, [])
  putAll(draft, index, valuesOf(part, sourceRows))
}

const putDetector = (draft: Draft, index: number, channel: XmlElement, parts: Parts): void => {
  const settings = settingsOf(channel, ['DetectorSettings', 'DetectorRef'])
  if (settings === undefined) return
  put(draft, index, 'detector.binning', attribute(settings, 'Binning'))
  put(draft, index, 'detector.readoutRate', quantityOf(settings, 'ReadOutRate', 'MHz'))
  put(draft, index, 'detector.integration', numberOf(settings, 'Integration'))
  putAll(draft, index, valuesOf(settings, detectorRows))
  const part = putReference(draft, index, 'detector.name', settings, parts)
  // What the settings say goes before what the detector is set to by default.
  if (part !== undefined) putAll(draft, index, valuesOf(part, detectorRows))
}

/** Puts the settings of a channel. */
export const putChannel = (draft: Draft, index: number, channel: XmlElement, parts: Parts): void => {
  const name = attribute(channel, 'Name')
  if (name !== undefined) draft.channelName(index, name.value, name.ordinals)
  put(draft, index, 'excitation', quantityOf(channel, 'ExcitationWavelength', 'nm'))
  put(draft, index, 'emission', quantityOf(channel, 'EmissionWavelength', 'nm'))
  put(draft, index, 'pinhole', quantityOf(channel, 'PinholeSize', 'um'))
  put(draft, index, 'illumination', attribute(channel, 'IlluminationType'))
  put(draft, index, 'contrast', attribute(channel, 'ContrastMethod'))
  put(draft, index, 'acquisitionMode', attribute(channel, 'AcquisitionMode'))
  put(draft, index, 'fluorophore', attribute(channel, 'Fluor'))
  put(draft, index, 'ome:NDFilter', numberOf(channel, 'NDFilter'))
  put(draft, index, 'ome:PockelCellSetting', numberOf(channel, 'PockelCellSetting'))
  put(draft, index, 'ome:Color', numberOf(channel, 'Color'))
  putSource(draft, index, channel, parts)
  putDetector(draft, index, channel, parts)
  putLightPath(draft, index, channel, parts)
}

/** Puts what an image says of its objective. */
export const putObjective = (draft: Draft, image: XmlElement, parts: Parts): void => {
  const settings = settingsOf(image, ['ObjectiveSettings', 'ObjectiveRef'])
  if (settings === undefined) return
  put(draft, 'common', 'objective.correctionCollar', numberOf(settings, 'CorrectionCollar'))
  put(draft, 'common', 'objective.medium', attribute(settings, 'Medium'))
  put(draft, 'common', 'objective.refractiveIndex', numberOf(settings, 'RefractiveIndex'))
  const part = putReference(draft, 'common', 'objective.name', settings, parts)
  if (part !== undefined) putAll(draft, 'common', valuesOf(part, objectiveRows))
}
