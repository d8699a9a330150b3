import type { Border } from './border.ts'

/** Orders of interpolation. */
export type Order = 0 | 1 | 2 | 3 | 4 | 5

/** Poles of the filter that turns samples into B-spline coefficients (Unser, Aldroubi and Eden, 1991). */
const polesOf = (order: Order): readonly number[] => {
  switch (order) {
    case 2: return [Math.sqrt(8) - 3]
    case 3: return [Math.sqrt(3) - 2]
    case 4: return [
      Math.sqrt(664 - Math.sqrt(438976)) + Math.sqrt(304) - 19, Math.sqrt(664 + Math.sqrt(438976)) - Math.sqrt(304) - 19
    ]
    case 5: return [
      Math.sqrt(67.5 - Math.sqrt(4436.25)) + Math.sqrt(26.25) - 6.5, Math.sqrt(67.5 + Math.sqrt(4436.25)) - Math.sqrt(26.25) - 6.5
    ]
    default: return []
  }
}

/** Which symmetry a border gives the coefficients; where there is none, the margin added before makes up for it. */
const symmetryOf = (border: Border): 'mirror' | 'reflect' | 'wrap' => {
  if (border === 'wrap') return 'wrap'
  return border === 'nearest' || border === 'reflect' ? 'reflect' : 'mirror'
}

/** Value before the first of the causal pass, folded back into it by the symmetry. */
const startForward = (line: Float64Array, pole: number, symmetry: 'mirror' | 'reflect' | 'wrap'): void => {
  const n = line.length
  let sum = 0
  let power = pole
  if (symmetry === 'wrap') {
    for (let i = 1; i < n; i++, power *= pole) sum += power * (line[n - i] ?? 0)
    line[0] = ((line[0] ?? 0) + sum) / (1 - power)
    return
  }
  if (symmetry === 'reflect') {
    const whole = pole ** n
    sum = (line[0] ?? 0) + whole * (line[n - 1] ?? 0)
    for (let i = 1; i < n; i++, power *= pole) sum += power * ((line[i] ?? 0) + whole * (line[n - 1 - i] ?? 0))
    line[0] = (line[0] ?? 0) + (sum * pole) / (1 - whole * whole)
    return
  }
  const whole = pole ** (n - 1)
  sum = (line[0] ?? 0) + whole * (line[n - 1] ?? 0)
  for (let i = 1; i < n - 1; i++, power *= pole) sum += power * ((line[i] ?? 0) + whole * (line[n - 1 - i] ?? 0))
  line[0] = sum / (1 - whole * whole)
}

const startBackward = (line: Float64Array, pole: number, symmetry: 'mirror' | 'reflect' | 'wrap'): void => {
  const n = line.length
  const last = line[n - 1] ?? 0
  if (symmetry === 'reflect') line[n - 1] = (last * pole) / (pole - 1)
  else if (symmetry === 'mirror') line[n - 1] = ((pole * (line[n - 2] ?? 0) + last) * pole) / (pole * pole - 1)
  else {
    let sum = last
    let power = pole
    for (let i = 0; i < n - 1; i++, power *= pole) sum += power * (line[i] ?? 0)
    line[n - 1] = (sum * pole) / (power - 1)
  }
}

/** Turns the samples of a line into its B-spline coefficients, in place (`scipy.ndimage.spline_filter1d`). */
export const newSplineFilter = (order: Order, border: Border): ((line: Float64Array) => void) => {
  const poles = polesOf(order)
  const symmetry = symmetryOf(border)
  const gain = poles.reduce((product, pole) => product * (1 - pole) * (1 - 1 / pole), 1)
  return line => {
    if (line.length < 2) return
    for (let i = 0; i < line.length; i++) line[i] = (line[i] ?? 0) * gain
    for (const pole of poles) {
      startForward(line, pole, symmetry)
      for (let i = 1; i < line.length; i++) line[i] = (line[i] ?? 0) + pole * (line[i - 1] ?? 0)
      startBackward(line, pole, symmetry)
      for (let i = line.length - 2; i >= 0; i--) line[i] = pole * ((line[i + 1] ?? 0) - (line[i] ?? 0))
    }
  }
}

const factorials = [1, 1, 2, 6, 24, 120] as const

/** The centred cardinal B-spline, by truncated powers. */
const bSpline = (order: Order, x: number): number => {
  const half = (order + 1) / 2
  let sum = 0
  let binomial = 1
  const y = half - Math.abs(x)
  for (let k = 0; k <= order && y - k > 0; k++) {
    sum += (k % 2 === 0 ? binomial : -binomial) * (y - k) ** order
    binomial = (binomial * (order + 1 - k)) / (k + 1)
  }
  return sum / factorials[order]
}

/** First of the `order + 1` coefficients that bear on a place. */
export const firstIndex = (place: number, order: Order): number =>
  Math.floor(order % 2 === 1 ? place : place + 0.5) - Math.floor(order / 2)

/** Weights of the coefficients from {@link firstIndex} on; they add up to 1. */
export const weightsAt = (place: number, order: Order): Float64Array => {
  const weights = new Float64Array(order + 1)
  if (order === 0) return weights.fill(1)
  const first = firstIndex(place, order)
  let sum = 0
  for (let k = 0; k < order; k++) {
    weights[k] = bSpline(order, place - first - k)
    sum += weights[k] ?? 0
  }
  weights[order] = 1 - sum
  return weights
}
