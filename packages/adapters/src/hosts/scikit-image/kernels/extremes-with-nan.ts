import type { Numbers } from '../array/elements.ts'
import { mapLines } from './axis-lines.ts'
import type { Extreme } from './folds.ts'
import { centreOf, type Footprint, runsOf, spanOf } from './footprint.ts'
import { type LineSource, newPaddedLines, type PaddedLines } from './padded-lines.ts'

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

const openLines = (
  source: LineSource,
  footprint: Footprint
): { readonly lines: PaddedLines<Float64Array>; readonly before: number } => {
  const before = centreOf(footprint).at(-1) ?? 0
  const after = (footprint.shape.at(-1) ?? 1) - 1 - before
  return {
    lines: newPaddedLines(source, before, after, spanOf(footprint, source.shape), n => new Float64Array(n)),
    before
  }
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

/** Extremes of an image with NaN, which turn up where the library's own comparisons let them. */
export const compareExtremes = (source: LineSource, footprint: Footprint, extreme: Extreme, out: Numbers): void => {
  if (footprint.mask.every(one => one === 1)) slideAlongAxes(source, footprint, extreme, out)
  else comparePositions(source, footprint, extreme, out)
}
