import type { NotCovered } from '@bims/core'
import type { Page, Pages } from '../structure/page.ts'
import { readDirectory } from '../structure/directory.ts'
import type { TiffReader } from '../structure/reader.ts'
import { largestBlock, tags } from '../structure/tags.ts'
import { rawValue, textOf } from '../structure/value.ts'
import type { TiffImage } from '../pixels/image.ts'
import { readAperio } from './aperio.ts'
import { toImage, type Draft, type Series, type SeriesInput } from './draft.ts'
import { readImageJ } from './imagej.ts'
import { levelsOf } from './levels.ts'
import { readMicroManager } from './micro-manager.ts'
import { otherFiles, readOme } from './ome.ts'
import { isOmeXml } from './ome-xml.ts'
import { readPlain } from './plain.ts'
import { readShaped } from './shaped.ts'

/** Every image of a file, in file order, and the planes that stand in others. */
export interface FileImages {
  readonly images: readonly TiffImage[]
  readonly notCovered: readonly NotCovered[]
}

const readDescriptions = async (reader: TiffReader, offset: number): Promise<readonly string[]> => {
  const directory = await readDirectory(reader, offset, 'Directory 0')
  const texts: string[] = []
  for (const entry of directory.entries) {
    if (entry.tag === tags.description) texts.push(textOf(await rawValue(reader, entry, largestBlock)))
  }
  return texts
}

const readMicroManagerSeries = async (input: SeriesInput, xml: string | undefined): Promise<Series | undefined> => {
  const found = await readMicroManager(input)
  if (found === undefined) return undefined
  const others =
    xml === undefined ? [] : await otherFiles(xml, input.reader.source.name, input.pages.pages.length, found.positions)
  return { ...found, notCovered: others }
}

/** The first way of reading that fits, as tifffile tries them; plain pages always do. */
const readSeries = async (input: SeriesInput): Promise<Series> => {
  const xml = input.descriptions.find(isOmeXml)
  const ways: readonly (() => Promise<Series | undefined>)[] = [
    () => readShaped(input),
    () => readMicroManagerSeries(input, xml),
    async () => (xml === undefined ? undefined : readOme(input, xml)),
    () => readImageJ(input),
    () => readAperio(input)
  ]
  for (const way of ways) {
    const found = await way()
    if (found !== undefined) return found
  }
  return { drafts: [] }
}

/** Pages that no series took. */
const remaining = (pages: Pages, drafts: readonly Draft[]): readonly Page[] => {
  const taken = new Set(
    drafts.flatMap(draft => [draft, ...(draft.levels ?? [])]).flatMap(({ placed }) => placed.map(({ page }) => page))
  )
  return pages.pages.filter(page => !taken.has(page))
}

const numbered = (draft: Draft, series: number): readonly TiffImage[] => {
  const levels = [...levelsOf(draft), ...(draft.levels ?? []).flatMap(level => [level, ...levelsOf(level)])]
  return [
    toImage(draft, String(series), series, draft.role),
    ...levels.map((level, i) => toImage(level, `${series}/${i + 1}`, series, level.role))
  ]
}

/**
 * Finds the images among the pages: what tifffile, Micro-Manager, OME-XML, ImageJ or Aperio wrote about them, else
 * pages of one form as one series. Pages that the metadata leave out follow as series of their own.
 * Throws `tiff-malformed`.
 */
export const readImages = async (reader: TiffReader, pages: Pages): Promise<FileImages> => {
  const descriptions = await readDescriptions(reader, pages.directories[0] ?? 0)
  const { drafts, notCovered = [] } = await readSeries({ reader, pages, descriptions })
  const all = [...drafts, ...readPlain(remaining(pages, drafts)).drafts]
  return { images: all.flatMap(numbered), notCovered }
}
