import { assembleAcquisitions, readInstruments, type AssembledAcquisition } from '@bims/adapters/instruments'
import { toJson, type Acquisition, type Bundle, type NativeText, type ReadBundle, type SealedRecord } from '@bims/core'
import type { CarriedAcquisition } from '../save/build-bundle.ts'
import type { OpenImage } from '../files/open-image.ts'
import { namedAttachments } from '../restore/named-attachments.ts'
import type { Capabilities } from '../production.ts'
import { promised } from '../promise.ts'
import { sealAcquisition, type SealedAcquisition } from './sealed-acquisition.ts'

/** Acquisitions of an image: read from its native metadata now, or carried by its bundle. */
export interface ImageHistory {
  readonly acquired: readonly SealedAcquisition[]
  readonly carried: readonly (CarriedAcquisition & { readonly acquisitionRecord: Acquisition })[]
}

/** The acquisitions that the native metadata of an open image tells. Rejects with `native-malformed`. */
export const readAcquisitions = async ({ image }: OpenImage): Promise<readonly AssembledAcquisition[]> =>
  assembleAcquisitions(image, await promised(readInstruments(image)))

/** The text copied into the bundle, for a file in which it does not stand. */
const copied = ({ at: _, ...text }: NativeText): NativeText => text

/**
 * Seals the acquisitions that the native metadata of an image tells. With `elsewhere` the native text is copied into
 * the bundle, because that will stand in another file. `restricted`: they are to stay so. Rejects with `native-malformed`.
 */
export const acquisitionsOf = async (
  opened: OpenImage,
  capabilities: Capabilities,
  { elsewhere = false, restricted = false }: { readonly elsewhere?: boolean; readonly restricted?: boolean } = {}
): Promise<readonly SealedAcquisition[]> =>
  (await readAcquisitions(opened)).map(({ acquisition, instrument, mapping, native, personal }) =>
    sealAcquisition(
      {
        ...(instrument === undefined ? {} : { instrument }),
        acquisition,
        native: elsewhere ? native.map(copied) : native,
        mapping,
        personal,
        restricted
      },
      capabilities
    )
  )

const isAcquisition = (record: SealedRecord): record is SealedRecord<'acquisition'> => record.kind === 'acquisition'

/** What a bundle holds beside records that it carries: it is the only place where withheld values are opened. */
const heldFor = (
  { attachments, openings }: Bundle,
  records: readonly SealedRecord[]
): Required<Pick<CarriedAcquisition, 'attachments' | 'openings'>> => {
  const values = records.map(({ record }) => toJson(record))
  const digests = new Set(values.flatMap(namedAttachments).map(({ digest }) => digest))
  const told = JSON.stringify(values)
  return {
    attachments: attachments.filter(({ digest }) => digests.has(digest)),
    openings: openings.filter(({ withheld }) => told.includes(withheld))
  }
}

/**
 * The acquisitions that a bundle carries, with their instruments and the signatures over them; for the `same` file with what the bundle
 * holds of them besides.
 */
export const carriedBy = (
  { bundle, records }: ReadBundle,
  { same = false }: { readonly same?: boolean } = {}
): ImageHistory['carried'] =>
  records
    .filter(record => isAcquisition(record) && bundle.manifest.acquisitions.includes(record.id))
    .flatMap(record => {
      if (!isAcquisition(record)) return []
      const own = records.filter(candidate => candidate.id === record.id || candidate.id === record.record.instrument)
      return [
        {
          acquisition: record.id,
          acquisitionRecord: record.record,
          records: own,
          signatures: bundle.signatures.filter(signature => own.some(({ id }) => id === signature.over)),
          ...(same ? heldFor(bundle, own) : {})
        }
      ]
    })
