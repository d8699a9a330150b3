import { mayBeLossy } from '../decode/coding.ts'
import type { Layout } from '../structure/layout.ts'
import type { Page } from '../structure/page.ts'
import type { Draft, Series } from './draft.ts'
import { isLowerResolution } from './levels.ts'

/** Pages with the same key form one series. A lossy coding is kept apart, because it is digested otherwise. */
const keyOf = ({ compression, dtype, height, samples, subfile, trouble, width }: Layout): string =>
  [width, height, samples, dtype, subfile & 5, mayBeLossy(compression) ? compression : 0, trouble ?? ''].join()

/** A series of pages of which nobody says what they are: one axis `plane`, in file order. */
export const planeSeries = (pages: readonly Page[], role: Draft['role'], layout: Layout): Draft => ({
  role,
  layout,
  dimensions: [{ name: 'plane', length: pages.length }],
  placed: pages.map((page, i) => ({ page, at: [i] }))
})

const groupsOf = (pages: readonly Page[]): readonly (readonly [Page, ...Page[]])[] => {
  const groups = new Map<string, [Page, ...Page[]]>()
  const keys = new Map<Layout, string>()
  for (const page of pages) {
    const key = keys.get(page.layout) ?? keyOf(page.layout)
    keys.set(page.layout, key)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [page])
    else group.push(page)
  }
  return [...groups.values()]
}

/**
 * Series of pages without further metadata: pages of equal size and type belong together, in file order; smaller
 * copies of a series become its levels, reduced pages that fit none are thumbnails, masks stand alone.
 */
export const readPlain = (pages: readonly Page[]): Series => {
  const drafts: { draft: Draft; levels: Draft[] }[] = []
  for (const group of groupsOf(pages)) {
    const { layout } = group[0]
    const isMask = (layout.subfile & 4) !== 0
    const top = isMask
      ? undefined
      : drafts.find(({ draft, levels }) => {
          const last = levels.at(-1) ?? draft
          return draft.role === 'data' && last.placed.length === group.length && isLowerResolution(last.layout, layout)
        })
    if (top !== undefined) top.levels.push(planeSeries(group, 'level', layout))
    else {
      const role = isMask ? 'mask' : (layout.subfile & 1) === 1 && drafts.length > 0 ? 'thumbnail' : 'data'
      drafts.push({ draft: planeSeries(group, role, layout), levels: [] })
    }
  }
  return { drafts: drafts.map(({ draft, levels }) => ({ ...draft, levels })) }
}
