import { centreOf, type Footprint, type Run, runsOf, sizeOf, spanOf } from './footprint.ts'
import { type Line, type LineSource, newPaddedLines, type PaddedLines } from './padded-lines.ts'

/** The lines of a neighbourhood and where in them its positions are. */
export interface Neighbourhood<T extends Line> {
  readonly lines: PaddedLines<T>
  readonly runs: readonly Run[]
  readonly before: number
  readonly size: number
}

/** Opens the neighbourhoods of an image. */
export const openNeighbourhood = <T extends Line>(
  source: LineSource,
  footprint: Footprint,
  newLine: (length: number) => T
): Neighbourhood<T> => {
  const before = centreOf(footprint).at(-1) ?? 0
  const after = (footprint.shape.at(-1) ?? 1) - 1 - before
  // A neighbourhood's lines are all needed at once; only without wrapping are they sure to stand side by side.
  const room = source.border === 'wrap' ? Number.POSITIVE_INFINITY : spanOf(footprint, source.shape)
  return {
    lines: newPaddedLines(source, before, after, room, newLine),
    runs: runsOf(footprint),
    before,
    size: sizeOf(footprint)
  }
}

/** The line of each run, for one line of the image. */
export const linesOf = <T extends Line>({ lines, runs }: Neighbourhood<T>, y: number): readonly T[] =>
  runs.flatMap(run => lines.slots[lines.slotAt(y, run.outer)] ?? [])
