import {
  newError,
  type BimsError,
  type InstrumentFormat,
  type InstrumentReading,
  type NativeBlock,
  type NativeEntry,
  type OpenContainer,
  type StoredNative
} from '@bims/core'
import type { Either } from 'fp-ts/lib/Either.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { descriptionKind } from './native/description.ts'

/** A format in the list: what it takes to know whether it is needed, and how it is loaded when it is. */
export interface ListedInstrumentFormat {
  readonly format: string
  /** Human name. */
  readonly title: string
  /** Ids of the native texts it makes. */
  readonly texts: readonly string[]
  /** Whether a block may be its own; cheap, so that formats that a file does not need are never loaded. */
  readonly concerns: (block: NativeBlock) => boolean
  readonly load: () => Promise<InstrumentFormat>
}

const hasTag =
  (...tags: readonly number[]) =>
  (block: NativeBlock): boolean =>
    block.tag !== undefined && tags.includes(block.tag)

/** All instrument formats, in order of precedence: where two say different things, the earlier one is taken. */
export const instrumentFormats: readonly ListedInstrumentFormat[] = [
  {
    format: 'thermo',
    title: 'Thermo Fisher / FEI TIFF',
    texts: ['thermo-ini'],
    concerns: hasTag(34680, 34682),
    load: async () => (await import('./thermo/format.ts')).thermoFormat
  },
  {
    format: 'ome',
    title: 'OME-TIFF (OME-XML)',
    texts: ['ome-xml'],
    concerns: block => descriptionKind(block) === 'ome',
    load: async () => (await import('./ome/format.ts')).omeFormat
  },
  {
    format: 'micro-manager',
    title: 'Micro-Manager TIFF',
    texts: ['micro-manager', 'micro-manager-imagej-sizes', 'micro-manager-imagej'],
    concerns: hasTag(50839, 51123),
    load: async () => (await import('./micro-manager/format.ts')).microManagerFormat
  },
  {
    format: 'imagej',
    title: 'ImageJ TIFF',
    texts: ['imagej', 'imagej-metadata-sizes', 'imagej-metadata'],
    concerns: block => block.tag === 50839 || descriptionKind(block) === 'imagej',
    load: async () => (await import('./imagej/format.ts')).imageJFormat
  },
  {
    format: 'tiff-tags',
    title: 'Baseline TIFF tags',
    texts: ['tiff-description'],
    concerns: block => block.tag !== undefined,
    load: async () => (await import('./tiff-tags/format.ts')).tiffTagsFormat
  }
]

const load = (listed: ListedInstrumentFormat): TE.TaskEither<BimsError, InstrumentFormat> =>
  TE.tryCatch(listed.load, cause =>
    newError(
      'unexpected',
      `The instrument format ${listed.format} cannot be loaded.`,
      'Install @bims/adapters again.',
      { cause }
    )
  )

/** The container with its native blocks at hand, so that each format does not read them again. */
const withBlocks = (container: OpenContainer, blocks: readonly NativeBlock[]): OpenContainer => ({
  format: container.format,
  images: container.images,
  notCovered: container.notCovered,
  place: container.place,
  native: () => TE.right(blocks),
  bytesAt: at => container.bytesAt(at),
  digest: (index, options) => container.digest(index, options),
  readArray: (index, options) => container.readArray(index, options),
  bundle: () => container.bundle()
})

/**
 * Reads the native acquisition metadata of an open file with every format that recognises a block of it, in order of
 * precedence. A block that cannot be parsed gives a reading with a warning. Fails with what the container fails with.
 */
export const readInstruments = (container: OpenContainer): TE.TaskEither<BimsError, readonly InstrumentReading[]> =>
  pipe(
    container.native(),
    TE.chain(blocks => {
      const held = withBlocks(container, blocks)
      const needed = instrumentFormats.filter(listed => blocks.some(listed.concerns))
      return pipe(
        needed,
        TE.traverseSeqArray(listed =>
          pipe(
            load(listed),
            TE.chain(format => format.read(held))
          )
        ),
        TE.map(readings => readings.flat())
      )
    })
  )

/** The entries of one block of native text, or why it cannot be parsed (`native-malformed`). */
export type Parsed = Either<BimsError, readonly NativeEntry[]>

const unknownText = (format: string): Parsed =>
  E.left(
    newError(
      'native-malformed',
      `No instrument format makes native text of the kind "${format.slice(0, 60)}".`,
      'Use a version of BIMS that knows it.'
    )
  )

const parseOwn = (
  listed: ListedInstrumentFormat,
  blocks: readonly StoredNative[]
): TE.TaskEither<BimsError, ReadonlyMap<StoredNative, Parsed>> =>
  pipe(
    load(listed),
    TE.map(format => {
      const own = blocks.filter(block => listed.texts.includes(block.format))
      const parsed = format.parse(own)
      return new Map(own.map((block, i) => [block, parsed[i] ?? unknownText(block.format)]))
    })
  )

/**
 * Parses the native blocks of one acquisition again, as they are stored in its attachments, in the order of its
 * `native`. The result has one element a block: its entries, or why it cannot be parsed (`native-malformed`).
 */
export const parseNative = (blocks: readonly StoredNative[]): TE.TaskEither<BimsError, readonly Parsed[]> =>
  pipe(
    instrumentFormats.filter(listed => blocks.some(block => listed.texts.includes(block.format))),
    TE.traverseSeqArray(listed => parseOwn(listed, blocks)),
    TE.map(maps => {
      const all = new Map(maps.flatMap(map => [...map]))
      return blocks.map(block => all.get(block) ?? unknownText(block.format))
    })
  )
