import type { PlainType } from '../array/dtype.ts'
import { hasNaN, newElements, type Numbers, plainElements } from '../array/elements.ts'
import { compareExtremes } from './extremes-with-nan.ts'
import { type Extreme, type Folds, isNarrow, narrowFolds, wideFolds } from './folds.ts'
import { centreOf, type Footprint, type Run, runsOf, sizeOf, spanOf } from './footprint.ts'
import { type Line, type LineSource, newPaddedLines } from './padded-lines.ts'

/** Bytes that kept lines may take. */
const room = 2 ** 28

const powerBelow = (length: number): number => 2 ** Math.floor(Math.log2(length))

/**
 * Extremes over windows of each wanted length, of one line. Windows double in length, and a window between two
 * powers of two is two overlapping ones.
 */
const newWindows = <T extends Line>(lengths: readonly number[], size: number, { newLine, slide }: Folds<T>) => {
  const longest = Math.max(...lengths)
  const doubled: T[] = []
  for (let n = 2; n <= longest; n *= 2) doubled.push(newLine(size))
  const between = new Map(lengths.filter(n => n !== powerBelow(n)).map(n => [n, newLine(size)]))
  return (line: T): ReadonlyMap<number, T> => {
    const windows = new Map<number, T>([[1, line]])
    let last = line
    doubled.forEach((window, k) => {
      slide(window, last, 2 ** k)
      windows.set(2 ** (k + 1), window)
      last = window
    })
    for (const [n, window] of between) {
      slide(window, windows.get(powerBelow(n)) ?? line, n - powerBelow(n))
      windows.set(n, window)
    }
    return windows
  }
}

const combineRuns = <T extends Line>(
  source: LineSource,
  footprint: Footprint,
  runs: readonly Run[],
  folds: Folds<T>,
  out: Numbers
): void => {
  const lengths = [...new Set(runs.map(run => run.length))]
  const before = centreOf(footprint).at(-1) ?? 0
  const after = (footprint.shape.at(-1) ?? 1) - 1 - before
  const size = before + (source.shape.at(-1) ?? 1) + after
  const bytes = 8 * size * (1 + lengths.length + Math.log2(Math.max(...lengths)))
  const windowsOf: ((line: T) => ReadonlyMap<number, T>)[] = []
  const windows: ReadonlyMap<number, T>[] = []
  const keep = Math.max(1, Math.min(spanOf(footprint, source.shape), Math.floor(room / bytes)))
  const lines = newPaddedLines(source, before, after, keep, folds.newLine, (line, slot) => {
    const make = (windowsOf[slot] ??= newWindows(lengths, size, folds))
    windows[slot] = make(line)
  })
  const line = folds.newLine(lines.length)
  for (let y = 0; y < lines.count; y++) {
    line.fill(folds.start)
    for (const run of runs) {
      const window = windows[lines.slotAt(y, run.outer)]?.get(run.length)
      if (window !== undefined) folds.fold(line, window, before + run.start)
    }
    out.set(line, y * lines.length)
  }
}

const alongAxis = (axes: number, axis: number, size: number): Footprint => ({
  shape: Array.from({ length: axes }, (_, i) => (i === axis ? size : 1)),
  mask: new Uint8Array(size).fill(1)
})

const combine = <T extends Line>(
  source: LineSource,
  footprint: Footprint,
  folds: Folds<T>,
  dtype: PlainType,
  out: Numbers
): void => {
  const isBox = sizeOf(footprint) === footprint.mask.length && footprint.shape.filter(n => n > 1).length > 1
  if (!isBox) return combineRuns(source, footprint, runsOf(footprint), folds, out)
  let current = source
  footprint.shape.forEach((size, axis) => {
    if (size === 1) return
    const target = plainElements(newElements(dtype, out.length)) ?? out
    const part = alongAxis(footprint.shape.length, axis, size)
    combineRuns(current, part, runsOf(part), folds, target)
    current = { ...current, data: target }
  })
  out.set(current.data)
}

/**
 * Smallest or largest value in the neighbourhood of every pixel: `scipy.ndimage.grey_erosion` and, with the footprint
 * mirrored, `grey_dilation`. A box is taken apart into its axes, any other footprint into its horizontal runs.
 */
export const extremeFilter = (
  source: LineSource,
  footprint: Footprint,
  extreme: Extreme,
  dtype: PlainType
): Numbers => {
  const out = plainElements(newElements(dtype, source.data.length)) ?? new Float64Array(source.data.length)
  const withNaN = hasNaN(source.data) || (source.border === 'constant' && Number.isNaN(source.constant))
  if (withNaN) compareExtremes(source, footprint, extreme, out)
  else if (isNarrow(dtype)) combine(source, footprint, narrowFolds[extreme], dtype, out)
  else combine(source, footprint, wideFolds[extreme], dtype, out)
  return out
}
