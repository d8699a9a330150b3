import type { AcquiredImage, InstrumentReading, Modality, NativeText, Setting } from '@bims/core'
import { newDraft, type Draft } from '../native/draft.ts'
import { parseDecimal, parseSwitch } from '../native/number.ts'
import { decodeUtf16 } from '../native/text.ts'
import { newLookup, putHardware, type Lookup } from './hardware.ts'
import type { ThermoIni } from './ini.ts'
import { localMoment } from './moment.ts'
import { ruleOf, type ActiveSections, type ThermoKind } from './rules.ts'

const modalityOf = (beam: string): Modality => {
  if (beam === 'EBeam') return 'sem'
  if (beam === 'IBeam') return 'fib'
  // The navigation camera: an image with light, taken through a lens of its own.
  return beam === 'IRBeam' || beam === 'CCDBeam' ? 'light' : 'generic'
}

const valueOf = (kind: ThermoKind, text: string): Setting | undefined => {
  if (kind === 'text') return text
  if (kind === 'switch') return parseSwitch(text)
  const value = parseDecimal(text)
  return value === undefined || kind === 'number' ? value : { value, unit: kind.unit }
}

const putPixelSize = (draft: Draft, find: Lookup, section: string): void => {
  for (const [axis, key] of [
    ['x', 'PixelWidth'],
    ['y', 'PixelHeight']
  ] as const) {
    const text = find(section, key)
    const value = text === undefined ? undefined : parseDecimal(text.value)
    if (text !== undefined && value !== undefined && value > 0)
      draft.pixelSize(axis, { value, unit: 'm' }, text.ordinals)
  }
}

/** [User] names date and time apart. */
const putUserMoment = (draft: Draft, find: Lookup): void => {
  const date = find('User', 'Date')
  const time = find('User', 'Time')
  if (date === undefined || time === undefined) return
  const local = localMoment(date.value, time.value)
  if (local === undefined) return
  draft.acquiredAt({ local, source: '[User] Date, [User] Time' }, [...date.ordinals, ...time.ordinals])
}

const putMoment = (draft: Draft, find: Lookup): void => {
  putUserMoment(draft, find)
  const created = find('PrivateFei', 'TimeOfCreation')
  if (created === undefined) return
  const [day = '', hour = ''] = created.value.split(' ')
  const local = localMoment(day, hour)
  if (local !== undefined) draft.acquiredAt({ local, source: '[PrivateFei] TimeOfCreation' }, created.ordinals)
}

/** `UserTextUnicode` is the hex of UTF-16LE, padded with NULs. */
const unicodeText = (hex: string): string | undefined => {
  if (!/^(?:[0-9A-Fa-f]{4})+$/.test(hex)) return undefined
  const bytes = Uint8Array.from(hex.match(/../g) ?? [], pair => Number.parseInt(pair, 16))
  return decodeUtf16(bytes, true)
    .replace(/\u0000+$/, '')
    .trim()
}

const putPerson = (draft: Draft, find: Lookup): void => {
  const user = find('User', 'User')
  if (user !== undefined) draft.setting('common', 'operator', user.value, user.ordinals)
  const unicode = find('User', 'UserTextUnicode')
  const full = unicode === undefined ? undefined : unicodeText(unicode.value)
  // The Unicode form goes first: the other one has lost what its code page does not know.
  if (unicode !== undefined && full !== undefined) draft.setting('common', 'comment', full, unicode.ordinals)
  const text = find('User', 'UserText')
  if (text !== undefined) draft.setting('common', 'comment', text.value, text.ordinals)
}

const putSettings = (
  draft: Draft,
  ini: ThermoIni,
  active: ActiveSections,
  wanted: (section: string) => boolean
): void => {
  ini.lines.forEach(({ section, name, value }, ordinal) => {
    if (!wanted(section)) return
    const text = value.trim()
    const rule = ruleOf(section, name, active)
    const setting = rule === undefined || text === '' ? undefined : valueOf(rule.kind, text)
    if (rule === undefined || setting === undefined) return
    const inModel =
      rule.name !== undefined && draft.knows(0, rule.name) && draft.setting(0, rule.name, setting, [ordinal])
    // Outside of the model, or a second value beside the one that stands there: under the instrument's own name.
    if (!inModel && !draft.setting(0, `thermo:${section}.${name}`, setting, [ordinal]))
      draft.warn(`[${section}] ${name} is there twice with different values`)
  })
}

/** The acquisition that a settings text describes. */
export const readIni = (ini: ThermoIni, native: NativeText, image: AcquiredImage): InstrumentReading => {
  const find = newLookup(ini.lines)
  const active: ActiveSections = {
    beam: find('Beam', 'Beam')?.value ?? '',
    scan: find('Beam', 'Scan')?.value ?? '',
    detector: find('Detectors', 'Name')?.value ?? ''
  }
  const draft = newDraft(image, [modalityOf(active.beam)])
  if (active.beam === '') draft.warn('[Beam] Beam does not name the active beam')
  if (ini.other > 0) draft.warn(`${ini.other} lines are neither a section nor key=value; they are carried, not counted`)
  putHardware(draft.instrument, find, active)
  putMoment(draft, find)
  putPerson(draft, find)
  putPixelSize(draft, find, active.scan)
  putPixelSize(draft, find, 'Scan')
  // [Stage] says where the stage is; the section of a camera may say where its picture is, so it goes last.
  const isCamera = (section: string): boolean => section === active.beam && modalityOf(active.beam) === 'light'
  putSettings(draft, ini, active, section => !isCamera(section))
  putSettings(draft, ini, active, isCamera)
  return draft.reading([native])
}
