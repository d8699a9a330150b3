import { hasNaN, newElements, type Numbers, plainElements } from '../array/elements.ts'
import type { PlainType } from '../array/dtype.ts'
import { rangeOf } from '../array/dtype.ts'
import { isNarrow } from './folds.ts'
import { type Footprint, sizeOf } from './footprint.ts'
import { narrowMedianOfNine, wideMedianOfNine } from './median-of-nine.ts'
import { linesOf, openNeighbourhood } from './neighbourhood.ts'
import type { LineSource } from './padded-lines.ts'

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

const selectEach = (source: LineSource, footprint: Footprint, rank: number, out: Numbers): void => {
  const at = openNeighbourhood(source, footprint, n => new Float64Array(n))
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
  const at = openNeighbourhood(source, footprint, n => new Float64Array(n))
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

const isNineSquare = (footprint: Footprint): boolean =>
  footprint.shape.length === 2 && footprint.shape.every(n => n === 3) && sizeOf(footprint) === 9

const isCounted = (dtype: PlainType, positions: number): boolean => {
  if (dtype === 'bool' || dtype === 'uint8' || dtype === 'int8') return positions > 9
  return (dtype === 'uint16' || dtype === 'int16') && positions > manyPositions
}

/** Ranks the values of an image, in the way that is fastest for it. */
const rankInto = (source: LineSource, footprint: Footprint, rank: number, dtype: PlainType, out: Numbers): void => {
  if (hasNaN(source.data) || Number.isNaN(source.constant)) selectEach(source, footprint, rank, out)
  else if (rank === 4 && isNineSquare(footprint)) {
    if (isNarrow(dtype)) narrowMedianOfNine(source, footprint, out)
    else wideMedianOfNine(source, footprint, out)
  } else if (isCounted(dtype, sizeOf(footprint))) countEach(source, footprint, rank, dtype, out)
  else selectEach(source, footprint, rank, out)
}

/** The value of a rank in the neighbourhood of every pixel, as `scipy.ndimage` ranks images of two or more axes. */
export const rankFilter = (source: LineSource, footprint: Footprint, rank: number, dtype: PlainType): Numbers => {
  const out = plainElements(newElements(dtype, source.data.length)) ?? new Float64Array(source.data.length)
  rankInto(source, footprint, rank, dtype, out)
  return out
}
