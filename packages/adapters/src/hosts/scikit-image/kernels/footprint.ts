import { countOf } from '../array/elements.ts'

/** A neighbourhood: which positions around a pixel belong to it. */
export interface Footprint {
  readonly shape: readonly number[]
  /** 1 where a position belongs to it, row-major. */
  readonly mask: Uint8Array
}

/** Positions next to each other along the last axis. */
export interface Run {
  /** Offset in all axes but the last, from the centre. */
  readonly outer: readonly number[]
  /** Offset of the first position along the last axis. */
  readonly start: number
  readonly length: number
}

/** The position that lies on the pixel itself: `shape // 2`. */
export const centreOf = (footprint: Footprint): readonly number[] => footprint.shape.map(n => Math.floor(n / 2))

/** `scipy.ndimage.generate_binary_structure`: positions at most `connectivity` steps along axes away, in 3 × 3 × …. */
export const newCross = (axes: number, connectivity: number): Footprint => {
  const shape = new Array<number>(axes).fill(3)
  const mask = new Uint8Array(countOf(shape))
  for (let i = 0; i < mask.length; i++) {
    let steps = 0
    for (let rest = i, axis = 0; axis < axes; axis++, rest = Math.floor(rest / 3)) steps += rest % 3 === 1 ? 0 : 1
    mask[i] = steps <= connectivity ? 1 : 0
  }
  return { shape, mask }
}

/** The footprint seen in a point mirror. */
export const mirrored = (footprint: Footprint): Footprint => ({
  shape: footprint.shape,
  mask: footprint.mask.slice().reverse()
})

/** Zeros put in front of every axis of even length, so that it becomes odd. */
export const padded = (footprint: Footprint): Footprint => {
  const shape = footprint.shape.map(n => n + 1 - (n % 2))
  if (shape.every((n, axis) => n === footprint.shape[axis])) return footprint
  const mask = new Uint8Array(countOf(shape))
  for (let i = 0; i < footprint.mask.length; i++) {
    let at = 0
    let step = 1
    for (let rest = i, axis = shape.length - 1; axis >= 0; axis--) {
      const n = footprint.shape[axis] ?? 1
      at += ((rest % n) + (shape[axis] ?? 1) - n) * step
      step *= shape[axis] ?? 1
      rest = Math.floor(rest / n)
    }
    mask[at] = footprint.mask[i] as number
  }
  return { shape, mask }
}

/** Number of positions. */
export const sizeOf = (footprint: Footprint): number => footprint.mask.reduce((sum, one) => sum + one, 0)

/** The runs of a footprint, in row-major order. */
export const runsOf = (footprint: Footprint): readonly Run[] => {
  const { shape, mask } = footprint
  const width = shape.at(-1) ?? 1
  const centre = centreOf(footprint)
  const runs: Run[] = []
  for (let line = 0; line * width < mask.length; line++) {
    const outer = outerOffset(shape, centre, line)
    for (let x = 0; x < width; x++) {
      if (mask[line * width + x] !== 1) continue
      const first = x
      while (x < width && mask[line * width + x] === 1) x++
      runs.push({ outer, start: first - (centre.at(-1) ?? 0), length: x - first })
    }
  }
  return runs
}

const outerOffset = (shape: readonly number[], centre: readonly number[], line: number): number[] => {
  const offset = new Array<number>(shape.length - 1).fill(0)
  for (let rest = line, axis = shape.length - 2; axis >= 0; axis--) {
    const n = shape[axis] ?? 1
    offset[axis] = (rest % n) - (centre[axis] as number)
    rest = Math.floor(rest / n)
  }
  return offset
}

/** How many lines an image must keep so that the whole neighbourhood of a line stands side by side. */
export const spanOf = (footprint: Footprint, shape: readonly number[]): number => {
  let span = 1
  let stride = 1
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    span += ((footprint.shape[axis] ?? 1) - 1) * stride
    stride *= shape[axis] ?? 1
  }
  return span
}
