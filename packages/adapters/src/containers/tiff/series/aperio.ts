import { entryOf, readDirectory } from '../structure/directory.ts'
import type { Page } from '../structure/page.ts'
import type { TiffReader } from '../structure/reader.ts'
import { largestBlock, tags } from '../structure/tags.ts'
import { rawValue, textOf } from '../structure/value.ts'
import type { Draft, Series, SeriesInput } from './draft.ts'
import { planeSeries } from './plain.ts'

const descriptionOf = async (reader: TiffReader, page: Page): Promise<string> => {
  const directory = await readDirectory(reader, page.offset, `Directory ${page.directory}`)
  const entry = entryOf(directory, tags.description)
  return entry === undefined ? '' : textOf(await rawValue(reader, entry, largestBlock))
}

const roleOf = (page: Page, description: string): Draft['role'] => {
  const says = description.toLowerCase()
  if (says.includes('label')) return 'label'
  if (says.includes('macro') || page.layout.subfile !== 1) return 'thumbnail'
  return page.directory === 1 ? 'thumbnail' : 'label'
}

/** Aperio's whole slides (SVS): tiled pages are the resolutions, the others thumbnail, label and overview. */
export const readAperio = async ({ descriptions, pages, reader }: SeriesInput): Promise<Series | undefined> => {
  const [first, ...others] = pages.pages
  if (first?.layout.tile === undefined || !(descriptions[0] ?? '').startsWith('Aperio') || others.length > 64)
    return undefined
  const tiled = others.filter(page => page.layout.tile !== undefined)
  const isTop = (page: Page): boolean =>
    page.layout.width === first.layout.width && page.layout.height === first.layout.height
  const top = [first, ...tiled.filter(isTop)]
  const smaller = tiled.filter(page => !isTop(page))
  const whole: Draft = {
    role: 'data',
    layout: first.layout,
    dimensions: [{ name: 'z', length: top.length }],
    placed: top.map((page, i) => ({ page, at: [i] })),
    levels: smaller.map(page => planeSeries([page], 'level', page.layout))
  }
  const drafts: Draft[] = [whole]
  for (const page of others) {
    if (page.layout.tile === undefined)
      drafts.push(planeSeries([page], roleOf(page, await descriptionOf(reader, page)), page.layout))
  }
  return { drafts }
}
