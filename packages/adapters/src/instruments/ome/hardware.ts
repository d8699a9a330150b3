import type { Setting } from '@bims/core'
import type { ComponentDraft, InstrumentDraft, Sourced } from '../native/instrument-draft.ts'
import { childOf, childrenOf, type XmlElement } from '../native/xml-tree.ts'
import { attribute, booleanOf, numberOf, quantityOf } from './document.ts'

/** How an attribute becomes a property: a UCUM default unit, or what else it is. */
type Reader = { readonly unit: string } | 'number' | 'text' | 'boolean'

type Row = readonly [attribute: string, name: string, reader: Reader]

const read = (element: XmlElement, name: string, reader: Reader): Sourced<Setting> | undefined => {
  if (reader === 'number') return numberOf(element, name)
  if (reader === 'boolean') return booleanOf(element, name)
  return reader === 'text' ? attribute(element, name) : quantityOf(element, name, reader.unit)
}

const nm = { unit: 'nm' }

/** Properties of an objective, also settings of an acquisition that uses it. */
export const objectiveRows: readonly Row[] = [
  ['NominalMagnification', 'objective.magnification', 'number'],
  ['CalibratedMagnification', 'objective.calibratedMagnification', 'number'],
  ['LensNA', 'objective.numericalAperture', 'number'],
  ['Immersion', 'objective.immersion', 'text'],
  ['Correction', 'objective.correction', 'text'],
  ['WorkingDistance', 'objective.workingDistance', { unit: 'um' }],
  ['Iris', 'ome:Objective.Iris', 'boolean']
]

/** Properties of a light source, also settings of a channel that uses it. */
export const sourceRows: readonly Row[] = [
  ['Wavelength', 'source.wavelength', nm],
  ['Power', 'source.power', { unit: 'mW' }],
  ['RepetitionRate', 'source.pulseRate', { unit: 'Hz' }]
]

const onlySource: readonly Row[] = [
  ['Type', 'ome:LightSource.Type', 'text'],
  ['LaserMedium', 'ome:Laser.LaserMedium', 'text'],
  ['FrequencyMultiplication', 'ome:Laser.FrequencyMultiplication', 'number'],
  ['Tuneable', 'ome:Laser.Tuneable', 'boolean'],
  ['Pulse', 'ome:Laser.Pulse', 'text'],
  ['PockelCell', 'ome:Laser.PockelCell', 'boolean']
]

/** Properties of a detector, also settings of a channel that uses it. */
export const detectorRows: readonly Row[] = [
  ['Type', 'detector.kind', 'text'],
  ['Gain', 'detector.gain', 'number'],
  ['Voltage', 'detector.voltage', { unit: 'V' }],
  ['Offset', 'detector.offset', 'number'],
  ['Zoom', 'detector.zoom', 'number'],
  ['AmplificationGain', 'detector.amplificationGain', 'number']
]

const filterRows: readonly Row[] = [
  ['Type', 'ome:Filter.Type', 'text'],
  ['FilterWheel', 'ome:Filter.FilterWheel', 'text']
]

const rangeRows: readonly Row[] = [
  ['CutIn', 'ome:TransmittanceRange.CutIn', nm],
  ['CutOut', 'ome:TransmittanceRange.CutOut', nm],
  ['CutInTolerance', 'ome:TransmittanceRange.CutInTolerance', nm],
  ['CutOutTolerance', 'ome:TransmittanceRange.CutOutTolerance', nm],
  ['Transmittance', 'ome:TransmittanceRange.Transmittance', 'number']
]

/** Component kinds by OME element. */
export const sourceKinds: Readonly<Record<string, string>> = {
  Laser: 'laser',
  Arc: 'arc lamp',
  Filament: 'filament lamp',
  LightEmittingDiode: 'light-emitting diode',
  GenericExcitationSource: 'light source'
}

const componentKinds: Readonly<Record<string, string>> = {
  Objective: 'objective',
  Detector: 'detector',
  Filter: 'filter',
  Dichroic: 'dichroic',
  FilterSet: 'filter set',
  ...sourceKinds
}

const rowsOf = (name: string): readonly Row[] => {
  if (name === 'Objective') return objectiveRows
  if (name === 'Detector') return detectorRows
  return Object.hasOwn(sourceKinds, name) ? [...sourceRows, ...onlySource] : filterRows
}

/** Values of an element by rows. */
export const valuesOf = (element: XmlElement, rows: readonly Row[]): Readonly<Record<string, Sourced<Setting>>> =>
  Object.fromEntries(
    rows.flatMap(([name, setting, reader]) => {
      const value = read(element, name, reader)
      return value === undefined ? [] : [[setting, value]]
    })
  )

const references = (element: XmlElement): Readonly<Record<string, Sourced<Setting>>> =>
  Object.fromEntries(
    ['ExcitationFilterRef', 'DichroicRef', 'EmissionFilterRef', 'Pump'].flatMap(name =>
      childrenOf(element, name).flatMap((child, i) => {
        const id = attribute(child, 'ID')
        return id === undefined ? [] : [[`ome:${name}${i === 0 ? '' : `.${i + 1}`}`, id]]
      })
    )
  )

const componentOf = (element: XmlElement, kind: string): ComponentDraft => {
  const optional = (name: string): Sourced<string> | undefined => attribute(element, name)
  const [id, maker, model, serial, lot] = ['ID', 'Manufacturer', 'Model', 'SerialNumber', 'LotNumber'].map(optional)
  const range = childOf(element, 'TransmittanceRange')
  return {
    kind: { value: kind, ordinals: [] },
    ...(id === undefined ? {} : { id }),
    ...(maker === undefined ? {} : { maker }),
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
    properties: {
      ...valuesOf(element, rowsOf(element.name)),
      ...(range === undefined ? {} : valuesOf(range, rangeRows)),
      ...(lot === undefined ? {} : { 'ome:LotNumber': lot }),
      ...references(element)
    }
  }
}

/** Older schemas put the kind of a light source into a child: `LightSource/Laser`. */
const lightSourceOf = (element: XmlElement): readonly XmlElement[] =>
  element.name !== 'LightSource'
    ? [element]
    : element.children.map(child => ({ ...child, attributes: new Map([...element.attributes, ...child.attributes]) }))

/** The parts of an OME instrument, older spellings unfolded. */
export const partsOf = (instrument: XmlElement | undefined): readonly XmlElement[] =>
  instrument?.children.flatMap(lightSourceOf) ?? []

/** Puts an OME instrument: its microscope and its parts. */
export const putHardware = (draft: InstrumentDraft, instrument: XmlElement): void => {
  const microscope = childOf(instrument, 'Microscope')
  for (const [member, name] of [
    ['maker', 'Manufacturer'],
    ['model', 'Model'],
    ['serial', 'SerialNumber']
  ] as const) {
    const text = attribute(microscope, name)
    if (text !== undefined) draft.text(member, text)
  }
  const type = attribute(microscope, 'Type')
  if (type !== undefined)
    draft.component({ kind: { value: 'microscope', ordinals: [] }, properties: { 'ome:Microscope.Type': type } })
  for (const part of partsOf(instrument)) {
    const kind = Object.hasOwn(componentKinds, part.name) ? componentKinds[part.name] : undefined
    if (kind !== undefined) draft.component(componentOf(part, kind))
  }
}
