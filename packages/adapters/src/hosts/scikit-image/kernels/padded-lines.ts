import { countOf, type Numbers } from '../array/elements.ts'
import { type Border, borderIndex, borderIndices } from './border.ts'

/** An image as lines along its last axis. */
export interface LineSource {
  readonly data: Numbers
  readonly shape: readonly number[]
  readonly border: Border
  /** Value beyond the edge where the border is constant. */
  readonly constant: number
}

/** Lines along the last axis, each with room before and after filled as the border says. */
export interface PaddedLines {
  /** Length of a line without its margins. */
  readonly length: number
  /** Number of lines. */
  readonly count: number
  /** Slot in which the line is kept whose outer coordinates are those of `line` moved by `offset`. */
  readonly slotAt: (line: number, offset: readonly number[]) => number
  /** Calls back for each line that is put into a slot. */
  readonly slots: readonly Float64Array[]
}

/** What to make of a line when it is put into a slot, besides its margins. */
export type LinePreparation = (line: Float64Array, slot: number) => void

/** Outer coordinates of all lines of a shape, one after the other. */
const outerCoordinates = (outer: readonly number[], line: number): number[] => {
  const coordinates = new Array<number>(outer.length).fill(0)
  let rest = line
  for (let axis = outer.length - 1; axis >= 0; axis--) {
    const length = outer[axis] ?? 1
    coordinates[axis] = rest % length
    rest = Math.floor(rest / length)
  }
  return coordinates
}

/**
 * Opens an image as padded lines. At most `room` lines are kept at a time, those that stand next to each other in
 * slots of their own; a line that had to leave is read again. A neighbourhood of lines must fit into `room`.
 */
export const newPaddedLines = (
  source: LineSource,
  before: number,
  after: number,
  room: number,
  prepare: LinePreparation = () => undefined
): PaddedLines => {
  const outer = source.shape.slice(0, -1)
  const length = source.shape.at(-1) ?? 1
  const count = countOf(outer)
  const slots = Array.from(
    { length: Math.max(1, Math.min(room, count)) },
    () => new Float64Array(before + length + after)
  )
  const kept = new Int32Array(slots.length).fill(-1)
  const margins = borderIndices(length, before, after, source.border)
  let constantSlot = -1
  const fill = (slot: number, line: number): void => {
    const buffer = slots[slot]
    if (buffer === undefined) return
    const start = line * length
    buffer.set(source.data.subarray(start, start + length), before)
    for (let i = 0; i < before; i++) buffer[i] = valueAt(source, start, margins[i] ?? -1)
    for (let i = before + length; i < buffer.length; i++) buffer[i] = valueAt(source, start, margins[i] ?? -1)
    prepare(buffer, slot)
    kept[slot] = line
  }
  const constant = (): number => {
    if (constantSlot < 0) {
      constantSlot = slots.length
      const buffer = new Float64Array(before + length + after).fill(source.constant)
      slots.push(buffer)
      prepare(buffer, constantSlot)
    }
    return constantSlot
  }
  let coordinatesOf = -1
  let coordinates: number[] = []
  const slotAt = (line: number, offset: readonly number[]): number => {
    if (coordinatesOf !== line) {
      coordinates = outerCoordinates(outer, line)
      coordinatesOf = line
    }
    let at = 0
    for (let axis = 0; axis < outer.length; axis++) {
      const n = outer[axis] ?? 1
      const i = borderIndex((coordinates[axis] as number) + (offset[axis] as number), n, source.border)
      if (i < 0) return constant()
      at = at * n + i
    }
    const slot = at % kept.length
    if (kept[slot] !== at) fill(slot, at)
    return slot
  }
  return { length, count, slotAt, slots }
}

const valueAt = (source: LineSource, start: number, index: number): number =>
  index < 0 ? source.constant : (source.data[start + index] as number)
