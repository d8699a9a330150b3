import {
  settingDefinition,
  valueIn,
  type AcquiredAt,
  type AcquiredImage,
  type Channel,
  type InstrumentReading,
  type Modality,
  type NativeText,
  type Quantity,
  type Setting,
  type Settings
} from '@bims/core'
import { newInstrumentDraft, type InstrumentDraft } from './instrument-draft.ts'
import { newPlaneDraft, type PlaneDraft } from './plane-draft.ts'
import { escapeToken } from './pointer.ts'
import { newSources, type Sources } from './sources.ts'

/** Where a setting stands: in one channel's path, or common to all. */
type Place = number | 'common'

/** A reading while it is made: every value is put with the native ordinals it comes from. */
export interface Draft {
  readonly instrument: InstrumentDraft
  readonly planes: PlaneDraft
  /** Whether the model of the place's modality knows the name. */
  readonly knows: (place: Place, name: string) => boolean
  /** Puts a setting; the same value again adds its source; false where another value stands there. */
  readonly setting: (place: Place, name: string, value: Setting, ordinals: readonly number[]) => boolean
  readonly channelName: (channel: number, name: string, ordinals: readonly number[]) => boolean
  readonly pixelSize: (axis: string, size: Quantity, ordinals: readonly number[]) => boolean
  /** Notes that an entry says the length that the image's axis has; false where it says another. */
  readonly axisLength: (axis: string, length: number, ordinals: readonly number[]) => boolean
  /** Notes that an entry says the element type that the image has. */
  readonly dtype: (dtype: string, ordinals: readonly number[]) => boolean
  readonly acquiredAt: (at: AcquiredAt, ordinals: readonly number[]) => boolean
  readonly warn: (warning: string) => void
  readonly reading: (native: readonly NativeText[], series?: readonly number[]) => InstrumentReading
}

interface Put<T> {
  readonly value: T
  readonly ordinals: number[]
}

const isQuantity = (u: unknown): u is Quantity =>
  typeof u === 'object' && u !== null && 'value' in u && 'unit' in u && typeof u.value === 'number'

/** 0.5 um and 500 nm are the same value; rounding in the last digits of a conversion makes no other one. */
const isSameQuantity = (a: Quantity, b: Quantity): boolean => {
  const value = valueIn(b, a.unit)
  return value !== undefined && Math.abs(value - a.value) <= 1e-9 * Math.abs(a.value)
}

const isSame = (a: unknown, b: unknown): boolean =>
  a === b || (isQuantity(a) && isQuantity(b) ? isSameQuantity(a, b) : JSON.stringify(a) === JSON.stringify(b))

/** First come, first put: the same value again adds its source, another one is refused. */
const newSlots = <T>() => {
  const slots = new Map<string, Put<T>>()
  return {
    put: (name: string, value: T, ordinals: readonly number[]): boolean => {
      const before = slots.get(name)
      if (before === undefined) slots.set(name, { value, ordinals: [...ordinals] })
      else if (!isSame(before.value, value)) return false
      else before.ordinals.push(...ordinals)
      return true
    },
    values: (sources: Sources, at: string): Readonly<Record<string, T>> => {
      for (const [name, { ordinals }] of slots) sources.add(`${at}/${escapeToken(name)}`, ordinals)
      return Object.fromEntries([...slots].map(([name, { value }]) => [name, value]))
    },
    names: (): readonly string[] => [...slots.keys()]
  }
}

type Slots = ReturnType<typeof newSlots<Setting>>

interface DraftChannel {
  readonly modality: Modality
  readonly name: ReturnType<typeof newSlots<string>>
  readonly path: Slots
}

const personalPointers = (names: readonly string[], at: string, modalities: readonly Modality[]): readonly string[] =>
  names
    .filter(name => modalities.some(modality => settingDefinition(modality, name)?.personal === true))
    .map(name => `${at}/${escapeToken(name)}`)

const channelOf = (channel: DraftChannel, index: number, sources: Sources): Channel => {
  const path: Settings = channel.path.values(sources, `/channels/${index}/path`)
  const { name } = channel.name.values(sources, `/channels/${index}`)
  return { modality: channel.modality, ...(name === undefined ? {} : { name }), path }
}

const absentIfEmpty = <T extends object>(member: string, value: T): Readonly<Record<string, T>> =>
  Object.keys(value).length === 0 ? {} : { [member]: value }

/** An empty draft over an image whose form is known, with one channel a modality. */
export const newDraft = (image: AcquiredImage, modalities: readonly Modality[]): Draft => {
  const sources = newSources()
  const instrument = newInstrumentDraft()
  const planes = newPlaneDraft()
  const common = newSlots<Setting>()
  const channels = modalities.map((modality): DraftChannel => ({
    modality,
    name: newSlots<string>(),
    path: newSlots<Setting>()
  }))
  const sizes = newSlots<Quantity>()
  let acquired: { readonly at: AcquiredAt; readonly ordinals: number[] } | undefined
  const warnings = new Set<string>()
  const modalitiesAt = (place: Place): readonly Modality[] =>
    place === 'common' ? modalities : modalities.slice(place, place + 1)
  const slotsAt = (place: Place): Slots | undefined => (place === 'common' ? common : channels[place]?.path)
  return {
    instrument,
    planes,
    knows: (place, name) => modalitiesAt(place).some(modality => settingDefinition(modality, name) !== undefined),
    setting: (place, name, value, ordinals) => value !== '' && (slotsAt(place)?.put(name, value, ordinals) ?? false),
    channelName: (channel, name, ordinals) =>
      name !== '' && (channels[channel]?.name.put('name', name, ordinals) ?? false),
    pixelSize: (axis, size, ordinals) => sizes.put(axis, size, ordinals),
    axisLength: (axis, length, ordinals) => {
      const index = image.axes.indexOf(axis)
      if (index < 0 || image.shape[index] !== length) return false
      sources.add(`/image/shape/${index}`, ordinals)
      return true
    },
    dtype: (dtype, ordinals) => {
      if (image.dtype !== dtype) return false
      sources.add('/image/dtype', ordinals)
      return true
    },
    acquiredAt: (at, ordinals) => {
      acquired ??= { at, ordinals: [] }
      if (acquired.at.local !== at.local) return false
      acquired.ordinals.push(...ordinals)
      return true
    },
    warn: warning => {
      if (warnings.size < 100) warnings.add(warning)
    },
    reading: (native, series) => {
      const paths = channels.map((channel, i) => channelOf(channel, i, sources))
      if (acquired !== undefined) sources.add('/acquiredAt/local', acquired.ordinals)
      const pixelSize = sizes.values(sources, '/image/pixelSize')
      const settings = common.values(sources, '/settings')
      const table = planes.table(sources)
      const hardware = instrument.content(sources)
      return {
        native,
        mapping: sources.mapping(),
        ...(hardware === undefined ? {} : { instrument: hardware }),
        acquisition: {
          image: { axes: image.axes, shape: image.shape, dtype: image.dtype, ...absentIfEmpty('pixelSize', pixelSize) },
          channels: paths,
          ...absentIfEmpty('settings', settings),
          ...(table === undefined ? {} : { planes: table }),
          ...(acquired === undefined ? {} : { acquiredAt: acquired.at })
        },
        personal: [
          ...personalPointers(common.names(), '/settings', modalities),
          ...channels.flatMap((channel, i) =>
            personalPointers(channel.path.names(), `/channels/${i}/path`, [channel.modality])
          )
        ],
        ...(series === undefined ? {} : { series }),
        warnings: [...warnings]
      }
    }
  }
}
