import type {
  AcquiredImage,
  InstrumentFormat,
  InstrumentReading,
  NativeBlock,
  NativeText,
  OpenContainer
} from '@bims/core'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import { descriptionKind } from '../native/description.ts'
import { seriesImages } from '../native/series-image.ts'
import { decodeText } from '../native/text.ts'
import { unreadable } from '../native/unreadable.ts'
import { childOf, childrenOf, parseXml, type XmlElement, type XmlTree } from '../native/xml-tree.ts'
import { attribute, isOme, omeDocument, textOf, type OmeDocument } from './document.ts'
import { readImage } from './reading.ts'

/** Id of the native text. */
const omeXml = 'ome-xml'

const mediaType = (charset: string): string => `application/xml; charset=${charset}`

const isCandidate = (block: NativeBlock): boolean => descriptionKind(block) === 'ome'

/** Whether an image's planes all stand in other files, as the container found. */
const isElsewhere = (image: XmlElement, container: OpenContainer): boolean => {
  const files = childrenOf(childOf(image, 'Pixels'), 'TiffData').map(data => childOf(data, 'UUID'))
  const foreign = (file: XmlElement | undefined): boolean =>
    file !== undefined &&
    container.notCovered.some(
      other =>
        (other.uuid !== undefined && other.uuid === textOf(file)?.value) ||
        (attribute(file, 'FileName') !== undefined && other.file === attribute(file, 'FileName')?.value)
    )
  return files.length > 0 && files.every(foreign)
}

const none: AcquiredImage = { axes: [], shape: [], dtype: 'uint8' }

/** OME images that stand in this file, in order, are the container's series in order. */
const readDocument = (
  document: OmeDocument,
  native: NativeText,
  container: OpenContainer
): readonly InstrumentReading[] => {
  const here = document.images.filter(image => !isElsewhere(image, container))
  const series = seriesImages(container)
  const extra =
    here.length > Math.max(1, series.length)
      ? [
          `${here.length} OME images, but ${series.length} image series in the file: those beyond are carried, not mapped`
        ]
      : []
  const readings = here.slice(0, Math.max(1, series.length)).map((image, i) => {
    const place = series[i]
    return readImage(
      document,
      image,
      native,
      place?.image ?? none,
      series.length > 1 && place !== undefined ? [place.series] : undefined
    )
  })
  if (readings.length > 0)
    return readings.map((reading, i) => (i === 0 ? { ...reading, warnings: [...reading.warnings, ...extra] } : reading))
  return [
    {
      native: [native],
      mapping: new Map(),
      acquisition: { image: series[0]?.image ?? none, channels: [] },
      personal: [],
      warnings: ['The OME-XML describes no image of this file']
    }
  ]
}

const readBlock = (block: NativeBlock, container: OpenContainer): readonly InstrumentReading[] => {
  const { text, charset } = decodeText(block.bytes)
  return pipe(
    parseXml(text),
    E.match(
      (error): readonly InstrumentReading[] => [
        unreadable(omeXml, mediaType(charset), [block], seriesImages(container)[0]?.image ?? none, error)
      ],
      (tree: XmlTree) =>
        isOme(tree)
          ? readDocument(
              omeDocument(tree),
              {
                format: omeXml,
                mediaType: mediaType(charset),
                bytes: block.bytes,
                at: block.at,
                entries: tree.entries
              },
              container
            )
          : []
    )
  )
}

/** OME-TIFF of any OME namespace: the OME-XML of tag 270. */
export const omeFormat: InstrumentFormat = {
  format: 'ome',
  title: 'OME-TIFF (OME-XML)',
  texts: [omeXml],
  read: container =>
    pipe(
      container.native(),
      TE.map(blocks => blocks.filter(isCandidate).flatMap(block => readBlock(block, container)))
    ),
  parse: blocks => blocks.map(block => E.map((tree: XmlTree) => tree.entries)(parseXml(decodeText(block.bytes).text)))
}
