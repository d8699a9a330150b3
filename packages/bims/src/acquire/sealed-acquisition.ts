import {
  canonicalBytes,
  isSpilled,
  newAttachment,
  sealRecord,
  spillRecord,
  toBase64,
  toJson,
  type Acquisition,
  type AcquisitionContent,
  type BundledAttachment,
  type Instrument,
  type InstrumentContent,
  type MappingEntry,
  type NativeText,
  type Opening,
  type SealedRecord
} from '@bims/core'
import type { Capabilities } from '../production.ts'
import { value } from '../promise.ts'
import { withheldRecord } from './personal.ts'

/** What an acquisition record is made of. */
export interface AcquisitionParts {
  readonly instrument?: InstrumentContent
  readonly acquisition: AcquisitionContent
  readonly native: readonly NativeText[]
  readonly mapping: readonly MappingEntry[]
  /** JSON pointers to personal data, into the acquisition or, behind `/instrument`, into the instrument. */
  readonly personal: readonly string[]
  /** The table of planes tells of persons: it becomes an attachment, which stays with the file. */
  readonly personalPlanes?: boolean
  /** The acquisition is to stay restricted; its instrument is not: what stands in the laboratory is no result. */
  readonly restricted?: boolean
}

/** Sealed records with what belongs to them in a bundle. */
export interface SealedAcquisition {
  readonly instrument?: SealedRecord<'instrument'>
  readonly acquisition: SealedRecord<'acquisition'>
  readonly attachments: readonly BundledAttachment[]
  readonly openings: readonly Opening[]
}

const prefix = '/instrument/'

const sealInstrument = (
  content: InstrumentContent,
  personal: readonly string[],
  newSalt: () => Uint8Array
): { readonly record: SealedRecord<'instrument'>; readonly openings: readonly Opening[] } => {
  const own = personal.filter(pointer => pointer.startsWith(prefix)).map(pointer => pointer.slice(prefix.length - 1))
  const withheld = withheldRecord<Instrument>({ ...content, schema: 'bims.instrument/1' }, own, newSalt)
  return { record: value(sealRecord('instrument', withheld.record)), openings: withheld.openings }
}

const personalPlanesOf = (
  { acquisition: { planes }, personalPlanes }: AcquisitionParts,
  newSalt: () => Uint8Array
): ReturnType<typeof newAttachment> | undefined =>
  personalPlanes === true && planes !== undefined && !isSpilled(planes)
    ? newAttachment(canonicalBytes(toJson(planes)), { name: 'planes', mediaType: 'application/json' }, newSalt())
    : undefined

const recordOf = (
  { acquisition, mapping, restricted }: AcquisitionParts,
  instrument: string | undefined,
  newSalt: () => Uint8Array
): Acquisition => ({
  schema: 'bims.acquisition/1',
  ...acquisition,
  ...(instrument === undefined ? {} : { instrument }),
  ...(mapping.length === 0 ? {} : { mapping }),
  ...(restricted === true ? { salt: toBase64(newSalt()) } : {})
})

/** Seals an instrument and its acquisition: native text as attachments, personal data withheld, long arrays spilled. */
export const sealAcquisition = (parts: AcquisitionParts, { random }: Capabilities): SealedAcquisition => {
  const newSalt = (): Uint8Array => random(16)
  const instrument =
    parts.instrument === undefined ? undefined : sealInstrument(parts.instrument, parts.personal, newSalt)
  const natives = parts.native.map(native => ({
    format: native.format,
    ...newAttachment(
      native.bytes,
      { name: native.format, mediaType: native.mediaType, ...(native.at === undefined ? {} : { at: native.at }) },
      newSalt()
    )
  }))
  const ownPlanes = personalPlanesOf(parts, newSalt)
  const record: Acquisition = {
    ...recordOf(parts, instrument?.record.id, newSalt),
    ...(ownPlanes === undefined ? {} : { planes: { attachment: ownPlanes.attachment } }),
    ...(natives.length === 0 ? {} : { native: natives.map(({ attachment, format }) => ({ format, attachment })) })
  }
  const withheld = withheldRecord(
    record,
    parts.personal.filter(pointer => !pointer.startsWith(prefix)),
    newSalt
  )
  const spilled = spillRecord('acquisition', withheld.record, newSalt)
  return {
    ...(instrument === undefined ? {} : { instrument: instrument.record }),
    acquisition: value(sealRecord('acquisition', spilled.record)),
    attachments: [
      ...natives.map(native => native.bundled),
      ...(ownPlanes === undefined ? [] : [ownPlanes.bundled]),
      ...spilled.attachments
    ],
    openings: [...(instrument?.openings ?? []), ...withheld.openings]
  }
}
