import { isSpilled } from '../json/attachment.ts'
import { isWithheld } from '../json/withheld.ts'
import type { AcquisitionContent, Modality } from './acquisition.ts'
import { isCommensurable } from './commensurable.ts'
import { isModelled, settingDefinition } from './modalities/modality-settings.ts'
import type { SettingDefinition } from './modalities/setting-definition.ts'
import type { PlaneColumn } from './planes.ts'
import type { Setting, Settings, SettingValue } from './setting.ts'

/** `vendor:name`: outside of the model, and said to be so. */
const vendorName = /^[A-Za-z0-9][A-Za-z0-9._-]*:./

const kindOf = (value: SettingValue): string =>
  typeof value === 'object' ? ('unit' in value ? `quantity in ${value.unit}` : 'withheld') : typeof value

const unitOf = (value: SettingValue): string | undefined =>
  typeof value === 'object' && 'unit' in value ? value.unit : undefined

const isOfUnit = (value: SettingValue, unit: string): boolean => {
  const own = unitOf(value)
  return own !== undefined && isCommensurable(own, unit)
}

/** The value has the kind and unit of its definition. */
const fits = (value: SettingValue, definition: SettingDefinition): boolean => {
  if (isWithheld(value)) return true
  switch (definition.kind) {
    case 'quantity':
      return isOfUnit(value, definition.unit ?? '1')
    case 'number':
      return typeof value === 'number' || isOfUnit(value, '1')
    case 'text':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
  }
}

const expected = (definition: SettingDefinition): string =>
  definition.kind === 'quantity' ? `a quantity commensurable with ${definition.unit ?? '1'}` : `a ${definition.kind}`

const valuesOf = (setting: Setting): readonly SettingValue[] =>
  typeof setting === 'object' && ('set' in setting || 'measured' in setting)
    ? [setting.set, setting.measured].flatMap(value => (value === undefined ? [] : [value]))
    : typeof setting === 'object' && !('unit' in setting) && !('$withheld' in setting)
      ? []
      : [setting]

const definitionIn = (candidates: readonly Modality[], name: string): SettingDefinition | undefined => {
  for (const modality of candidates) {
    const definition = settingDefinition(modality, name)
    if (definition !== undefined) return definition
  }
  return undefined
}

const settingsWarnings = (settings: Settings, at: string, candidates: readonly Modality[]): readonly string[] =>
  Object.entries(settings).flatMap(([name, setting]) => {
    if (vendorName.test(name)) return []
    const definition = definitionIn(candidates, name)
    if (definition === undefined)
      return [`${at}/${name}: not a name of the model; write \`vendor:name\` for what lies outside of it`]
    return valuesOf(setting)
      .filter(value => !fits(value, definition))
      .map(value => `${at}/${name}: expected ${expected(definition)}, found ${kindOf(value)}`)
  })

const columnWarnings = (
  column: PlaneColumn,
  index: number,
  axes: readonly string[],
  candidates: readonly Modality[]
): readonly string[] => {
  const name = column.name.replace(/\.(?:set|measured)$/, '')
  const at = `planes/columns/${index} (${column.name})`
  if (vendorName.test(name) || axes.includes(name) || ['t', 'c', 'z', 'position'].includes(name)) return []
  const definition = definitionIn(candidates, name)
  if (definition === undefined) return [`${at}: neither an axis nor a name of the model`]
  if (definition.kind !== 'quantity') return []
  return column.unit !== undefined && isCommensurable(column.unit, definition.unit ?? '1')
    ? []
    : [
        `${at}: expected ${expected(definition)}, found ${column.unit === undefined ? 'no unit' : `the unit ${column.unit}`}`
      ]
}

const planeWarnings = (acquisition: AcquisitionContent, candidates: readonly Modality[]): readonly string[] => {
  const planes = acquisition.planes
  if (planes === undefined || isSpilled(planes)) return []
  const names = planes.columns.map(column => column.name)
  const doubled = names.filter((name, i) => names.indexOf(name) !== i)
  return [
    ...doubled.map(name => `planes: two columns are named ${name}`),
    ...planes.columns.flatMap((column, i) => columnWarnings(column, i, acquisition.image.axes, candidates))
  ]
}

/**
 * Checks settings against the model: names that neither the modality nor a vendor knows, units that do not measure
 * what the setting is, columns of planes without their unit. Gives warnings, never an error: a record with names of
 * a later version is still a record.
 */
export const checkAcquisition = (acquisition: AcquisitionContent): readonly string[] => {
  const used = [...new Set(acquisition.channels.map(channel => channel.modality))]
  const unmodelled = used.filter(modality => !isModelled(modality))
  const candidates: readonly Modality[] = used.length > 0 ? used : ['generic']
  return [
    ...unmodelled.map(
      modality =>
        `modality ${modality}: no settings of its own are defined yet; completeness counts only what is common to all`
    ),
    ...settingsWarnings(acquisition.settings ?? {}, 'settings', candidates),
    ...acquisition.channels.flatMap((channel, i) =>
      settingsWarnings(channel.path, `channels/${i}/path`, [channel.modality])
    ),
    ...planeWarnings(acquisition, candidates)
  ]
}
