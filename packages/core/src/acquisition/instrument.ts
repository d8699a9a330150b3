import * as t from 'io-ts'
import { SettingsCodec, type Settings } from './setting.ts'

/** A part of an instrument: an objective, a detector, a laser, an electron gun. */
export interface Component {
  /** What it is, e.g. `objective`, `detector`, `laser`, `electron gun`, `stage`. */
  readonly kind: string
  /** The name by which settings refer to it. */
  readonly id?: string
  readonly maker?: string
  readonly model?: string
  readonly serial?: string
  /** What does not change from image to image: magnification, aperture, wavelength. */
  readonly properties?: Settings
}

/** The hardware as it stands, without its schema. */
export interface InstrumentContent {
  readonly maker?: string
  readonly model?: string
  readonly serial?: string
  /** The acquisition software. */
  readonly software?: { readonly name: string; readonly version?: string }
  readonly components?: readonly Component[]
}

/** A record of kind instrument (`bims.instrument/1`). */
export interface Instrument extends InstrumentContent {
  readonly schema: 'bims.instrument/1'
}

const ComponentCodec: t.Type<Component, unknown, unknown> = t.intersection([
  t.type({ kind: t.string }),
  t.partial({ id: t.string, maker: t.string, model: t.string, serial: t.string, properties: SettingsCodec })
])

/** Codec of {@link Instrument}. */
export const InstrumentCodec: t.Type<Instrument, unknown, unknown> = t.intersection(
  [
    t.type({ schema: t.literal('bims.instrument/1') }),
    t.partial({
      maker: t.string,
      model: t.string,
      serial: t.string,
      software: t.intersection([t.type({ name: t.string }), t.partial({ version: t.string })]),
      components: t.readonlyArray(ComponentCodec)
    })
  ],
  'Instrument'
)
