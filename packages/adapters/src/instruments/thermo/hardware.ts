import type { Setting } from '@bims/core'
import type { ComponentDraft, InstrumentDraft, Sourced } from '../native/instrument-draft.ts'
import type { KeyLine } from '../native/key-lines.ts'
import { parseDecimal, parseSwitch } from '../native/number.ts'

/** Finds a key that is not blank, with its ordinal. */
export type Lookup = (section: string, name: string) => Sourced<string> | undefined

/** A lookup over lines; the first of repeated keys counts. */
export const newLookup = (lines: readonly KeyLine[]): Lookup => {
  const found = new Map<string, Sourced<string>>()
  lines.forEach(({ section, name, value }, ordinal) => {
    const key = `${section}\u0000${name}`
    if (value.trim() !== '' && !found.has(key)) found.set(key, { value: value.trim(), ordinals: [ordinal] })
  })
  return (section, name) => found.get(`${section}\u0000${name}`)
}

/** Parts of the microscope by the keys of `[System]` or of the beam's section that name their models. */
const systemParts = [
  ['electron gun', 'Source'],
  ['column', 'Column'],
  ['final lens', 'FinalLens'],
  ['aperture', 'Aperture'],
  ['chamber', 'Chamber'],
  ['stage', 'Stage'],
  ['pump', 'Pump'],
  ['scan generator', 'Scan'],
  ['acquisition electronics', 'Acq']
] as const

const beamKeys: Readonly<Record<string, string>> = { Column: 'ColumnType' }

const known = (text: string): Sourced<string> => ({ value: text, ordinals: [] })

const properties = (
  found: readonly (readonly [string, Sourced<Setting> | undefined])[]
): Readonly<Record<string, Sourced<Setting>>> =>
  Object.fromEntries(found.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))

const length = (text: Sourced<string> | undefined): Sourced<Setting> | undefined => {
  const value = text === undefined ? undefined : parseDecimal(text.value)
  return text === undefined || value === undefined
    ? undefined
    : { value: { value, unit: 'm' }, ordinals: text.ordinals }
}

const flag = (text: Sourced<string> | undefined): Sourced<Setting> | undefined => {
  const value = text === undefined ? undefined : parseSwitch(text.value)
  return text === undefined || value === undefined ? undefined : { value, ordinals: text.ordinals }
}

const partProperties = (kind: string, find: Lookup): Readonly<Record<string, Sourced<Setting>>> => {
  if (kind === 'column') return properties([['thermo:System.EucWD', length(find('System', 'EucWD'))]])
  return kind === 'chamber' ? properties([['thermo:System.ESEM', flag(find('System', 'ESEM'))]]) : {}
}

/** The ordinals of the beam section's own key where it names the same model as `[System]`. */
const confirming = (key: string, model: string, beam: string, scan: string, find: Lookup): readonly number[] =>
  [find(beam, beamKeys[key] ?? key), key === 'Scan' ? find(scan, 'Scan') : undefined].flatMap(text =>
    text?.value === model ? text.ordinals : []
  )

const partOf = (kind: string, key: string, beam: string, scan: string, find: Lookup): ComponentDraft | undefined => {
  const model = find('System', key)
  return model === undefined
    ? undefined
    : {
        kind: known(kind),
        model: { value: model.value, ordinals: [...model.ordinals, ...confirming(key, model.value, beam, scan, find)] },
        properties: partProperties(kind, find)
      }
}

/** Puts what the text says of the hardware: model, serial number, software, gun, column, stage, detector. */
export const putHardware = (
  instrument: InstrumentDraft,
  find: Lookup,
  active: { readonly beam: string; readonly scan: string }
): void => {
  instrument.text('maker', known('Thermo Fisher Scientific (FEI)'))
  const type = find('System', 'Type')
  const model = find('System', 'SystemType') ?? type
  if (model !== undefined) instrument.text('model', model)
  const serial = find('System', 'Dnumber')
  if (serial !== undefined) instrument.text('serial', serial)
  const version = find('System', 'Software')
  if (version !== undefined) {
    instrument.text('softwareName', known('Thermo Fisher Scientific (FEI) microscope control'))
    instrument.text('softwareVersion', version)
  }
  const build = find('System', 'BuildNr')
  const system = properties([
    ['thermo:System.Type', type],
    ['thermo:System.BuildNr', build]
  ])
  if (Object.keys(system).length > 0) instrument.component({ kind: known('system'), properties: system })
  for (const [kind, key] of systemParts) {
    const part = partOf(kind, key, active.beam, active.scan, find)
    if (part !== undefined) instrument.component(part)
  }
  const detector = find('Detectors', 'Name')
  if (detector !== undefined) instrument.component({ kind: known('detector'), id: detector })
}
