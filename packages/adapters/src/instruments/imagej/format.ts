import {
  newError,
  type BimsError,
  type InstrumentFormat,
  type InstrumentReading,
  type NativeBlock,
  type NativeEntry,
  type NativeText,
  type OpenContainer,
  type StoredNative
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { descriptionKind } from '../native/description.ts'
import { imageJBlocks, parseStoredMetadata, type ImageJBlocks } from '../native/imagej-blocks.ts'
import { imageJEntries, isMicroManagerInfo } from '../native/imagej-metadata.ts'
import { parseKeyLines, type KeyLine } from '../native/key-lines.ts'
import { firstImage } from '../native/series-image.ts'
import { decodeText } from '../native/text.ts'
import { readDescription, type Resolution } from './reading.ts'

const description = 'imagej'
const sizes = 'imagej-metadata-sizes'
const metadata = 'imagej-metadata'

const isDescription = (block: NativeBlock): boolean => descriptionKind(block) === 'imagej'

const linesOf = (block: StoredNative | NativeBlock): readonly KeyLine[] | undefined =>
  parseKeyLines(decodeText(block.bytes).text)?.lines

const entriesOf = (lines: readonly KeyLine[]): readonly NativeEntry[] => lines.map(({ key, value }) => ({ key, value }))

const textBlock = (block: NativeBlock): NativeText => ({
  format: description,
  mediaType: `text/plain; charset=${decodeText(block.bytes).charset}`,
  bytes: block.bytes,
  at: block.at,
  entries: entriesOf(linesOf(block) ?? [])
})

const metadataBlocks = (pair: ImageJBlocks): readonly NativeText[] => {
  const entries = pipe(
    pair.metadata,
    E.match((): readonly NativeEntry[] => [], imageJEntries)
  )
  const block = (format: string, { bytes, at }: NativeBlock, own: readonly NativeEntry[]): NativeText => ({
    format,
    mediaType: 'application/octet-stream',
    bytes,
    at,
    entries: own
  })
  return [block(sizes, pair.sizes, []), block(metadata, pair.data, entries)]
}

const isOwn = (pair: ImageJBlocks): boolean => E.isLeft(pair.metadata) || !isMicroManagerInfo(pair.metadata.right)

/** A RATIONAL of a baseline tag: pixels in a unit. */
const rational = (bytes: Uint8Array, littleEndian: boolean): number | undefined => {
  if (bytes.length < 8) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const value = view.getUint32(0, littleEndian) / view.getUint32(4, littleEndian)
  return Number.isFinite(value) && value > 0 ? value : undefined
}

/** UCUM units of tag 296; 1 is "none". */
const resolutionUnits: Readonly<Record<number, string>> = { 2: '[in_i]', 3: 'cm' }

const short = (bytes: Uint8Array, littleEndian: boolean): number => (littleEndian ? (bytes[0] ?? 0) : (bytes[1] ?? 0))

/** The value of a baseline tag of the first directory, or undefined where it is not there. */
const baseline = <A>(
  container: OpenContainer,
  tag: number,
  read: (bytes: Uint8Array) => A | undefined
): TE.TaskEither<BimsError, A | undefined> =>
  pipe(
    container.bytesAt(`tiff:0/${tag}`),
    TE.match(
      (): E.Either<BimsError, A | undefined> => E.right(undefined),
      bytes => E.right(read(bytes))
    )
  )

const resolutionOf = (container: OpenContainer, littleEndian: boolean): TE.TaskEither<BimsError, Resolution> =>
  pipe(
    TE.Do,
    TE.bind('x', () => baseline(container, 282, bytes => rational(bytes, littleEndian))),
    TE.bind('y', () => baseline(container, 283, bytes => rational(bytes, littleEndian))),
    TE.bind('unit', () => baseline(container, 296, bytes => resolutionUnits[short(bytes, littleEndian)])),
    TE.map(({ x, y, unit }) => ({
      ...(x === undefined ? {} : { x }),
      ...(y === undefined ? {} : { y }),
      ...(unit === undefined ? {} : { unit })
    }))
  )

const readBlocks = (
  blocks: readonly NativeBlock[],
  container: OpenContainer,
  resolution: Resolution
): readonly InstrumentReading[] => {
  const texts = blocks.filter(isDescription)
  const pairs = imageJBlocks(blocks).filter(isOwn)
  const native = [...texts.map(textBlock), ...pairs.flatMap(metadataBlocks)]
  if (native.length === 0) return []
  const lines = texts[0] === undefined ? [] : (linesOf(texts[0]) ?? [])
  const reading = readDescription(lines, native, firstImage(container), resolution)
  const problems = pairs.flatMap(pair =>
    E.isLeft(pair.metadata) ? [`${pair.data.at}: ${pair.metadata.left.what}`] : []
  )
  return [{ ...reading, warnings: [...reading.warnings, ...problems] }]
}

const parseOne = (
  block: StoredNative,
  at: number,
  blocks: readonly StoredNative[]
): E.Either<BimsError, readonly NativeEntry[]> => {
  if (block.format === sizes) return E.right([])
  if (block.format === metadata) return parseStoredMetadata(blocks, at, sizes)
  const lines = linesOf(block)
  return lines === undefined
    ? E.left(
        newError(
          'native-malformed',
          'The ImageJ description holds more lines than ImageJ writes.',
          'The block is kept as it is; look at it with a text editor.'
        )
      )
    : E.right(entriesOf(lines))
}

/** TIFF as ImageJ writes it: `ImageJ=` lines in tag 270, binary metadata in tags 50838 and 50839. */
export const imageJFormat: InstrumentFormat = {
  format: 'imagej',
  title: 'ImageJ TIFF',
  texts: [description, sizes, metadata],
  read: container =>
    pipe(
      container.native(),
      TE.chain(blocks =>
        blocks.some(isDescription) || blocks.some(block => block.tag === 50839)
          ? pipe(
              resolutionOf(container, blocks[0]?.littleEndian ?? true),
              TE.map(resolution => readBlocks(blocks, container, resolution))
            )
          : TE.right([])
      )
    ),
  parse: blocks => blocks.map(parseOne)
}
