import type { DType, NdArray } from '@bims/core'
import { newElements } from '../../../src/hosts/scikit-image/array/elements.ts'

/** Random numbers in [0, 1) that are the same in every run (mulberry32). */
export const newRandom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What an image looks like: noise over the whole range, few levels, a single value, or noise with NaN in it. */
export type Pattern = 'noise' | 'levels' | 'constant' | 'nan' | 'unit'

const full: Readonly<Record<string, readonly [number, number]>> = {
  bool: [0, 1],
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-1000, 100000],
  uint64: [0, 100000],
  float32: [-3, 700],
  float64: [-3, 700]
}

const valueOf = (dtype: DType, pattern: Pattern, random: () => number): number => {
  const isFloat = dtype.startsWith('float')
  const [low, high] = full[dtype] ?? [0, 1]
  if (pattern === 'constant') return isFloat ? 0.3 : 1
  if (pattern === 'levels') return Math.floor(random() * Math.min(4, high + 1))
  if (pattern === 'unit') return isFloat ? random() * 2 - 1 : Math.floor(low + random() * (high - low + 1))
  if (pattern === 'nan' && random() < 0.08) return Number.NaN
  return isFloat ? low + random() * (high - low) : Math.floor(low + random() * (high - low + 1))
}

/** Makes an image. */
export const newImage = (dtype: DType, shape: readonly number[], pattern: Pattern, seed: number): NdArray => {
  const random = newRandom(seed)
  const data = newElements(
    dtype,
    shape.reduce((a, b) => a * b, 1)
  )
  for (let i = 0; i < data.length; i++) {
    const value = valueOf(dtype, pattern, random)
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[i] = BigInt(value)
    else data[i] = value
  }
  return { dtype, shape, data }
}
