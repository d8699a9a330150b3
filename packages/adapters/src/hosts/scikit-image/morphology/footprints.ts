import { right } from 'fp-ts/lib/Either.js'
import { countOf, newArray } from '../array/elements.ts'
import { dtypeRule } from '../call/dtype-rule.ts'
import { newOperation } from '../call/operation.ts'
import { fixed, flag, integer, listOf, real } from '../call/parameter-rule.ts'
import { refuse } from '../call/refusal.ts'

const typeRule = dtypeRule({ default: 'uint8', doc: 'Type of the footprint.' })
const noDecomposition = fixed(null, 'str or None', 'footprints are whole arrays, never sequences')

/** `skimage.morphology.disk`. */
export const disk = newOperation({
  id: 'skimage.morphology.disk',
  name: 'Disk',
  tool: 'scikit-image',
  doc: 'A disk-shaped footprint.',
  signature: ['radius', 'dtype', 'strict_radius', 'decomposition'],
  images: {},
  parameters: {
    radius: real({ min: 0, max: 1023, unit: 'pixel', doc: 'Radius of the disk.' }),
    dtype: typeRule,
    strict_radius: flag({ default: true, doc: 'If False, half a pixel is added to the radius.' }),
    decomposition: noDecomposition
  },
  compute: (_, { radius, dtype, strict_radius }) => {
    const width = Math.ceil(2 * radius + 1)
    const reach = (strict_radius ? radius : radius + 0.5) ** 2
    const disk = new Float64Array(width * width)
    for (let i = 0; i < disk.length; i++) {
      const x = (i % width) - radius
      const y = Math.floor(i / width) - radius
      disk[i] = x * x + y * y <= reach ? 1 : 0
    }
    return right(newArray(dtype, [width, width], disk))
  }
})

/** `skimage.morphology.footprint_rectangle`. */
export const footprintRectangle = newOperation({
  id: 'skimage.morphology.footprint_rectangle',
  name: 'Rectangle',
  tool: 'scikit-image',
  doc: 'A rectangular or box-shaped footprint.',
  signature: ['shape', 'dtype', 'decomposition'],
  images: {},
  parameters: {
    shape: listOf(integer({ min: 1, max: 4096, unit: 'pixel', doc: 'Width along every axis.' })),
    dtype: typeRule,
    decomposition: noDecomposition
  },
  compute: (_, { shape, dtype }) => {
    if (shape.length === 0 || countOf(shape) > 2 ** 22) return refuse('shape', 'is empty or too large')
    return right(newArray(dtype, shape, new Float64Array(countOf(shape)).fill(1)))
  }
})
