import { isSpilled } from '../json/attachment.ts'
import type { AcquisitionContent, Channel } from './acquisition.ts'
import type { InstrumentContent } from './instrument.ts'
import { modalitySettings } from './modalities/modality-settings.ts'
import type { SettingCondition, SettingDefinition, SettingTier } from './modalities/setting-definition.ts'
import type { Setting } from './setting.ts'

/** How much of one tier is there. */
export interface TierCompleteness {
  readonly present: number
  readonly applicable: number
  /** Names of what is not there: a setting, `channels/1/<setting>` where only some channels lack it, `instrument`, `image.pixelSize.x`. */
  readonly missing: readonly string[]
}

/** Completeness by tier. The tiers are disjoint: a setting counts in its own tier only. */
export type Completeness = Readonly<Record<SettingTier, TierCompleteness>>

interface Item {
  readonly tier: SettingTier
  readonly name: string
  readonly present: boolean
}

/** Blank text says nothing; a withheld value is there. */
const saysSomething = (setting: Setting | undefined): boolean => setting !== undefined && setting !== ''

const textOf = (setting: Setting | undefined): string | undefined => {
  if (setting === undefined || typeof setting !== 'object') return setting === undefined ? undefined : String(setting)
  return 'measured' in setting || 'set' in setting ? textOf(setting.measured ?? setting.set) : undefined
}

const columnNames = (acquisition: AcquisitionContent): ReadonlySet<string> => {
  const planes = acquisition.planes
  if (planes === undefined || isSpilled(planes)) return new Set()
  const filled = planes.columns.filter(column => column.values.some(value => value !== null && value !== ''))
  return new Set(filled.map(column => column.name.replace(/\.(?:set|measured)$/, '')))
}

const holds = (condition: SettingCondition, acquisition: AcquisitionContent, channel: Channel): boolean => {
  const value = textOf(channel.path[condition.setting] ?? acquisition.settings?.[condition.setting])
  return value !== undefined && condition.values.includes(value)
}

const isApplicable = (setting: SettingDefinition, acquisition: AcquisitionContent, channel: Channel): boolean =>
  (setting.when === undefined || holds(setting.when, acquisition, channel)) &&
  (setting.unless === undefined || !holds(setting.unless, acquisition, channel))

const settingItems = (acquisition: AcquisitionContent): readonly Item[] => {
  const columns = columnNames(acquisition)
  const found = new Map<
    string,
    { readonly tier: SettingTier; readonly channels: { readonly index: number; readonly present: boolean }[] }
  >()
  acquisition.channels.forEach((channel, index) => {
    for (const setting of modalitySettings(channel.modality)) {
      if (!isApplicable(setting, acquisition, channel)) continue
      const { name, tier } = setting
      const present =
        saysSomething(channel.path[name]) || saysSomething(acquisition.settings?.[name]) || columns.has(name)
      const before = found.get(name)
      if (before === undefined) found.set(name, { tier, channels: [{ index, present }] })
      else before.channels.push({ index, present })
    }
  })
  return [...found].flatMap(([name, { tier, channels }]) =>
    channels.every(channel => channel.present === channels[0]?.present)
      ? [{ tier, name, present: channels[0]?.present === true }]
      : channels.map(({ index, present }) => ({ tier, name: `channels/${index}/${name}`, present }))
  )
}

const pixelSizeItems = ({ image }: AcquisitionContent): readonly Item[] => [
  ...['x', 'y'].map(axis => ({
    tier: 'essential' as const,
    name: `image.pixelSize.${axis}`,
    present: image.pixelSize?.[axis] !== undefined
  })),
  ...(image.axes.includes('z')
    ? [{ tier: 'essential' as const, name: 'image.pixelSize.z', present: image.pixelSize?.['z'] !== undefined }]
    : [])
]

const instrumentItems = ({ maker, model, serial, software, components = [] }: InstrumentContent): readonly Item[] => [
  { tier: 'essential', name: 'instrument.maker', present: saysSomething(maker) },
  { tier: 'essential', name: 'instrument.model', present: saysSomething(model) },
  { tier: 'recommended', name: 'instrument.serial', present: saysSomething(serial) },
  { tier: 'recommended', name: 'instrument.software', present: saysSomething(software?.name) },
  { tier: 'full', name: 'instrument.software.version', present: saysSomething(software?.version) },
  { tier: 'full', name: 'instrument.components', present: components.length > 0 }
]

const recordItems = (acquisition: AcquisitionContent, instrument: InstrumentContent): readonly Item[] => [
  { tier: 'essential', name: 'instrument', present: acquisition.instrument !== undefined },
  ...instrumentItems(instrument),
  { tier: 'essential', name: 'channels', present: acquisition.channels.length > 0 },
  { tier: 'recommended', name: 'acquiredAt', present: saysSomething(acquisition.acquiredAt?.local) },
  { tier: 'full', name: 'acquiredAt.offset', present: saysSomething(acquisition.acquiredAt?.offset) }
]

/**
 * Tells what of an acquisition is there, by tier, against the settings of its channels' modalities
 * (docs/spec/acquisition.md). Never fails: what is absent is listed. An empty microscope is not complete: without
 * the instrument's id, maker and model, channels and pixel size the essential tier lacks them by name.
 *
 * @param instrument - The instrument's record, where it is at hand; what is not at hand counts as missing.
 */
export const completeness = (acquisition: AcquisitionContent, instrument?: InstrumentContent): Completeness => {
  const items = [
    ...recordItems(acquisition, instrument ?? {}),
    ...pixelSizeItems(acquisition),
    ...settingItems(acquisition)
  ]
  const tier = (name: SettingTier): TierCompleteness => {
    const applicable = items.filter(item => item.tier === name)
    const missing = applicable.filter(item => !item.present).map(item => item.name)
    return { present: applicable.length - missing.length, applicable: applicable.length, missing }
  }
  return { essential: tier('essential'), recommended: tier('recommended'), full: tier('full') }
}
