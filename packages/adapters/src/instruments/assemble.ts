import {
  isSpilled,
  type AcquiredImage,
  type AcquisitionContent,
  type Component,
  type InstrumentContent,
  type InstrumentReading,
  type MappingEntry,
  type Modality,
  type NativeText,
  type OpenContainer,
  type PlaneTable,
  type Setting
} from '@bims/core'
import { newDraft, type Draft } from './native/draft.ts'
import type { ComponentDraft, Sourced } from './native/instrument-draft.ts'
import { escapeToken } from './native/pointer.ts'
import { firstImage, seriesImages } from './native/series-image.ts'

/** One acquisition of a file, out of all readings that describe it. */
export interface AssembledAcquisition {
  /** 0-based series of the container it describes; absent where the file has one. */
  readonly series?: number
  /** Without `instrument`, `native` and `mapping`, which the caller adds. */
  readonly acquisition: AcquisitionContent
  readonly instrument?: InstrumentContent
  /** Every native block that describes it; ordinals of `mapping` run over their entries. */
  readonly native: readonly NativeText[]
  /** Native ordinal to JSON pointer into `acquisition`, or `/instrument/...`; an ordinal may have several. */
  readonly mapping: readonly MappingEntry[]
  /** Pointers whose values are to be withheld in what is public. */
  readonly personal: readonly string[]
  readonly warnings: readonly string[]
}

/** Native ordinals of a reading by pointer, moved behind those of the readings before it. */
type OrdinalsAt = (pointer: string) => readonly number[]

const ordinalsOf = (reading: InstrumentReading, base: number): OrdinalsAt => {
  const byPointer = new Map<string, number[]>()
  for (const [ordinal, pointers] of reading.mapping) {
    for (const pointer of pointers) {
      const known = byPointer.get(pointer)
      if (known === undefined) byPointer.set(pointer, [ordinal + base])
      else known.push(ordinal + base)
    }
  }
  return pointer => byPointer.get(pointer) ?? []
}

const planeAxes: ReadonlySet<string> = new Set(['t', 'c', 'z'])

/** Replays one reading into the draft; what another reading has said before stays, and a warning tells where. */
interface Replay {
  readonly draft: Draft
  readonly at: OrdinalsAt
  readonly note: (accepted: boolean, pointer: string) => void
}

const replaySettings = ({ draft, at, note }: Replay, acquisition: AcquisitionContent): void => {
  for (const [name, value] of Object.entries(acquisition.settings ?? {})) {
    const pointer = `/settings/${escapeToken(name)}`
    note(draft.setting('common', name, value, at(pointer)), pointer)
  }
  acquisition.channels.forEach((channel, i) => {
    const name = `/channels/${i}/name`
    if (channel.name !== undefined) note(draft.channelName(i, channel.name, at(name)), name)
    for (const [setting, value] of Object.entries(channel.path)) {
      const pointer = `/channels/${i}/path/${escapeToken(setting)}`
      note(draft.setting(i, setting, value, at(pointer)), pointer)
    }
  })
}

const replayImage = ({ draft, at, note }: Replay, acquisition: AcquisitionContent): void => {
  const { image, acquiredAt } = acquisition
  image.axes.forEach((axis, i) => draft.axisLength(axis, image.shape[i] ?? 0, at(`/image/shape/${i}`)))
  draft.dtype(image.dtype, at('/image/dtype'))
  for (const [axis, size] of Object.entries(image.pixelSize ?? {})) {
    const pointer = `/image/pixelSize/${escapeToken(axis)}`
    note(draft.pixelSize(axis, size, at(pointer)), pointer)
  }
  if (acquiredAt !== undefined) note(draft.acquiredAt(acquiredAt, at('/acquiredAt/local')), '/acquiredAt/local')
}

const replayPlanes = ({ draft, at, note }: Replay, table: PlaneTable): void => {
  const length = table.columns[0]?.values.length ?? 0
  const axes = table.columns.flatMap((column, i) => (planeAxes.has(column.name) ? [{ column, i }] : []))
  for (let row = 0; row < length; row++) {
    const position = axes.flatMap(({ column, i }) => {
      const value = column.values[row]
      return typeof value === 'number'
        ? [[column.name, { value, ordinals: at(`/planes/columns/${i}/values/${row}`) }] as const]
        : []
    })
    const target = draft.planes.row(Object.fromEntries(position))
    table.columns.forEach((column, i) => {
      const value = column.values[row]
      if (planeAxes.has(column.name) || value === null || value === undefined) return
      note(
        draft.planes.cell(target, column.name, value, column.unit, at(`/planes/columns/${i}/values/${row}`)),
        `/planes (${column.name})`
      )
    })
  }
}

const componentOf = (component: Component, pointer: string, at: OrdinalsAt): ComponentDraft => {
  const text = (name: 'id' | 'maker' | 'model' | 'serial'): Readonly<Record<string, Sourced<string>>> => {
    const value = component[name]
    return value === undefined ? {} : { [name]: { value, ordinals: at(`${pointer}/${name}`) } }
  }
  const properties = Object.entries(component.properties ?? {}).map(
    ([name, value]): readonly [string, Sourced<Setting>] => [
      name,
      { value, ordinals: at(`${pointer}/properties/${escapeToken(name)}`) }
    ]
  )
  return {
    kind: { value: component.kind, ordinals: at(`${pointer}/kind`) },
    ...text('id'),
    ...text('maker'),
    ...text('model'),
    ...text('serial'),
    properties: Object.fromEntries(properties)
  }
}

const replayInstrument = ({ draft, at, note }: Replay, instrument: InstrumentContent): void => {
  for (const member of ['maker', 'model', 'serial'] as const) {
    const value = instrument[member]
    if (value !== undefined)
      note(draft.instrument.text(member, { value, ordinals: at(`/instrument/${member}`) }), `/instrument/${member}`)
  }
  if (instrument.software !== undefined) {
    const { name, version } = instrument.software
    const accepted = draft.instrument.text('softwareName', { value: name, ordinals: at('/instrument/software/name') })
    note(accepted, '/instrument/software/name')
    // A version belongs to its program: it does not go beside the name of another one.
    if (accepted && version !== undefined) {
      draft.instrument.text('softwareVersion', { value: version, ordinals: at('/instrument/software/version') })
    }
  }
  instrument.components?.forEach((component, i) =>
    draft.instrument.component(componentOf(component, `/instrument/components/${i}`, at))
  )
}

/** Channels are those of the first reading that knows how they were made; else of the first that has any. */
const modalitiesOf = (readings: readonly InstrumentReading[]): readonly Modality[] => {
  const lists = readings
    .map(reading => reading.acquisition.channels.map(channel => channel.modality))
    .filter(list => list.length > 0)
  return lists.find(list => list.some(modality => modality !== 'generic')) ?? lists[0] ?? []
}

const entryCount = (reading: InstrumentReading): number =>
  reading.native.reduce((sum, text) => sum + text.entries.length, 0)

const flat = (mapping: ReadonlyMap<number, readonly string[]>): readonly MappingEntry[] =>
  [...mapping].flatMap(([ordinal, pointers]) => pointers.map((pointer): MappingEntry => [ordinal, pointer]))

const plain = ({ acquisition, instrument, native, mapping, personal, warnings }: InstrumentReading): Merged => ({
  acquisition,
  ...(instrument === undefined ? {} : { instrument }),
  native,
  mapping: flat(mapping),
  personal,
  warnings
})

type Merged = Omit<AssembledAcquisition, 'series'>

const replayAll = (replays: readonly (Replay & { readonly reading: InstrumentReading })[]): void => {
  // A moment that knows its offset from UTC goes before one that does not.
  const dated = replays.find(({ reading }) => reading.acquisition.acquiredAt?.offset !== undefined)
  if (dated?.reading.acquisition.acquiredAt !== undefined)
    dated.draft.acquiredAt(dated.reading.acquisition.acquiredAt, dated.at('/acquiredAt/local'))
  for (const replay of replays) {
    const { acquisition, instrument } = replay.reading
    replayImage(replay, acquisition)
    replaySettings(replay, acquisition)
    if (acquisition.planes !== undefined && !isSpilled(acquisition.planes)) replayPlanes(replay, acquisition.planes)
    if (instrument !== undefined) replayInstrument(replay, instrument)
  }
}

const merge = (readings: readonly InstrumentReading[], image: AcquiredImage): Merged => {
  const [only] = readings
  if (only !== undefined && readings.length === 1) return plain(only)
  const draft = newDraft(image, modalitiesOf(readings))
  const conflicts = new Set<string>()
  let base = 0
  const replays = readings.map(reading => {
    const at = ordinalsOf(reading, base)
    base += entryCount(reading)
    const note = (accepted: boolean, pointer: string): void => {
      if (!accepted)
        conflicts.add(
          `${pointer}: ${reading.native[0]?.format ?? 'TIFF tags'} says another value, which is carried, not mapped`
        )
    }
    return { draft, at, note, reading }
  })
  replayAll(replays)
  const merged = plain(draft.reading(readings.flatMap(reading => reading.native)))
  return { ...merged, warnings: [...readings.flatMap(reading => reading.warnings), ...conflicts] }
}

/**
 * Puts the readings of a file together: one acquisition for each image series that any reading describes. Where two
 * readings say different things the earlier one counts, and a warning names the place (never the values). An empty
 * list where there is no reading.
 */
export const assembleAcquisitions = (
  container: OpenContainer,
  readings: readonly InstrumentReading[]
): readonly AssembledAcquisition[] => {
  if (readings.length === 0) return []
  const images = seriesImages(container)
  if (images.length <= 1) return [merge(readings, firstImage(container))]
  return images.flatMap(({ series, image }) => {
    const own = readings.filter(reading => reading.series === undefined || reading.series.includes(series))
    return own.length === 0 ? [] : [{ series, ...merge(own, image) }]
  })
}
