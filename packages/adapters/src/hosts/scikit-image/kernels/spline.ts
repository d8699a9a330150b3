import type { Border } from './border.ts'

/** Orders of interpolation. */
export type Order = 0 | 1 | 2 | 3 | 4 | 5

/** Poles of the filter that turns samples into B-spline coefficients (Unser, Aldroubi and Eden, 1991). */
const polesOf: Readonly<Record<Order, readonly number[]>> = {
  0: [],
  1: [],
  2: [-0.1715728752538099],
  3: [-0.2679491924311227],
  4: [-0.36134122590022016, -0.013725429297339121],
  5: [-0.4305753470999738, -0.04309628820326465]
}

/** How the two passes of a filter begin: by what the symmetry of the border says stands before and after a line. */
interface Start {
  readonly forward: (line: Float64Array, pole: number) => void
  readonly backward: (line: Float64Array, pole: number) => void
}

const mirror: Start = {
  forward: (line, pole) => {
    const n = line.length
    const whole = pole ** (n - 1)
    let sum = (line[0] as number) + whole * (line[n - 1] as number)
    for (let i = 1, power = pole; i < n - 1; i++, power *= pole) {
      sum += power * ((line[i] as number) + whole * (line[n - 1 - i] as number))
    }
    line[0] = sum / (1 - whole * whole)
  },
  backward: (line, pole) => {
    const n = line.length
    line[n - 1] = ((pole * (line[n - 2] as number) + (line[n - 1] as number)) * pole) / (pole * pole - 1)
  }
}

const reflect: Start = {
  forward: (line, pole) => {
    const n = line.length
    const whole = pole ** n
    let sum = (line[0] as number) + whole * (line[n - 1] as number)
    let power = pole
    for (let i = 1; i < n - 1; i++, power *= pole) {
      sum += power * ((line[i] as number) + whole * (line[n - 1 - i] as number))
    }
    // SciPy up to 1.17 takes the sum so far for the first sample here: of order pole^(2n), it shows in short lines.
    sum += power * ((line[n - 1] as number) + whole * sum)
    line[0] = (line[0] as number) + sum * (pole / (1 - whole * whole))
  },
  backward: (line, pole) => {
    line[line.length - 1] = (line.at(-1) ?? 0) * (pole / (pole - 1))
  }
}

const wrap: Start = {
  forward: (line, pole) => {
    const n = line.length
    let sum = line[0] as number
    let power = pole
    for (let i = 1; i < n; i++, power *= pole) sum += power * (line[n - i] as number)
    line[0] = sum / (1 - power)
  },
  backward: (line, pole) => {
    const n = line.length
    let sum = line[n - 1] as number
    let power = pole
    for (let i = 0; i < n - 1; i++, power *= pole) sum += power * (line[i] as number)
    line[n - 1] = sum * (pole / (power - 1))
  }
}

/** Where a border has no symmetry of its own, the margin added before makes up for it. */
const starts: Readonly<Record<Border, Start>> = { mirror, reflect, wrap, nearest: reflect, constant: mirror }

const filterLine = (line: Float64Array, pole: number, { forward, backward }: Start): void => {
  forward(line, pole)
  for (let i = 1; i < line.length; i++) line[i] = (line[i] as number) + pole * (line[i - 1] as number)
  backward(line, pole)
  for (let i = line.length - 2; i >= 0; i--) line[i] = pole * ((line[i + 1] as number) - (line[i] as number))
}

/** Turns the samples of a line into its B-spline coefficients, in place (`scipy.ndimage.spline_filter1d`). */
export const newSplineFilter = (order: Order, border: Border): ((line: Float64Array) => void) => {
  const poles = polesOf[order]
  const gain = poles.reduce((product, pole) => product * (1 - pole) * (1 - 1 / pole), 1)
  return line => {
    if (line.length < 2) return
    for (let i = 0; i < line.length; i++) line[i] = (line[i] as number) * gain
    for (const pole of poles) filterLine(line, pole, starts[border])
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

const linear = (x: number): readonly number[] => [1 - x]

const quadratic = (x: number): readonly number[] => [0.5 * (0.5 - x) * (0.5 - x), 0.75 - x * x]

const cubicMiddle = (x: number): number => (x * x * (x - 2) * 3 + 4) / 6

const cubic = (x: number): readonly number[] => [((1 - x) * (1 - x) * (1 - x)) / 6, cubicMiddle(x), cubicMiddle(1 - x)]

/** All weights but the last, for a place `x` beyond its knot. */
const leadingWeights = (x: number, order: Order): readonly number[] => {
  if (order === 1) return linear(x)
  if (order === 2) return quadratic(x)
  if (order === 3) return cubic(x)
  return Array.from({ length: order }, (_, k) => bSpline(order, x + Math.floor(order / 2) - k))
}

/** Weights of the coefficients from {@link firstIndex} on; they add up to 1. */
export const weightsAt = (place: number, order: Order): Float64Array => {
  const weights = new Float64Array(order + 1)
  if (order === 0) return weights.fill(1)
  const knot = Math.floor(order % 2 === 1 ? place : place + 0.5)
  weights.set(leadingWeights(place - knot, order))
  let rest = 1
  for (let k = 0; k < order; k++) rest -= weights[k] as number
  weights[order] = rest
  return weights
}
