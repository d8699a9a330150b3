import type { JsonScalar } from '../native/json-scalars.ts'
import type { PlaneIndex } from '../native/plane-draft.ts'

/** A value of Micro-Manager's metadata with its native ordinal. */
export interface FrameValue {
  readonly value: string | number | boolean
  readonly ordinal: number
}

/** One JSON of Micro-Manager: a plane's tags, or a summary; top-level names only, property maps unwrapped. */
export type Frame = ReadonlyMap<string, FrameValue>

/** Values that say something, by name; the first of repeated names counts. Ordinals begin at `first`. */
export const frameOf = (scalars: readonly JsonScalar[], first: number): Frame => {
  const frame = new Map<string, FrameValue>()
  scalars.forEach(({ path, parsed }, i) => {
    const [name, member] = path
    // 2.0 alpha writes {"PropVal": ..., "PropType": ...} where 1.4 writes the value.
    const isValue = path.length === 1 || (path.length === 2 && member === 'PropVal')
    if (name === undefined || !isValue || parsed === null || parsed === '' || frame.has(name)) return
    frame.set(name, { value: typeof parsed === 'number' ? parsed + 0 : parsed, ordinal: first + i })
  })
  return frame
}

/** A plane's index along an axis: 1.4 writes both names. */
const indexNames = [
  ['t', ['FrameIndex', 'Frame']],
  ['c', ['ChannelIndex']],
  ['z', ['SliceIndex', 'Slice']]
] as const

/** Most channels that are believed. */
export const mostChannels = 1000

/** Where a plane stands, or undefined where it does not say so. */
export const positionOf = (frame: Frame): Readonly<Record<string, PlaneIndex>> | undefined => {
  const found = indexNames.flatMap(([axis, names]) => {
    const values = names
      .flatMap(name => frame.get(name) ?? [])
      .filter(({ value }) => Number.isInteger(value) && Number(value) >= 0)
    const index = Number(values[0]?.value)
    return values.length === 0
      ? []
      : [
          [
            axis,
            { value: index, ordinals: values.filter(({ value }) => value === index).map(({ ordinal }) => ordinal) }
          ] as const
        ]
  })
  return found.length === indexNames.length ? Object.fromEntries(found) : undefined
}
