import { createWhole } from '@bims/adapters/sources/whole-file'
import type { NamedArray } from '@bims/player'
import { simulateMicrograph } from './micrograph.ts'
import { micrographSize } from './simulated-instrument.ts'
import { promised } from '../promise.ts'
import { writeArray } from '../save/array-file.ts'

/** The same image turned by 180° in each plane: related data of any kind of image. */
const turned = ({ array, axes }: NamedArray): NamedArray => {
  const data = array.data.slice()
  const plane = array.shape.slice(-2).reduce((product, n) => product * n, 1)
  if (plane > 0) for (let at = 0; at < data.length; at += plane) data.subarray(at, at + plane).reverse()
  return { array: { ...array, data }, axes }
}

/** Writes an image that is related to the demo's input: another field of view, or the user's image turned around. */
export const writeRelated = async (path: string, input: NamedArray | undefined): Promise<void> => {
  const pixels: NamedArray =
    input === undefined ? { array: simulateMicrograph(micrographSize, 8), axes: ['y', 'x'] } : turned(input)
  await promised(createWhole(path, file => writeArray(file, pixels)))
}
