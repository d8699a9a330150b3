import type { Issue } from '@bims/core'
import { isBimsError } from '@bims/core'
import { toBimsError } from '../../../sources/attempt.ts'
import { entryOf, readDirectory, type Directory } from './directory.ts'
import { layoutFault, readLayout, type Layout } from './layout.ts'
import { malformed, type TiffReader } from './reader.ts'
import { mostDirectories, tags } from './tags.ts'
import { integers } from './value.ts'

/** One page of the file, kept as small as can be: there may be a million. */
export interface Page {
  /** Number of its directory in file order, levels not counted. */
  readonly directory: number
  readonly offset: number
  readonly layout: Layout
  /** Its lower resolutions (SubIFDs), largest first as a rule. */
  readonly levels?: readonly Page[]
}

/** All that was learnt by walking the directories. */
export interface Pages {
  /** Offsets of all directories in file order, those without an image too. */
  readonly directories: readonly number[]
  /** Directories with an image. */
  readonly pages: readonly Page[]
  /** Ways of colour-filter data (camera raw) among pages or levels. */
  readonly cameraRaw: boolean
}

const mostIssues = 100
const mostLevels = 64

/** Photometric interpretations of camera raw: colour filter array, linear raw. */
const rawPhotometrics: ReadonlySet<number> = new Set([32803, 34892])

/** The walk's bounds and findings. */
const newWalk = (reader: TiffReader) => {
  const issues: Issue[] = []
  const layouts = new Map<string, Layout>()
  const seen = new Set<number>()
  let tableBytes = 0
  let valueBytes = 0
  // Values may be shared between directories, but not without measure.
  const mostValueBytes = 64 * 1024 * 1024 + 4 * reader.size
  return {
    issues,
    report: (at: string, what: string): void => {
      if (issues.length < mostIssues) issues.push({ at, what })
    },
    /** Directories do not overlap, so that together they fit into the file. */
    enter: (directory: Directory): string | undefined => {
      tableBytes += directory.end - directory.offset
      return tableBytes > reader.size ? 'directories overlap: together they are longer than the file' : undefined
    },
    /** Whether an offset is new; tells a cycle. */
    isNew: (offset: number): boolean => {
      if (seen.has(offset)) return false
      seen.add(offset)
      return true
    },
    count: (): number => seen.size,
    spend: (bytes: number): void => {
      valueBytes += bytes
      if (valueBytes > mostValueBytes) malformed('The directories share values without measure.')
    },
    shared: (layout: Layout): Layout => {
      const key = JSON.stringify(layout)
      const known = layouts.get(key)
      if (known === undefined) layouts.set(key, layout)
      return known ?? layout
    },
    cameraRaw: (): boolean => [...layouts.values()].some(layout => rawPhotometrics.has(layout.photometric))
  }
}
type Walk = ReturnType<typeof newWalk>

const readPage = async (
  reader: TiffReader,
  walk: Walk,
  directory: Directory,
  where: { readonly number: number; readonly at: string; readonly deep: boolean }
): Promise<Page | undefined> => {
  const layout = await readLayout(reader, directory, walk.spend)
  if (layout === undefined) return undefined
  const fault = layoutFault(layout)
  if (fault !== undefined) {
    walk.report(where.at, fault)
    return undefined
  }
  const levels = where.deep ? [] : await readLevels(reader, walk, directory, where)
  return {
    directory: where.number,
    offset: directory.offset,
    layout: walk.shared(layout),
    ...(levels.length === 0 ? {} : { levels })
  }
}

const readLevels = async (
  reader: TiffReader,
  walk: Walk,
  directory: Directory,
  where: { readonly number: number; readonly at: string }
): Promise<readonly Page[]> => {
  const entry = entryOf(directory, tags.subDirectories)
  if (entry === undefined) return []
  const levels: Page[] = []
  const offsets = await integers(reader, entry, mostLevels + 1)
  if (offsets.length > mostLevels) walk.report(where.at, `more than ${mostLevels} subdirectories`)
  for (const [i, offset] of [...offsets.slice(0, mostLevels)].entries()) {
    const at = `${where.at}.${i}`
    const level = offset === 0 ? undefined : await visit(reader, walk, offset, { number: where.number, at, deep: true })
    if (level?.page !== undefined) levels.push(level.page)
  }
  return levels
}

const visit = async (
  reader: TiffReader,
  walk: Walk,
  offset: number,
  where: { readonly number: number; readonly at: string; readonly deep: boolean }
): Promise<{ readonly page?: Page; readonly next: number } | undefined> => {
  if (walk.count() >= mostDirectories) return void walk.report(where.at, `more than ${mostDirectories} directories`)
  if (!walk.isNew(offset)) return void walk.report(where.at, `a directory at ${offset} that was there before: a cycle`)
  let next = 0
  try {
    const directory = await readDirectory(reader, offset, `Directory ${where.at}`)
    const overlap = walk.enter(directory)
    if (overlap !== undefined) return void walk.report(where.at, overlap)
    next = directory.next
    const page = await readPage(reader, walk, directory, where)
    return page === undefined ? { next } : { page, next }
  } catch (thrown) {
    const error = toBimsError(thrown)
    if (!isBimsError(error) || error.code !== 'tiff-malformed') throw thrown
    walk.report(where.at, error.what)
    return { next }
  }
}

/**
 * Walks all directories: the chain and each one's SubIFDs. Bounded: at most a million directories, which may not
 * overlap, and shared values only in measure. Throws `tiff-malformed` with all issues found.
 */
export const readPages = async (reader: TiffReader): Promise<Pages> => {
  const walk = newWalk(reader)
  const directories: number[] = []
  const pages: Page[] = []
  let offset = reader.firstDirectory
  if (offset === 0) walk.report('header', 'no directory')
  while (offset !== 0) {
    const number = directories.length
    const found = await visit(reader, walk, offset, { number, at: String(number), deep: false })
    if (found === undefined) break
    directories.push(offset)
    if (found.page !== undefined) pages.push(found.page)
    offset = found.next
  }
  if (pages.length === 0 && walk.issues.length === 0) walk.report('file', 'no directory holds an image')
  if (walk.issues.length > 0) malformed(`The TIFF structure is damaged in ${walk.issues.length} place(s).`, walk.issues)
  return { directories, pages, cameraRaw: walk.cameraRaw() }
}
