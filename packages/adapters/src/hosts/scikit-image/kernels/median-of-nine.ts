import type { Numbers } from '../array/elements.ts'
import { greater, lesser } from './folds.ts'
import type { Footprint } from './footprint.ts'
import { linesOf, openNeighbourhood } from './neighbourhood.ts'
import type { Line, LineSource } from './padded-lines.ts'

/** Columns of three values, sorted: their smallest, middle and largest. */
interface Columns<T> {
  readonly low: T
  readonly mid: T
  readonly high: T
}

const wideMiddle = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))

const sortWideColumns = (lines: readonly Float64Array[], { low, mid, high }: Columns<Float64Array>): void => {
  const [la, lb, lc] = lines
  if (la === undefined || lb === undefined || lc === undefined) return
  for (let x = 0; x < low.length; x++) {
    const a = la[x] as number
    const b = lb[x] as number
    const c = lc[x] as number
    const less = Math.min(a, b)
    const more = Math.max(a, b)
    low[x] = Math.min(less, c)
    high[x] = Math.max(more, c)
    mid[x] = Math.max(less, Math.min(more, c))
  }
}

const joinWideColumns = ({ low, mid, high }: Columns<Float64Array>, result: Float64Array): void => {
  for (let x = 0; x < result.length; x++) {
    const largestLow = Math.max(Math.max(low[x] as number, low[x + 1] as number), low[x + 2] as number)
    const middleMid = wideMiddle(mid[x] as number, mid[x + 1] as number, mid[x + 2] as number)
    const smallestHigh = Math.min(Math.min(high[x] as number, high[x + 1] as number), high[x + 2] as number)
    result[x] = wideMiddle(largestLow, middleMid, smallestHigh)
  }
}

const narrowMiddle = (a: number, b: number, c: number): number => greater(lesser(a, b), lesser(greater(a, b), c))

const sortNarrowColumns = (lines: readonly Int32Array[], { low, mid, high }: Columns<Int32Array>): void => {
  const [la, lb, lc] = lines
  if (la === undefined || lb === undefined || lc === undefined) return
  for (let x = 0; x < low.length; x++) {
    const a = la[x] as number
    const b = lb[x] as number
    const c = lc[x] as number
    const less = lesser(a, b)
    const more = greater(a, b)
    low[x] = lesser(less, c)
    high[x] = greater(more, c)
    mid[x] = greater(less, lesser(more, c))
  }
}

const joinNarrowColumns = ({ low, mid, high }: Columns<Int32Array>, result: Int32Array): void => {
  for (let x = 0; x < result.length; x++) {
    const largestLow = greater(greater(low[x] as number, low[x + 1] as number), low[x + 2] as number)
    const middleMid = narrowMiddle(mid[x] as number, mid[x + 1] as number, mid[x + 2] as number)
    const smallestHigh = lesser(lesser(high[x] as number, high[x + 1] as number), high[x + 2] as number)
    result[x] = narrowMiddle(largestLow, middleMid, smallestHigh)
  }
}

/**
 * The median of nine is the middle of the largest low, the middle mid and the smallest high of three sorted columns;
 * each column is sorted once for three pixels.
 */
const medianOfNine = <T extends Line>(
  source: LineSource,
  footprint: Footprint,
  out: Numbers,
  newLine: (length: number) => T,
  sort: (lines: readonly T[], columns: Columns<T>) => void,
  join: (columns: Columns<T>, result: T) => void
): void => {
  const at = openNeighbourhood(source, footprint, newLine)
  const width = at.lines.length + 2
  const columns = { low: newLine(width), mid: newLine(width), high: newLine(width) }
  const result = newLine(at.lines.length)
  for (let y = 0; y < at.lines.count; y++) {
    sort(linesOf(at, y), columns)
    join(columns, result)
    out.set(result, y * result.length)
  }
}

/** Median of 3 × 3 of floats and 32-bit integers, without NaN. */
export const wideMedianOfNine = (source: LineSource, footprint: Footprint, out: Numbers): void =>
  medianOfNine(source, footprint, out, n => new Float64Array(n), sortWideColumns, joinWideColumns)

/** Median of 3 × 3 of integers of at most 16 bits. */
export const narrowMedianOfNine = (source: LineSource, footprint: Footprint, out: Numbers): void =>
  medianOfNine(source, footprint, out, n => new Int32Array(n), sortNarrowColumns, joinNarrowColumns)
