import { readInstruments } from '@bims/adapters/instruments'
import type { Acquisition, InstrumentReading, MappingEntry, NativeText, ReadBundle, SealedRecord } from '@bims/core'
import type { CarriedAcquisition } from '../save/build-bundle.ts'
import type { OpenImage } from '../files/open-image.ts'
import type { Capabilities } from '../production.ts'
import { promised } from '../promise.ts'
import { sealAcquisition, type SealedAcquisition } from './sealed-acquisition.ts'

/** Acquisitions of an image: read from its native metadata now, or carried by its bundle. */
export interface ImageHistory {
  readonly acquired: readonly SealedAcquisition[]
  readonly carried: readonly (CarriedAcquisition & { readonly acquisitionRecord?: Acquisition })[]
}

/** Native ordinals with all the places that took their values, in order. */
export const mappingOf = ({ mapping }: InstrumentReading): readonly MappingEntry[] =>
  [...mapping].sort(([a], [b]) => a - b).flatMap(([ordinal, pointers]) => pointers.map((pointer): MappingEntry => [ordinal, pointer]))

/** The text copied into the bundle, for a file in which it does not stand. */
const copied = ({ at: _, ...text }: NativeText): NativeText => text

/**
 * Seals the acquisitions that the native metadata of an image tells. With `elsewhere` the native text is copied into
 * the bundle, because that will stand in another file. Rejects with `native-malformed`.
 */
export const acquisitionsOf = async (
  { image }: OpenImage,
  capabilities: Capabilities,
  { elsewhere = false }: { readonly elsewhere?: boolean } = {}
): Promise<readonly SealedAcquisition[]> => {
  const readings = await promised(readInstruments(image))
  return readings.map(reading =>
    sealAcquisition(
      {
        ...(reading.instrument === undefined ? {} : { instrument: reading.instrument }),
        acquisition: reading.acquisition,
        native: elsewhere ? reading.native.map(copied) : reading.native,
        mapping: mappingOf(reading),
        personal: reading.personal
      },
      capabilities
    )
  )
}

const isAcquisition = (record: SealedRecord): record is SealedRecord<'acquisition'> => record.kind === 'acquisition'

/** The acquisitions that a bundle carries, with their instruments and the signatures over them. */
export const carriedBy = ({ bundle, records }: ReadBundle): ImageHistory['carried'] =>
  records.filter(record => isAcquisition(record) && bundle.manifest.acquisitions.includes(record.id)).flatMap(record => {
    if (!isAcquisition(record)) return []
    const own = records.filter(candidate => candidate.id === record.id || candidate.id === record.record.instrument)
    return [
      {
        acquisition: record.id,
        acquisitionRecord: record.record,
        records: own,
        signatures: bundle.signatures.filter(signature => own.some(({ id }) => id === signature.over))
      }
    ]
  })
