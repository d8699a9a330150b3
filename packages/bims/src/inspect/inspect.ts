import { parseNative, readInstruments } from '@bims/adapters/instruments'
import {
  completeness, coverage,
  type AcquisitionContent, type Completeness, type ContainerImage, type Coverage, type InstrumentContent, type InstrumentReading, type NativeEntry
} from '@bims/core'
import { isRight } from 'fp-ts/lib/Either.js'
import { mappingOf } from '../acquire/image-history.ts'
import { findBundle, withImage, type OpenImage } from '../files/open-image.ts'
import { promised } from '../promise.ts'

/** What an image file tells of its acquisition. */
export interface InspectReport {
  readonly file: string
  /** Container format. */
  readonly adapter: string
  /** Native formats that were found. */
  readonly formats: readonly string[]
  readonly images: readonly ContainerImage[]
  readonly acquisitions: readonly AcquisitionContent[]
  readonly instrument: InstrumentContent | null
  readonly coverage: Coverage
  readonly completeness: Completeness
  /** Where a bundle stands, if there is one. */
  readonly bundle: 'embedded' | 'sidecar' | null
  readonly warnings: readonly string[]
}

/** The entries that the native bytes give when they are read from the file and parsed once more. */
const storedEntries = async ({ image }: OpenImage, reading: InstrumentReading): Promise<readonly (readonly NativeEntry[])[]> => {
  const stored: (readonly NativeEntry[])[] = []
  for (const native of reading.native) {
    const bytes = native.at === undefined ? native.bytes : await promised(image.bytesAt(native.at))
    const parsed = await parseNative({ format: native.format, bytes })()
    stored.push(isRight(parsed) ? parsed.right : [])
  }
  return stored
}

const nothingKnown = (image: OpenImage['image']): AcquisitionContent => {
  const first = image.images.find(candidate => candidate.role === 'data')
  return { image: { axes: first?.axes ?? [], shape: first?.shape ?? [], dtype: first?.dtype ?? 'uint8' }, channels: [] }
}

/**
 * Reads what a file tells of its acquisition, counts how much of the native text is carried and understood, and what
 * is missing. Rejects with `file-missing`, `container-unknown`, `tiff-malformed`.
 */
export const inspect = async (file: string): Promise<InspectReport> =>
  withImage(file, async opened => {
    const readings = await promised(readInstruments(opened.image))
    const stored: (readonly (readonly NativeEntry[])[])[] = []
    for (const reading of readings) stored.push(await storedEntries(opened, reading))
    const first = readings[0]
    // As if the instrument's record were made, which it is when the file is saved.
    const acquisition = first === undefined ? nothingKnown(opened.image) : { ...first.acquisition, ...(first.instrument === undefined ? {} : { instrument: 'told' }) }
    const found = await findBundle(opened)
    return {
      file,
      adapter: opened.container.format,
      formats: [...new Set(readings.flatMap(reading => reading.native.map(native => native.format)))],
      images: opened.image.images,
      acquisitions: readings.map(reading => reading.acquisition),
      instrument: first?.instrument ?? null,
      coverage: coverage(readings.map(reading => ({ native: reading.native, mapping: mappingOf(reading) })), stored),
      completeness: completeness(acquisition, first?.instrument),
      bundle: found?.place ?? null,
      warnings: [...readings.flatMap(reading => reading.warnings), ...(found?.warnings ?? [])]
    }
  })
