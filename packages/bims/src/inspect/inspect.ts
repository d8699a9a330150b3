import { storedCoverage, type AssembledAcquisition } from '@bims/adapters/instruments'
import {
  attachmentBytes,
  completeness,
  fromUtf8,
  parseBundle,
  type Acquisition,
  type AcquisitionContent,
  type Completeness,
  type ContainerImage,
  type Coverage,
  type InstrumentContent,
  type ReadBundle,
  type SealedRecord,
  type StoredNative
} from '@bims/core'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { carriedBy, readAcquisitions } from '../acquire/image-history.ts'
import { findBundle, withImage, type OpenImage } from '../files/open-image.ts'
import { promised } from '../promise.ts'
import { openedRecord } from '../verify/opened-record.ts'

/** What an image file tells of its acquisition. */
export interface InspectReport {
  readonly file: string
  /** Container format. */
  readonly adapter: string
  /** Native formats that were found. */
  readonly formats: readonly string[]
  readonly images: readonly ContainerImage[]
  /** As recorded in the bundle where there is one, else as the native metadata tells. */
  readonly acquisitions: readonly AcquisitionContent[]
  readonly instrument: InstrumentContent | null
  readonly coverage: Coverage
  readonly completeness: Completeness
  /** Where a bundle stands, if there is one. */
  readonly bundle: 'embedded' | 'sidecar' | null
  readonly warnings: readonly string[]
}

/** An acquisition with its instrument, and the native blocks as they are stored. */
interface Told {
  readonly acquisition: AcquisitionContent
  readonly instrument?: InstrumentContent
  readonly stored: readonly StoredNative[]
}

const blockAt = async ({ image }: OpenImage, format: string, at: string): Promise<StoredNative> => {
  const bytes = await image.bytesAt(at)()
  return { format, bytes: isLeft(bytes) ? new Uint8Array() : bytes.right }
}

/** The native blocks of a recorded acquisition, each from where its attachment says that it is stored. */
const storedBlocks = (
  opened: OpenImage,
  read: ReadBundle,
  { native = [] }: Acquisition
): Promise<readonly StoredNative[]> =>
  Promise.all(
    native.map(async ({ attachment, format }) => {
      if (attachment.at !== undefined) return blockAt(opened, format, attachment.at)
      const bytes = attachmentBytes(attachment, read.bundle.attachments)
      return { format, bytes: isRight(bytes) ? bytes.right : new Uint8Array() }
    })
  )

const isInstrument = (record: SealedRecord): record is SealedRecord<'instrument'> => record.kind === 'instrument'

/** The acquisitions of a bundle with their withheld values opened. */
const recorded = async (opened: OpenImage, read: ReadBundle): Promise<readonly Told[]> => {
  const { openings } = read.bundle
  return Promise.all(
    carriedBy(read).map(async ({ acquisitionRecord, records }) => {
      const instrument = records.find(isInstrument)
      return {
        acquisition: openedRecord(acquisitionRecord, openings),
        ...(instrument === undefined ? {} : { instrument: openedRecord(instrument.record, openings) }),
        stored: await storedBlocks(opened, read, acquisitionRecord)
      }
    })
  )
}

const keyLine = /^\s*[^\s[#;=][^=]*=/

/** Entries of text in a vendor's own format: lines of the form `key=value`, as INI-like text is counted. */
const keyLines = ({ bytes }: StoredNative): number =>
  (fromUtf8(bytes) ?? '').split(/\r?\n/).filter(line => keyLine.test(line)).length

const mappedEntries = ({ acquisition }: Told): number => {
  const mapping: unknown = 'mapping' in acquisition ? acquisition.mapping : undefined
  return Array.isArray(mapping) ? new Set(mapping.map((entry: readonly unknown[]) => entry[0])).size : 0
}

/**
 * Coverage of acquisitions that were recorded through the API, whose native text never stood in the image file: it is
 * carried by being the attachment.
 */
const recordedCoverage = (told: readonly Told[]): Coverage => {
  const native = told.flatMap(({ stored }) => stored).reduce((sum, block) => sum + keyLines(block), 0)
  return { native, mapped: told.reduce((sum, one) => sum + mappedEntries(one), 0), carried: native }
}

const nothingKnown = (image: OpenImage['image']): AcquisitionContent => {
  const first = image.images.find(candidate => candidate.role === 'data')
  return { image: { axes: first?.axes ?? [], shape: first?.shape ?? [], dtype: first?.dtype ?? 'uint8' }, channels: [] }
}

/** What the native metadata tell, as if the instrument's record were made, which it is when the file is saved. */
const toldByNative = ({ acquisition, instrument, native: stored }: AssembledAcquisition): Told =>
  instrument === undefined
    ? { acquisition, stored }
    : { acquisition: { ...acquisition, instrument: 'in the native metadata' }, instrument, stored }

/** Whether none of the text that records carry is of a format that the file holds. */
const isApart = (told: readonly Told[], native: readonly AssembledAcquisition[]): boolean => {
  const ofFile = new Set(native.flatMap(one => one.native.map(({ format }) => format)))
  return !told.some(({ stored }) => stored.some(({ format }) => ofFile.has(format)))
}

/** What a bundle tells, where the file carries one. */
const readFound = async (
  opened: OpenImage
): Promise<{
  readonly records: readonly Told[]
  readonly place: InspectReport['bundle']
  readonly warnings: readonly string[]
}> => {
  const found = await findBundle(opened)
  if (found === undefined) return { records: [], place: null, warnings: [] }
  const read = parseBundle(found.bytes)
  const [place, warnings] = [found.place, found.warnings]
  return isRight(read)
    ? { records: await recorded(opened, read.right), place, warnings }
    : { records: [], place, warnings: [...warnings, `the bundle cannot be read: ${read.left.what}`] }
}

/**
 * Reads what a file tells of its acquisition, counts how much of the native text is carried and understood, and what
 * is missing. Carried entries are counted by parsing the stored text again: from the attachments of the bundle where
 * the file was saved, else from where the attachments of a bundle would stand.
 * Rejects with `file-missing`, `container-unknown`, `tiff-malformed`.
 */
export const inspect = async (file: string): Promise<InspectReport> =>
  withImage(file, async opened => {
    const native = await readAcquisitions(opened)
    const { place, records, warnings } = await readFound(opened)
    const told = records.length > 0 ? records : native.map(toldByNative)
    const stored = told.map(one => one.stored)
    const first = told[0]
    return {
      file,
      adapter: opened.container.format,
      formats: [...new Set(stored.flatMap(blocks => blocks.map(({ format }) => format)))],
      images: opened.image.images,
      acquisitions: told.map(({ acquisition }) => acquisition),
      instrument: first?.instrument ?? null,
      coverage:
        records.length > 0 && isApart(told, native)
          ? recordedCoverage(told)
          : await promised(storedCoverage(native, stored)),
      completeness: completeness(first?.acquisition ?? nothingKnown(opened.image), first?.instrument),
      bundle: place,
      warnings: [...native.flatMap(one => one.warnings), ...warnings]
    }
  })
