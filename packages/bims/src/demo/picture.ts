import type { NdArray } from '@bims/core'
import { encode } from 'fast-png'

/** The last plane axes of an array, as many rows and columns as `most` allows, by leaving samples out. */
const sampled = (
  { data, shape }: NdArray,
  most: number
): { readonly values: Float64Array; readonly width: number; readonly height: number } => {
  const [rows, columns] = [shape.at(-2) ?? 1, shape.at(-1) ?? 1]
  const step = Math.max(1, Math.ceil(Math.max(rows, columns) / most))
  const [height, width] = [Math.ceil(rows / step), Math.ceil(columns / step)]
  const values = new Float64Array(width * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) values[y * width + x] = Number(data[y * step * columns + x * step])
  return { values, width, height }
}

/** Display limits that leave out the darkest 0.5 % and the brightest 0.2 %. */
const limits = (values: Float64Array): readonly [number, number] => {
  // Every seventh sample tells the limits as well as all of them.
  const sorted = values.filter((value, i) => i % 7 === 0 && Number.isFinite(value)).sort()
  const low = sorted[Math.floor(sorted.length * 0.005)] ?? 0
  const high = sorted[Math.ceil(sorted.length * 0.998) - 1] ?? 1
  return high > low ? [low, high] : [low, low + 1]
}

const grey = (values: Float64Array): Uint8Array => {
  const [low, high] = limits(values)
  return Uint8Array.from(values, value => Math.max(0, Math.min(255, Math.round((255 * (value - low)) / (high - low)))))
}

/** Colours that tell neighbouring labels apart; 0 is black. */
const labelColour = (label: number): readonly [number, number, number] => {
  if (label === 0) return [12, 14, 20]
  const hue = (label * 137.508) % 360
  const channel = (shift: number): number => {
    const k = (shift + hue / 30) % 12
    return Math.round(255 * (0.6 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}

/** How an array is shown. */
export type Look = 'grey' | 'labels' | 'difference'

const differenceColour = (value: number, largest: number): readonly [number, number, number] =>
  value === 0 || largest === 0 ? [18, 22, 30] : [255, Math.round(190 * (1 - value / largest)), 40]

/** A PNG of an array's first plane, at most `most` pixels wide and high. */
export const pictureOf = (array: NdArray, look: Look = 'grey', most = 720): Uint8Array => {
  const { height, values, width } = sampled(array, most)
  if (look === 'grey') return encode({ width, height, data: grey(values), channels: 1, depth: 8 })
  const largest = values.reduce((a, b) => Math.max(a, b), 0)
  const data = new Uint8Array(width * height * 3)
  values.forEach((value, i) =>
    data.set(look === 'labels' ? labelColour(value) : differenceColour(value, largest), 3 * i)
  )
  return encode({ width, height, data, channels: 3, depth: 8 })
}
