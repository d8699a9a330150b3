import type { PlainType } from '../array/dtype.ts'

/** Smallest or largest. */
export type Extreme = 'min' | 'max'

/** How lines of one kind are folded into their smallest or largest values. */
export interface Folds<T> {
  readonly newLine: (length: number) => T
  /** A value that every other replaces. */
  readonly start: number
  /** Takes the extreme of each element of `out` and of the line from an index on. */
  readonly fold: (out: T, line: T, from: number) => void
  /** Takes the extreme of each element and the one `step` further on. */
  readonly slide: (out: T, line: T, step: number) => void
}

const wideMin: Folds<Float64Array> = {
  newLine: length => new Float64Array(length),
  start: Number.POSITIVE_INFINITY,
  fold: (out, line, from) => {
    for (let x = 0; x < out.length; x++) out[x] = Math.min(out[x] as number, line[from + x] as number)
  },
  slide: (out, line, step) => {
    for (let x = 0; x + step < line.length; x++) out[x] = Math.min(line[x] as number, line[x + step] as number)
  }
}

const wideMax: Folds<Float64Array> = {
  newLine: length => new Float64Array(length),
  start: Number.NEGATIVE_INFINITY,
  fold: (out, line, from) => {
    for (let x = 0; x < out.length; x++) out[x] = Math.max(out[x] as number, line[from + x] as number)
  },
  slide: (out, line, step) => {
    for (let x = 0; x + step < line.length; x++) out[x] = Math.max(line[x] as number, line[x + step] as number)
  }
}

/**
 * The smaller of two integers whose difference fits into 31 bits. Without a branch, which noise makes the processor
 * guess wrong every other time: about four times as fast.
 */
export const lesser = (a: number, b: number): number => {
  const difference = (b - a) | 0
  return (a + (difference & (difference >> 31))) | 0
}

/** The larger of two integers whose difference fits into 31 bits; see {@link lesser}. */
export const greater = (a: number, b: number): number => {
  const difference = (b - a) | 0
  return (b - (difference & (difference >> 31))) | 0
}

const narrowMin: Folds<Int32Array> = {
  newLine: length => new Int32Array(length),
  start: 2 ** 20,
  fold: (out, line, from) => {
    for (let x = 0; x < out.length; x++) out[x] = lesser(out[x] as number, line[from + x] as number)
  },
  slide: (out, line, step) => {
    for (let x = 0; x + step < line.length; x++) out[x] = lesser(line[x] as number, line[x + step] as number)
  }
}

const narrowMax: Folds<Int32Array> = {
  newLine: length => new Int32Array(length),
  start: -(2 ** 20),
  fold: (out, line, from) => {
    for (let x = 0; x < out.length; x++) out[x] = greater(out[x] as number, line[from + x] as number)
  },
  slide: (out, line, step) => {
    for (let x = 0; x + step < line.length; x++) out[x] = greater(line[x] as number, line[x + step] as number)
  }
}

/** Folds for floats and 32-bit integers. */
export const wideFolds: Readonly<Record<Extreme, Folds<Float64Array>>> = { min: wideMin, max: wideMax }

/** Folds for integers of at most 16 bits. */
export const narrowFolds: Readonly<Record<Extreme, Folds<Int32Array>>> = { min: narrowMin, max: narrowMax }

/** Tells whether a type has at most 16 bits and is no float. */
export const isNarrow = (dtype: PlainType): boolean =>
  dtype === 'bool' || dtype === 'uint8' || dtype === 'int8' || dtype === 'uint16' || dtype === 'int16'
