import { hasNaN, newElements, plainElements, type Numbers } from '../array/elements.ts'
import type { PlainType } from '../array/dtype.ts'
import { centreOf, type Footprint, type Run, runsOf, sizeOf, spanOf } from './footprint.ts'
import { type LineSource, newPaddedLines, type PaddedLines } from './padded-lines.ts'
import { mapLines } from './axis-lines.ts'

/** Bytes that kept lines may take. */
const room = 2 ** 28

/** Smallest or largest. */
export type Extreme = 'min' | 'max'

const foldMin = (out: Float64Array, line: Float64Array, from: number): void => {
  for (let x = 0; x < out.length; x++) out[x] = Math.min(out[x] as number, line[from + x] as number)
}

const foldMax = (out: Float64Array, line: Float64Array, from: number): void => {
  for (let x = 0; x < out.length; x++) out[x] = Math.max(out[x] as number, line[from + x] as number)
}

/** Comparisons as the library makes them: NaN stays where it came first, and is passed over elsewhere. */
const compareMin = (out: Float64Array, line: Float64Array, from: number): void => {
  for (let x = 0; x < out.length; x++) {
    const value = line[from + x] as number
    if (value < (out[x] as number)) out[x] = value
  }
}

const compareMax = (out: Float64Array, line: Float64Array, from: number): void => {
  for (let x = 0; x < out.length; x++) {
    const value = line[from + x] as number
    if (value > (out[x] as number)) out[x] = value
  }
}

const slideMin = (out: Float64Array, line: Float64Array, step: number): void => {
  for (let x = 0; x + step < line.length; x++) out[x] = Math.min(line[x] as number, line[x + step] as number)
}

const slideMax = (out: Float64Array, line: Float64Array, step: number): void => {
  for (let x = 0; x + step < line.length; x++) out[x] = Math.max(line[x] as number, line[x + step] as number)
}

const powerBelow = (length: number): number => 2 ** Math.floor(Math.log2(length))

/**
 * Extremes over windows of each wanted length, of one line. Windows double in length, and a window between two
 * powers of two is two overlapping ones.
 */
const newWindows = (lengths: readonly number[], size: number, extreme: Extreme) => {
  const slide = extreme === 'min' ? slideMin : slideMax
  const longest = Math.max(...lengths)
  const doubled: Float64Array[] = []
  for (let n = 2; n <= longest; n *= 2) doubled.push(new Float64Array(size))
  const between = new Map(lengths.filter(n => n !== powerBelow(n)).map(n => [n, new Float64Array(size)]))
  return (line: Float64Array): ReadonlyMap<number, Float64Array> => {
    const windows = new Map<number, Float64Array>([[1, line]])
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

const combineRuns = (
  source: LineSource,
  footprint: Footprint,
  runs: readonly Run[],
  extreme: Extreme,
  out: Numbers
): void => {
  const fold = extreme === 'min' ? foldMin : foldMax
  const lengths = [...new Set(runs.map(run => run.length))]
  const before = centreOf(footprint).at(-1) ?? 0
  const after = (footprint.shape.at(-1) ?? 1) - 1 - before
  const size = before + (source.shape.at(-1) ?? 1) + after
  const bytes = 8 * size * (1 + lengths.length + Math.log2(Math.max(...lengths)))
  const windowsOf: ((line: Float64Array) => ReadonlyMap<number, Float64Array>)[] = []
  const windows: ReadonlyMap<number, Float64Array>[] = []
  const keep = Math.max(1, Math.min(spanOf(footprint, source.shape), Math.floor(room / bytes)))
  const lines = newPaddedLines(source, before, after, keep, (line, slot) => {
    const make = (windowsOf[slot] ??= newWindows(lengths, size, extreme))
    windows[slot] = make(line)
  })
  const line = new Float64Array(lines.length)
  for (let y = 0; y < lines.count; y++) {
    line.fill(extreme === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY)
    for (const run of runs) {
      const window = windows[lines.slotAt(y, run.outer)]?.get(run.length)
      if (window !== undefined) fold(line, window, before + run.start)
    }
    out.set(line, y * lines.length)
  }
}

const openLines = (
  source: LineSource,
  footprint: Footprint
): { readonly lines: PaddedLines; readonly before: number } => {
  const before = centreOf(footprint).at(-1) ?? 0
  const after = (footprint.shape.at(-1) ?? 1) - 1 - before
  return { lines: newPaddedLines(source, before, after, spanOf(footprint, source.shape)), before }
}

const comparePositions = (source: LineSource, footprint: Footprint, extreme: Extreme, out: Numbers): void => {
  const compare = extreme === 'min' ? compareMin : compareMax
  const { lines, before } = openLines(source, footprint)
  const positions = runsOf(footprint).flatMap(run =>
    Array.from({ length: run.length }, (_, i) => ({ outer: run.outer, start: run.start + i }))
  )
  const line = new Float64Array(lines.length)
  for (let y = 0; y < lines.count; y++) {
    positions.forEach(({ outer, start }, i) => {
      const other = lines.slots[lines.slotAt(y, outer)]
      if (other === undefined) return
      if (i === 0) line.set(other.subarray(before + start, before + start + line.length))
      else compare(line, other, before + start)
    })
    out.set(line, y * lines.length)
  }
}

/**
 * The library's sliding extreme along a line, for lines with NaN: candidates in ascending (descending) order in a
 * ring, with its own comparisons, so that NaN shows up where it does there.
 */
const newSlidingCandidates = (size: number, extreme: Extreme) => {
  const values = new Float64Array(size)
  const ends = new Int32Array(size)
  const atLeastAsGood = (a: number, b: number): boolean => (extreme === 'min' ? a <= b : a >= b)
  const placeAfterBetter = (value: number, from: number): number => {
    let last = from
    while (atLeastAsGood(value, values[last] as number)) last = (last + size - 1) % size
    return (last + 1) % size
  }
  return (line: Float64Array, out: Float64Array): void => {
    let best = 0
    let last = 0
    values[0] = line[0] as number
    ends[0] = size
    for (let i = 1; i < line.length; i++) {
      const value = line[i] as number
      if (ends[best] === i) best = (best + 1) % size
      last = atLeastAsGood(value, values[best] as number) ? best : placeAfterBetter(value, last)
      values[last] = value
      ends[last] = i + size
      if (i >= size - 1) out[i - size + 1] = values[best] as number
    }
  }
}

const slideAlongAxes = (source: LineSource, footprint: Footprint, extreme: Extreme, out: Numbers): void => {
  let { data } = source
  footprint.shape.forEach((size, axis) => {
    if (size === 1) return
    const slide = newSlidingCandidates(size, extreme)
    const before = Math.floor(size / 2)
    mapLines({ ...source, data }, axis, before, size - 1 - before, out, slide)
    data = out
  })
  if (data === source.data) out.set(source.data)
}

const compareAll = (source: LineSource, footprint: Footprint, extreme: Extreme, out: Numbers): void => {
  if (footprint.mask.every(one => one === 1)) slideAlongAxes(source, footprint, extreme, out)
  else comparePositions(source, footprint, extreme, out)
}

const alongAxis = (axes: number, axis: number, size: number): Footprint => ({
  shape: Array.from({ length: axes }, (_, i) => (i === axis ? size : 1)),
  mask: new Uint8Array(size).fill(1)
})

const combine = (source: LineSource, footprint: Footprint, extreme: Extreme, dtype: PlainType, out: Numbers): void => {
  const isBox = sizeOf(footprint) === footprint.mask.length && footprint.shape.filter(n => n > 1).length > 1
  if (!isBox) return combineRuns(source, footprint, runsOf(footprint), extreme, out)
  let current = source
  footprint.shape.forEach((size, axis) => {
    if (size === 1) return
    const target = plainElements(newElements(dtype, out.length)) ?? out
    const part = alongAxis(footprint.shape.length, axis, size)
    combineRuns(current, part, runsOf(part), extreme, target)
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
  if (withNaN) compareAll(source, footprint, extreme, out)
  else combine(source, footprint, extreme, dtype, out)
  return out
}
