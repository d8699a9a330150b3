import * as t from 'io-ts'
import { WithheldCodec, type Withheld } from '../json/withheld.ts'
import { QuantityCodec, type Quantity } from './quantity.ts'

/** A single value of a setting; a withheld one tells only its salted hash. */
export type SettingValue = Quantity | string | boolean | number | Withheld

/** What was asked of the instrument and what it reported. */
export interface SetAndMeasured {
  readonly set?: SettingValue
  readonly measured?: SettingValue
}

/** One setting of an instrument. */
export type Setting = SettingValue | SetAndMeasured

/**
 * Settings by name. Names of the model are `stage.setting`, e.g. `detector.gain` (docs/spec/acquisition.md lists
 * them for each modality); names outside of the model are `vendor:name`.
 */
export interface Settings {
  readonly [name: string]: Setting
}

const SettingValueCodec: t.Type<SettingValue, unknown, unknown> = t.union([
  QuantityCodec,
  t.string,
  t.boolean,
  t.number,
  WithheldCodec
])

const SetAndMeasuredCodec: t.Type<SetAndMeasured, unknown, unknown> = t.refinement(
  t.partial({ set: SettingValueCodec, measured: SettingValueCodec }),
  both => both.set !== undefined || both.measured !== undefined,
  'set and measured'
)

/** Codec of {@link Settings}. */
export const SettingsCodec: t.Type<Settings, unknown, unknown> = t.record(
  t.string,
  t.union([SettingValueCodec, SetAndMeasuredCodec]),
  'Settings'
)
