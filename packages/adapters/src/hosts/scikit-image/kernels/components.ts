/** The root of a pixel's tree; paths are halved on the way. */
const rootOf = (forest: Int32Array, pixel: number): number => {
  let at = pixel
  for (;;) {
    const up = forest[at] as number
    if (up === at) return at
    const upper = forest[up] as number
    forest[at] = upper
    at = upper
  }
}

const join = (forest: Int32Array, a: number, b: number): void => {
  const ra = rootOf(forest, a)
  const rb = rootOf(forest, b)
  if (ra < rb) forest[rb] = ra
  else forest[ra] = rb
}

/** A neighbour that comes before a pixel in row-major order. */
interface Neighbour {
  readonly offset: readonly number[]
  /** Difference of the row-major indices, negative. */
  readonly step: number
}

const earlierNeighbours = (shape: readonly number[], connectivity: number): readonly Neighbour[] => {
  const axes = shape.length
  const found: Neighbour[] = []
  for (let i = 0; i < (3 ** axes - 1) / 2; i++) {
    const offset = Array.from({ length: axes }, (_, axis) => (Math.floor(i / 3 ** (axes - 1 - axis)) % 3) - 1)
    if (offset.reduce((steps, o) => steps + Math.abs(o), 0) > connectivity) continue
    const step = offset.reduce((sum, o, axis) => sum * (shape[axis] ?? 1) + o, 0)
    found.push({ offset, step })
  }
  return found
}

const isInside = (coordinates: Int32Array, offset: readonly number[], shape: readonly number[]): boolean => {
  for (let axis = 0; axis < shape.length; axis++) {
    const at = (coordinates[axis] as number) + (offset[axis] as number)
    if (at < 0 || at >= (shape[axis] ?? 1)) return false
  }
  return true
}

const setCoordinates = (coordinates: Int32Array, shape: readonly number[], line: number): void => {
  let rest = line
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    const n = shape[axis] ?? 1
    coordinates[axis] = rest % n
    rest = Math.floor(rest / n)
  }
}

/** Joins each pixel with its equal neighbours; the first of a component in row-major order becomes its root. */
const joinEqual = (
  values: Int32Array | Float64Array,
  background: number,
  shape: readonly number[],
  connectivity: number
): Int32Array => {
  const forest = new Int32Array(values.length)
  const width = shape.at(-1) ?? 1
  const neighbours = earlierNeighbours(shape, connectivity)
  const coordinates = new Int32Array(shape.length)
  const last = shape.length - 1
  for (let start = 0; start < values.length; start += width) {
    setCoordinates(coordinates, shape, start / width)
    coordinates[last] = 0
    const inside = neighbours.filter(({ offset }) =>
      isInside(
        coordinates,
        offset.map((o, axis) => (axis === last ? 0 : o)),
        shape
      )
    )
    const steps = Int32Array.from(inside, one => one.step)
    const sideways = Int32Array.from(inside, ({ offset }) => offset[last] as number)
    joinLine({ values, forest, background, width }, start, steps, sideways)
  }
  return forest
}

const joinLine = (
  at: {
    readonly values: Int32Array | Float64Array
    readonly forest: Int32Array
    readonly background: number
    readonly width: number
  },
  start: number,
  steps: Int32Array,
  sideways: Int32Array
): void => {
  const { values, forest, background, width } = at
  for (let x = 0; x < width; x++) {
    const pixel = start + x
    const value = values[pixel] as number
    forest[pixel] = pixel
    if (value === background) continue
    for (let n = 0; n < steps.length; n++) {
      const sx = x + (sideways[n] as number)
      const other = pixel + (steps[n] as number)
      if (sx >= 0 && sx < width && values[other] === value) join(forest, pixel, other)
    }
  }
}

/** Labels of components, and their number. */
export interface Components {
  readonly labels: Int32Array
  readonly count: number
}

/**
 * Labels the components of equal values that are not background, numbered from 1 in the order in which row-major
 * reading meets them. Neighbours are at most `connectivity` steps along axes away.
 */
export const componentsOf = (
  values: Int32Array | Float64Array,
  background: number,
  shape: readonly number[],
  connectivity: number
): Components => {
  const forest = joinEqual(values, background, shape, connectivity)
  let count = 0
  for (let pixel = 0; pixel < forest.length; pixel++) {
    const up = forest[pixel] as number
    // A root stands before all of its component, so its label is written by the time a pixel asks for it.
    if (up !== pixel) forest[pixel] = forest[up] as number
    else if (values[pixel] === background) forest[pixel] = 0
    else forest[pixel] = ++count
  }
  return { labels: forest, count }
}
