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

/** What lines are kept in. */
export type Line = Float64Array | Int32Array

/** Lines along the last axis, each with room before and after filled as the border says. */
export interface PaddedLines<T extends Line> {
  /** Length of a line without its margins. */
  readonly length: number
  /** Number of lines. */
  readonly count: number
  /** Slot in which the line is kept whose outer coordinates are those of `line` moved by `offset`. */
  readonly slotAt: (line: number, offset: readonly number[]) => number
  /** Calls back for each line that is put into a slot. */
  readonly slots: readonly T[]
}

/** What to make of a line when it is put into a slot, besides its margins. */
export type LinePreparation<T extends Line> = (line: T, slot: number) => void

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
export const newPaddedLines = <T extends Line>(
  source: LineSource,
  before: number,
  after: number,
  room: number,
  newLine: (length: number) => T,
  prepare: LinePreparation<T> = () => undefined
): PaddedLines<T> => {
  const outer = source.shape.slice(0, -1)
  const length = source.shape.at(-1) ?? 1
  const count = countOf(outer)
  const size = before + length + after
  const slots = Array.from({ length: Math.max(1, Math.min(room, count)) }, () => newLine(size))
  const kept = new Int32Array(slots.length).fill(-1)
  const margins = borderIndices(length, before, after, source.border)
  let constantSlot = -1
  const fill = (slot: number, line: number): void => {
    const buffer = slots[slot]
    if (buffer === undefined) return
    fillLine(buffer, source, line * length, before, margins)
    prepare(buffer, slot)
    kept[slot] = line
  }
  const constant = (): number => {
    if (constantSlot < 0) {
      constantSlot = slots.length
      const buffer = newLine(size)
      buffer.fill(source.constant)
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

const fillLine = (buffer: Line, source: LineSource, start: number, before: number, margins: Int32Array): void => {
  const end = buffer.length - (margins.length - before - lengthOf(source))
  const valueAt = (i: number): number => {
    const index = margins[i] as number
    return index < 0 ? source.constant : (source.data[start + index] as number)
  }
  buffer.set(source.data.subarray(start, start + lengthOf(source)), before)
  for (let i = 0; i < before; i++) buffer[i] = valueAt(i)
  for (let i = end; i < buffer.length; i++) buffer[i] = valueAt(i)
}

const lengthOf = (source: LineSource): number => source.shape.at(-1) ?? 1
