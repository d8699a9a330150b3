import { hasNaN, newElements, type Numbers, plainElements } from '../array/elements.ts'
import type { PlainType } from '../array/dtype.ts'
import { rangeOf } from '../array/dtype.ts'
import { centreOf, type Footprint, type Run, runsOf, sizeOf, spanOf } from './footprint.ts'
import { type LineSource, newPaddedLines, type PaddedLines } from './padded-lines.ts'

/** From so many positions on, 16-bit images are ranked by a running histogram instead of by selection. */
const manyPositions = 80

/**
 * The value of a rank, by Hoare's selection with the library's own choice of pivots and its own comparisons: the
 * result with NaN among the values depends on both. Reorders the buffer.
 */
const select = (buffer: Float64Array, size: number, rank: number): number => {
  let low = 0
  let high = size - 1
  let wanted = rank
  while (low !== high) {
    const pivot = buffer[low] as number
    let i = low - 1
    let j = high + 1
    for (;;) {
      do j--
      while ((buffer[j] as number) > pivot)
      do i++
      while ((buffer[i] as number) < pivot)
      if (i >= j) break
      const held = buffer[i] as number
      buffer[i] = buffer[j] as number
      buffer[j] = held
    }
    const below = j - low + 1
    if (wanted < below) high = j
    else {
      wanted -= below
      low = j + 1
    }
  }
  return buffer[low] as number
}

interface Neighbourhood {
  readonly lines: PaddedLines
  readonly runs: readonly Run[]
  readonly before: number
  readonly size: number
}

const open = (source: LineSource, footprint: Footprint): Neighbourhood => {
  const before = centreOf(footprint).at(-1) ?? 0
  const after = (footprint.shape.at(-1) ?? 1) - 1 - before
  // A neighbourhood's lines are all needed at once; only without wrapping are they sure to stand side by side.
  const room = source.border === 'wrap' ? Number.POSITIVE_INFINITY : spanOf(footprint, source.shape)
  return {
    lines: newPaddedLines(source, before, after, room),
    runs: runsOf(footprint),
    before,
    size: sizeOf(footprint)
  }
}

const linesOf = ({ lines, runs }: Neighbourhood, y: number): readonly Float64Array[] =>
  runs.map(run => lines.slots[lines.slotAt(y, run.outer)] ?? new Float64Array(0))

const selectEach = (source: LineSource, footprint: Footprint, rank: number, out: Numbers): void => {
  const at = open(source, footprint)
  const buffer = new Float64Array(at.size)
  const result = new Float64Array(at.lines.length)
  const gather = (lines: readonly Float64Array[], x: number): void => {
    let n = 0
    for (let r = 0; r < lines.length; r++) {
      const line = lines[r]
      const run = at.runs[r]
      if (line === undefined || run === undefined) continue
      const from = at.before + run.start + x
      for (let i = 0; i < run.length; i++) buffer[n++] = line[from + i] as number
    }
  }
  for (let y = 0; y < at.lines.count; y++) {
    const lines = linesOf(at, y)
    for (let x = 0; x < result.length; x++) {
      gather(lines, x)
      result[x] = select(buffer, at.size, rank)
    }
    out.set(result, y * result.length)
  }
}

/** A histogram of a moving window, with a coarse one over it, and a pointer at the value of one rank. */
const newMovingHistogram = (lowest: number, levels: number, rank: number) => {
  const fine = new Int32Array(levels)
  const coarse = new Int32Array((levels >> 8) + 1)
  let at = 0
  let below = 0
  const count = (line: Float64Array, from: number, n: number, sign: number): void => {
    for (let i = 0; i < n; i++) {
      const value = (line[from + i] as number) - lowest
      fine[value] = (fine[value] as number) + sign
      coarse[value >> 8] = (coarse[value >> 8] as number) + sign
      if (value < at) below += sign
    }
  }
  const goDown = (): void => {
    while (below > rank) {
      const block = (at >> 8) - 1
      if ((at & 255) === 0 && below - (coarse[block] as number) > rank) {
        below -= coarse[block] as number
        at -= 256
      } else below -= fine[--at] as number
    }
  }
  const goUp = (): void => {
    while (below + (fine[at] as number) <= rank) {
      const block = coarse[at >> 8] as number
      if ((at & 255) === 0 && below + block <= rank) {
        below += block
        at += 256
      } else below += fine[at++] as number
    }
  }
  return {
    count,
    value: (): number => {
      if (below > rank) goDown()
      else goUp()
      return at + lowest
    }
  }
}

const countEach = (source: LineSource, footprint: Footprint, rank: number, dtype: PlainType, out: Numbers): void => {
  const at = open(source, footprint)
  const [lowest, highest] = rangeOf(dtype)
  const histogram = newMovingHistogram(lowest, highest - lowest + 1, rank)
  const result = new Float64Array(at.lines.length)
  const countWindow = (lines: readonly Float64Array[], x: number, sign: number): void => {
    at.runs.forEach((run, r) => histogram.count(lines[r] ?? result, at.before + run.start + x, run.length, sign))
  }
  const step = (lines: readonly Float64Array[], x: number): void => {
    for (let r = 0; r < lines.length; r++) {
      const line = lines[r]
      const run = at.runs[r]
      if (line === undefined || run === undefined) continue
      const from = at.before + run.start + x
      histogram.count(line, from - 1, 1, -1)
      histogram.count(line, from + run.length - 1, 1, 1)
    }
  }
  for (let y = 0; y < at.lines.count; y++) {
    const lines = linesOf(at, y)
    countWindow(lines, 0, 1)
    for (let x = 0; x < result.length; x++) {
      if (x > 0) step(lines, x)
      result[x] = histogram.value()
    }
    countWindow(lines, result.length - 1, -1)
    out.set(result, y * result.length)
  }
}

const middle = (a: number, b: number, c: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))

/** Sorts each column of three lines: smallest, middle and largest. */
const sortColumns = (
  lines: readonly [Float64Array, Float64Array, Float64Array],
  low: Float64Array,
  mid: Float64Array,
  high: Float64Array
): void => {
  const [la, lb, lc] = lines
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

/** The median of nine is the middle of the largest low, the middle mid and the smallest high of three columns. */
const medianOfNine = (source: LineSource, footprint: Footprint, out: Numbers): void => {
  const at = open(source, footprint)
  const width = at.lines.length + 2
  const low = new Float64Array(width)
  const mid = new Float64Array(width)
  const high = new Float64Array(width)
  const result = new Float64Array(at.lines.length)
  for (let y = 0; y < at.lines.count; y++) {
    const [a, b, c] = linesOf(at, y)
    if (a === undefined || b === undefined || c === undefined) return
    sortColumns([a, b, c], low, mid, high)
    for (let x = 0; x < result.length; x++) {
      result[x] = middle(
        Math.max(low[x] as number, low[x + 1] as number, low[x + 2] as number),
        middle(mid[x] as number, mid[x + 1] as number, mid[x + 2] as number),
        Math.min(high[x] as number, high[x + 1] as number, high[x + 2] as number)
      )
    }
    out.set(result, y * result.length)
  }
}

const isNineSquare = (footprint: Footprint): boolean =>
  footprint.shape.length === 2 && footprint.shape.every(n => n === 3) && sizeOf(footprint) === 9

const isCounted = (dtype: PlainType, positions: number): boolean => {
  if (dtype === 'bool' || dtype === 'uint8' || dtype === 'int8') return positions > 9
  return (dtype === 'uint16' || dtype === 'int16') && positions > manyPositions
}

/** Ranks the values of an image, in the way that is fastest for it. */
const rankInto = (source: LineSource, footprint: Footprint, rank: number, dtype: PlainType, out: Numbers): void => {
  if (hasNaN(source.data) || Number.isNaN(source.constant)) selectEach(source, footprint, rank, out)
  else if (rank === 4 && isNineSquare(footprint)) medianOfNine(source, footprint, out)
  else if (isCounted(dtype, sizeOf(footprint))) countEach(source, footprint, rank, dtype, out)
  else selectEach(source, footprint, rank, out)
}

/** The value of a rank in the neighbourhood of every pixel, as `scipy.ndimage` ranks images of two or more axes. */
export const rankFilter = (source: LineSource, footprint: Footprint, rank: number, dtype: PlainType): Numbers => {
  const out = plainElements(newElements(dtype, source.data.length)) ?? new Float64Array(source.data.length)
  rankInto(source, footprint, rank, dtype, out)
  return out
}
