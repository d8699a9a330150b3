import { assembleAcquisitions, readInstruments, type AssembledAcquisition } from '@bims/adapters/instruments'
import type { Acquisition, NativeText, ReadBundle, SealedRecord } from '@bims/core'
import type { CarriedAcquisition } from '../save/build-bundle.ts'
import { bytesIn, type OpenImage } from '../files/open-image.ts'
import type { Capabilities } from '../production.ts'
import { promised } from '../promise.ts'
import { heldFor, withBytes } from '../save/held-for.ts'
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

/**
 * The acquisitions that a bundle carries, with their instruments, the signatures over them, and what the bundle holds of them besides,
 * for the same file: attachments that stand in it stay there. For another file see {@link carriedFrom}.
 */
export const carriedBy = ({ bundle, records }: ReadBundle): ImageHistory['carried'] =>
  records
    .filter(isAcquisition)
    .filter(({ id }) => bundle.manifest.acquisitions.includes(id))
    .map(({ id, record }) => {
      const own = records.filter(candidate => candidate.id === id || candidate.id === record.instrument)
      return {
        acquisition: id,
        acquisitionRecord: record,
        records: own,
        signatures: bundle.signatures.filter(signature => own.some(one => one.id === signature.over)),
        ...heldFor(bundle, own)
      }
    })

/**
 * The acquisitions that the bundle of an image carries, for another file: what their records name goes along, so that it tells as much as
 * one that was made from an image that nobody had saved. Attachments that stand in the image itself are copied.
 */
export const carriedFrom = async (opened: OpenImage, read: ReadBundle): Promise<ImageHistory['carried']> =>
  Promise.all(
    carriedBy(read).map(async carried => ({
      ...carried,
      attachments: await withBytes(carried.attachments, carried.records, bytesIn(opened))
    }))
  )
