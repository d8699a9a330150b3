import type { Setting } from '@bims/core'
import type { ComponentDraft, Sourced } from '../native/instrument-draft.ts'
import { parseDecimal } from '../native/number.ts'
import type { Frame, FrameValue } from './frame.ts'

const sourced = ({ value, ordinal }: FrameValue): Sourced<string> => ({ value: String(value), ordinals: [ordinal] })

/** Kinds of devices by the roles that Core gives them. */
const roles = [
  ['Core-Camera', 'camera'],
  ['Core-Shutter', 'shutter'],
  ['Core-XYStage', 'stage'],
  ['Core-Focus', 'focus drive'],
  ['Core-AutoFocus', 'autofocus']
] as const

const kindOf = (device: string, frame: Frame): string => {
  const role = roles.find(([name]) => frame.get(name)?.value === device)
  if (role !== undefined) return role[1]
  return /objective/i.test(device)
    ? 'objective turret'
    : /dichroic|excitation|emission|filter/i.test(device)
      ? 'filter wheel'
      : 'device'
}

const member = (frame: Frame, device: string, property: string): Sourced<string> | undefined => {
  const found = frame.get(`${device}-${property}`)
  return found === undefined ? undefined : sourced(found)
}

/** Devices are what has a `<device>-Name`, the name of its driver. */
export const devicesOf = (frame: Frame): readonly string[] =>
  [...frame.keys()]
    .filter(name => name.endsWith('-Name'))
    .map(name => name.slice(0, -'-Name'.length))
    .filter(device => device !== '')

/** The devices of a frame as components: label, driver, description. */
export const componentsOf = (frame: Frame): readonly ComponentDraft[] =>
  devicesOf(frame).map(device => {
    const properties: [string, Sourced<Setting> | undefined][] = [
      ['micro-manager:Description', member(frame, device, 'Description')],
      ['micro-manager:CameraName', member(frame, device, 'CameraName')],
      ['micro-manager:HubID', member(frame, device, 'HubID')]
    ]
    const driver = member(frame, device, 'Name')
    const serial = member(frame, device, 'CameraID')
    const role = roles.flatMap(([name]) => {
      const found = frame.get(name)
      return found?.value === device ? [found.ordinal] : []
    })
    return {
      kind: { value: kindOf(device, frame), ordinals: role },
      id: { value: device, ordinals: [] },
      ...(driver === undefined ? {} : { model: driver }),
      ...(serial === undefined ? {} : { serial }),
      properties: Object.fromEntries(
        properties.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))
      )
    }
  })

/** How a property becomes a setting of the model. */
interface PropertyRule {
  readonly setting: string
  readonly read: (value: FrameValue['value']) => Setting | undefined
}

const text = (value: FrameValue['value']): Setting => String(value)
const number = (value: FrameValue['value']): Setting | undefined => parseDecimal(String(value))
const quantity =
  (unit: string) =>
  (value: FrameValue['value']): Setting | undefined => {
    const parsed = parseDecimal(String(value))
    return parsed === undefined ? undefined : { value: parsed, unit }
  }
const binning = (value: FrameValue['value']): Setting =>
  /^\d+$/.test(String(value)) ? `${value}x${value}` : String(value)

/** Properties of the camera that Core names. */
const cameraRules: Readonly<Record<string, PropertyRule>> = {
  Binning: { setting: 'detector.binning', read: binning },
  Gain: { setting: 'detector.gain', read: number },
  Offset: { setting: 'detector.offset', read: number },
  CCDTemperature: { setting: 'detector.temperature', read: quantity('Cel') },
  ReadoutTime: { setting: 'detector.readoutTime', read: quantity('ms') },
  BitDepth: { setting: 'digitisation.bitDepth', read: number }
}

/** Labels of devices by the names that configurations use for them. */
const labelRules = [
  [/^objective/i, 'objective.name'],
  [/^excitation/i, 'excitationFilter'],
  [/^emission/i, 'emissionFilter'],
  [/^dichroic/i, 'dichroic'],
  [/^(?:light)?path$/i, 'lightPath']
] as const

const topRules: Readonly<Record<string, PropertyRule>> = {
  Binning: { setting: 'detector.binning', read: binning },
  BitDepth: { setting: 'digitisation.bitDepth', read: number },
  ROI: { setting: 'detector.region', read: text },
  'Core-Camera': { setting: 'detector.name', read: text },
  PositionName: { setting: 'stage.label', read: text },
  UserName: { setting: 'operator', read: text },
  Comment: { setting: 'comment', read: text },
  Comments: { setting: 'comment', read: text },
  Interval_ms: { setting: 'timeIncrement', read: value => (Number(value) > 0 ? quantity('ms')(value) : undefined) }
}

const labelSetting = (name: string): string | undefined => {
  if (!name.endsWith('-Label')) return undefined
  const device = name.slice(0, -'-Label'.length)
  return labelRules.find(([pattern]) => pattern.test(device))?.[1]
}

const ruleOf = (name: string, frame: Frame): PropertyRule | undefined => {
  if (Object.hasOwn(topRules, name)) return topRules[name]
  const prefix = `${frame.get('Core-Camera')?.value ?? ''}-`
  const property = name.slice(prefix.length)
  return prefix !== '-' && name.startsWith(prefix) && Object.hasOwn(cameraRules, property)
    ? cameraRules[property]
    : undefined
}

/** The setting of the model that a key gives, or undefined where there is none. */
export const modelSetting = (
  name: string,
  value: FrameValue['value'],
  frame: Frame
): readonly [string, Setting] | undefined => {
  const label = labelSetting(name)
  if (label !== undefined) return [label, String(value)]
  const rule = ruleOf(name, frame)
  const setting = rule?.read(value)
  return rule === undefined || setting === undefined ? undefined : [rule.setting, setting]
}
