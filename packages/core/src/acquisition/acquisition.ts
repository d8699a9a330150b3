import * as t from 'io-ts'
import { AttachmentCodec, SpilledCodec, type Attachment, type Spilled } from '../json/attachment.ts'
import { choiceCodec } from '../json/choice-codec.ts'
import { CountCodec, listCodec, SaltCodec, Sha256IdCodec } from '../json/codec.ts'
import { DTypeCodec } from '../digest/dtype-codec.ts'
import type { DType } from '../digest/nd-array.ts'
import { PlaneTableCodec, type PlaneTable } from './planes.ts'
import { QuantityCodec, type Quantity } from './quantity.ts'
import { SettingsCodec, type Settings } from './setting.ts'

/** How an image is made; it decides which settings are applicable. */
export const modalities = ['light', 'sem', 'tem', 'stem', 'fib', 'xray-ct', 'spm', 'generic'] as const

/** How an image is made. */
export type Modality = (typeof modalities)[number]

/** The form of the acquired image. */
export interface AcquiredImage {
  /** Axes, slowest first, e.g. `['t', 'c', 'z', 'y', 'x']`. */
  readonly axes: readonly string[]
  readonly shape: readonly number[]
  readonly dtype: DType
  /** Physical distance of neighbouring pixels by axis, e.g. `{x: {value: 65, unit: 'nm'}}`. */
  readonly pixelSize?: { readonly [axis: string]: Quantity }
}

/** One channel: its way from optics to digitisation. */
export interface Channel {
  readonly modality: Modality
  readonly name?: string
  /** Settings along the path, from the source over optics and specimen to detector and digitisation. */
  readonly path: Settings
}

/** When the image was taken, as the instrument says. */
export interface AcquiredAt {
  /** Local date and time without offset, e.g. `2015-05-12T16:03:02`. */
  readonly local: string
  /** Offset from UTC where it is known, e.g. `+01:00`, `Z`. */
  readonly offset?: string
  /** Who says so: a native key, `clock`. */
  readonly source: string
}

/** Native metadata kept verbatim. */
export interface NativeRecord {
  /** Id of the native format, e.g. `thermo-ini`. */
  readonly format: string
  readonly attachment: Attachment
}

/**
 * Native ordinal (over the entries of all blocks of `native` in order) and the JSON pointer that took its value: into the
 * acquisition, or `/instrument/...` into its instrument. An ordinal may stand in several entries.
 */
export type MappingEntry = readonly [ordinal: number, path: string]

/** What an acquisition says, without schema, native text and mapping. */
export interface AcquisitionContent {
  /** Id of the instrument record. */
  readonly instrument?: string
  readonly image: AcquiredImage
  readonly channels: readonly Channel[]
  /** Settings common to all channels. */
  readonly settings?: Settings
  readonly planes?: Spilled<PlaneTable>
  readonly acquiredAt?: AcquiredAt
}

/** A record of kind acquisition (`bims.acquisition/1`). */
export interface Acquisition extends AcquisitionContent {
  readonly schema: 'bims.acquisition/1'
  /** Every native block that describes the image; the ordinals of `mapping` run over their entries in this order. */
  readonly native?: readonly NativeRecord[]
  readonly mapping?: Spilled<readonly MappingEntry[]>
  /** 16 random bytes, base64: the record is made to stay restricted, and its id, which stands in blocks, tells nothing. */
  readonly salt?: string
}

const ModalityCodec: t.Type<Modality, string, unknown> = choiceCodec(modalities, 'modality')

const AcquiredImageCodec: t.Type<AcquiredImage, unknown, unknown> = t.intersection([
  t.type({ axes: t.readonlyArray(t.string), shape: t.readonlyArray(CountCodec), dtype: DTypeCodec }),
  t.partial({ pixelSize: t.record(t.string, QuantityCodec) })
])

const ChannelCodec: t.Type<Channel, unknown, unknown> = t.intersection([
  t.type({ modality: ModalityCodec, path: SettingsCodec }),
  t.partial({ name: t.string })
])

const isMappingEntry = (u: unknown): u is MappingEntry =>
  Array.isArray(u) && u.length === 2 && CountCodec.is(u[0]) && typeof u[1] === 'string'

/** The library's own tuple drops elements that are too many. */
const MappingEntryCodec: t.Type<MappingEntry, unknown, unknown> = new t.Type<MappingEntry, unknown, unknown>(
  '[ordinal, path]',
  isMappingEntry,
  (u, context) => (isMappingEntry(u) ? t.success(u) : t.failure(u, context)),
  entry => entry
)

/** Codec of a mapping, for one that was moved into an attachment. */
const MappingCodec: t.Type<readonly MappingEntry[], unknown, unknown> = listCodec(MappingEntryCodec, 'mapping')

/** Codec of {@link Acquisition}. */
export const AcquisitionCodec: t.Type<Acquisition, unknown, unknown> = t.intersection(
  [
    t.type({
      schema: t.literal('bims.acquisition/1'),
      image: AcquiredImageCodec,
      channels: t.readonlyArray(ChannelCodec)
    }),
    t.partial({
      instrument: Sha256IdCodec,
      settings: SettingsCodec,
      planes: t.union([SpilledCodec, PlaneTableCodec]),
      acquiredAt: t.intersection([t.type({ local: t.string, source: t.string }), t.partial({ offset: t.string })]),
      native: t.readonlyArray(t.type({ format: t.string, attachment: AttachmentCodec })),
      mapping: t.union([SpilledCodec, MappingCodec]),
      salt: SaltCodec
    })
  ],
  'Acquisition'
)
