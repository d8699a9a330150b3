import type { Modality } from '../acquisition.ts'
import { genericSettings } from './generic.ts'
import { lightSettings } from './light.ts'
import { semSettings } from './sem.ts'
import { settingStages, type SettingDefinition } from './setting-definition.ts'

/** Settings of a modality's own. Ion beams scan as electron beams do; the empty ones come later. */
const own: Readonly<Record<Modality, readonly SettingDefinition[]>> = {
  light: lightSettings,
  sem: semSettings,
  fib: semSettings,
  tem: [],
  stem: [],
  'xray-ct': [],
  spm: [],
  generic: []
}

const ordered = (settings: readonly SettingDefinition[]): readonly SettingDefinition[] =>
  settingStages.flatMap(stage => settings.filter(setting => setting.stage === stage))

const lists = new Map<Modality, readonly SettingDefinition[]>()

/** Whether a modality has settings of its own; where it has none, only what is common to all can be checked. */
export const isModelled = (modality: Modality): boolean => modality === 'generic' || own[modality].length > 0

/** All settings of a modality in the order of the signal: source, optics, specimen, detector, digitisation. */
export const modalitySettings = (modality: Modality): readonly SettingDefinition[] => {
  const before = lists.get(modality)
  if (before !== undefined) return before
  const names = new Set(own[modality].map(setting => setting.name))
  const list = ordered([...own[modality], ...genericSettings.filter(setting => !names.has(setting.name))])
  lists.set(modality, list)
  return list
}

/** The definition of a setting, or undefined where the modality does not know the name. */
export const settingDefinition = (modality: Modality, name: string): SettingDefinition | undefined =>
  modalitySettings(modality).find(setting => setting.name === name)
