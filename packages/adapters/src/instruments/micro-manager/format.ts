import type {
  BimsError,
  InstrumentFormat,
  InstrumentReading,
  NativeBlock,
  NativeEntry,
  NativeText,
  OpenContainer,
  StoredNative
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { imageJBlocks, parseStoredMetadata, type ImageJBlocks } from '../native/imagej-blocks.ts'
import { imageJEntries, infoOf, isMicroManagerInfo, splitInfo, type ImageJMetadata } from '../native/imagej-metadata.ts'
import { parseJsonScalars, type JsonScalars } from '../native/json-scalars.ts'
import { firstImage } from '../native/series-image.ts'
import { decodeText } from '../native/text.ts'
import { frameOf, type Frame } from './frame.ts'
import { readFrames } from './reading.ts'

const planeTags = 'micro-manager'
const sizes = 'micro-manager-imagej-sizes'
const metadata = 'micro-manager-imagej'

interface Read {
  readonly text: NativeText
  readonly frame?: Frame
  readonly warning?: string
}

/** One JSON of a plane: `first` is the ordinal of its first entry. */
const readPlane = (block: NativeBlock, first: number): Read => {
  const { text, charset } = decodeText(block.bytes)
  const stored = {
    format: planeTags,
    mediaType: `application/json; charset=${charset}`,
    bytes: block.bytes,
    at: block.at
  }
  return pipe(
    parseJsonScalars(text),
    E.match(
      (error): Read => ({ text: { ...stored, entries: [] }, warning: `${block.at}: ${error.what}` }),
      ({ scalars, truncated }: JsonScalars): Read => ({
        text: { ...stored, entries: scalars.map(({ key, value }) => ({ key, value })) },
        frame: frameOf(scalars, first),
        ...(truncated ? { warning: `${block.at}: the JSON ends too early; what is there was read` } : {})
      })
    )
  )
}

const readPlanes = (blocks: readonly NativeBlock[], first: number): readonly Read[] => {
  let ordinal = first
  return blocks.map(block => {
    const read = readPlane(block, ordinal)
    ordinal += read.text.entries.length
    return read
  })
}

interface Summary {
  readonly native: readonly NativeText[]
  readonly frame: Frame | undefined
}

/** Micro-Manager's summary (1.4) or the plane's tags (2.0 single images) stand in ImageJ's info text. */
const readSummary = (pair: ImageJBlocks, parsed: ImageJMetadata): Summary => {
  const entries = imageJEntries(parsed)
  const block = (format: string, { bytes, at }: NativeBlock, own: readonly NativeEntry[]): NativeText => ({
    format,
    mediaType: 'application/octet-stream',
    bytes,
    at,
    entries: own
  })
  const info = splitInfo(infoOf(parsed) ?? '')
  // ImageJ writes the info text first; its JSON follows its own lines.
  const first = parsed.items[0]?.type === 'info' ? info.lines.length : undefined
  return {
    native: [block(sizes, pair.sizes, []), block(metadata, pair.data, entries)],
    frame: first === undefined ? undefined : frameOf(info.scalars, first)
  }
}

const own = (pair: ImageJBlocks): readonly Summary[] =>
  E.isRight(pair.metadata) && isMicroManagerInfo(pair.metadata.right) ? [readSummary(pair, pair.metadata.right)] : []

const readBlocks = (blocks: readonly NativeBlock[], container: OpenContainer): readonly InstrumentReading[] => {
  const summary = imageJBlocks(blocks).flatMap(own)[0]
  const before = summary?.native.reduce((sum, text) => sum + text.entries.length, 0) ?? 0
  const planes = readPlanes(
    blocks.filter(block => block.tag === 51123),
    before
  )
  if (summary === undefined && planes.length === 0) return []
  const frames = planes.flatMap(({ frame }) => (frame === undefined ? [] : [frame]))
  const reading = readFrames(
    summary?.frame,
    frames,
    [...(summary?.native ?? []), ...planes.map(({ text }) => text)],
    firstImage(container)
  )
  return [
    {
      ...reading,
      warnings: [...reading.warnings, ...planes.flatMap(({ warning }) => (warning === undefined ? [] : [warning]))]
    }
  ]
}

const parseOne = (
  block: StoredNative,
  at: number,
  blocks: readonly StoredNative[]
): E.Either<BimsError, readonly NativeEntry[]> => {
  if (block.format === sizes) return E.right([])
  if (block.format === metadata) return parseStoredMetadata(blocks, at, sizes)
  return pipe(
    parseJsonScalars(decodeText(block.bytes).text),
    E.map(({ scalars }) => scalars.map(({ key, value }) => ({ key, value })))
  )
}

/** TIFF as Micro-Manager writes it: JSON of each plane in tag 51123, its summary in ImageJ's info text. */
export const microManagerFormat: InstrumentFormat = {
  format: 'micro-manager',
  title: 'Micro-Manager TIFF',
  texts: [planeTags, sizes, metadata],
  read: container =>
    pipe(
      container.native(),
      TE.map(blocks => readBlocks(blocks, container))
    ),
  parse: blocks => blocks.map(parseOne)
}
