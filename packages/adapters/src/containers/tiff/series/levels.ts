import type { Layout } from '../structure/layout.ts'
import type { Page } from '../structure/page.ts'
import { sameShape, type Draft, type Placed } from './draft.ts'

const levelRole = (page: Page, level: Page): Draft['role'] =>
  (level.layout.subfile & 4) !== 0 ? 'mask' : level.layout.width > page.layout.width ? 'data' : 'level'

const levelAt = (placed: readonly Placed[], index: number): readonly Placed[] =>
  placed.flatMap(({ at, page }) => {
    const level = page?.levels?.[index]
    return level === undefined ? [] : [{ page: level, at }]
  })

/** The lower resolutions of a series that stand in its pages' SubIFDs. */
export const levelsOf = (draft: Draft): readonly Draft[] => {
  const count = draft.placed.reduce((most, { page }) => Math.max(most, page?.levels?.length ?? 0), 0)
  return Array.from({ length: count }, (_, index) => levelAt(draft.placed, index)).flatMap(
    (placed): readonly Draft[] => {
      const first = placed[0]?.page
      const top = draft.placed[0]?.page
      if (first === undefined || top === undefined) return []
      const whole =
        placed.length === draft.placed.length &&
        placed.every(({ page }) => page !== undefined && sameShape(page.layout, first.layout))
      if (whole) return [{ role: levelRole(top, first), layout: first.layout, dimensions: draft.dimensions, placed }]
      // Pages with levels of their own kind: each is an image.
      return placed.flatMap(({ page }) =>
        page === undefined
          ? []
          : [{ role: levelRole(top, page), layout: page.layout, dimensions: [], placed: [{ page, at: [] }] }]
      )
    }
  )
}

const scaled = (length: number, factor: number, smaller: number): boolean =>
  Math.floor(length / factor) === smaller || Math.ceil(length / factor) === smaller

/** Whether a layout is another one's lower resolution: by one of the factors, or by any where it says so itself. */
export const isLowerResolution = (top: Layout, lower: Layout): boolean => {
  if (lower.dtype !== top.dtype || lower.samples !== top.samples || lower.width >= top.width) return false
  if ([2, 3, 4].some(factor => scaled(top.width, factor, lower.width) && scaled(top.height, factor, lower.height)))
    return true
  const [x, y] = [top.width / lower.width, top.height / lower.height]
  return (lower.subfile & 1) === 1 && Math.abs(x - y) / x < 0.02
}
