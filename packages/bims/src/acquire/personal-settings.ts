import {
  isSpilled,
  settingDefinition,
  toJson,
  type AcquisitionContent,
  type Modality,
  type PlaneColumn,
  type Setting,
  type Settings
} from '@bims/core'
import { holdsPersonalText, isAbsolutePath } from './personal-text.ts'

const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

/** Settings of the model tell themselves; those of vendors are judged by their names and by what they hold. */
const isPersonal = (name: string, value: Setting | PlaneColumn['values'], modalities: readonly Modality[]): boolean => {
  const definitions = modalities.flatMap(modality => settingDefinition(modality, name) ?? [])
  if (definitions.some(({ personal }) => personal === true)) return true
  const json = typeof value === 'object' ? toJson(value) : value
  return definitions.length > 0
    ? holdsPersonalText('', json, isAbsolutePath)
    : holdsPersonalText(name, json, isAbsolutePath)
}

const pointersIn = (settings: Settings, at: string, modalities: readonly Modality[]): readonly string[] =>
  Object.entries(settings).flatMap(([name, value]) =>
    isPersonal(name, value, modalities) ? [`${at}/${escaped(name)}`] : []
  )

/** What of a recorded acquisition tells of persons. */
export interface PersonalSettings {
  /** JSON pointers to settings. */
  readonly pointers: readonly string[]
  /** The planes tell it: their table is not to stand in the record. */
  readonly planes: boolean
}

/** Finds what an acquisition program told of persons: operator, specimen, remarks, paths. */
export const personalSettings = ({ channels, planes, settings }: AcquisitionContent): PersonalSettings => {
  const modalities: readonly Modality[] = ['generic', ...channels.map(({ modality }) => modality)]
  return {
    pointers: [
      ...pointersIn(settings ?? {}, '/settings', modalities),
      ...channels.flatMap(({ modality, path }, i) => pointersIn(path, `/channels/${i}/path`, [modality, 'generic']))
    ],
    planes:
      planes !== undefined &&
      !isSpilled(planes) &&
      planes.columns.some(({ name, values }) => isPersonal(name, values, modalities))
  }
}
