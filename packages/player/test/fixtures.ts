import type { JsonValue, Step } from '@bims/core'
import type { NamedArray, PlayableMacro } from '../src/index.ts'

/** A small uint8 image with two bright blocks on a dark ground. */
export const rawPixels = (width = 40, height = 30): NamedArray => {
  const data = new Uint8Array(width * height)
  for (let y = 5; y < 15; y++) for (let x = 6; x < 16; x++) data[y * width + x] = 200
  for (let y = 18; y < 26; y++) for (let x = 22; x < 34; x++) data[y * width + x] = 150
  for (let i = 0; i < data.length; i++) data[i] = (data[i] ?? 0) + ((i * 37) % 11)
  return { array: { shape: [height, width], dtype: 'uint8', data }, axes: ['y', 'x'] }
}

/** One step of a macro, with as little said as a test needs. */
export const step = (
  index: number,
  id: string,
  reads: Readonly<Record<string, string>>,
  writes: string,
  parameters: Readonly<Record<string, JsonValue>> = {}
): Step => ({
  index,
  operation: { id, name: id.slice(id.lastIndexOf('.') + 1), tool: 'scikit-image', version: '0.26.0' },
  parameters: Object.entries(parameters).map(([name, value]) => ({ name, type: typeof value, value, origin: 'typed' })),
  reads: Object.entries(reads).map(([arg, value]) => ({ arg, value })),
  writes: [{ arg: 'return', value: writes }],
  code: `${writes} = ${id}(...)`,
  doc: '',
  evidence: 'recorded'
})

/** raw → smooth → level → mask. */
export const maskMacro: PlayableMacro = {
  inputs: [{ name: 'raw', value: 'raw@0' }],
  outputs: [{ name: 'mask', value: 'mask@1' }],
  steps: [
    step(0, 'skimage.filters.gaussian', { image: 'raw@0' }, 'smooth@1', { sigma: 1.5 }),
    step(2, 'skimage.filters.threshold_otsu', { image: 'smooth@1' }, 'number:level@1'),
    step(5, 'numpy.greater', { x1: 'smooth@1', x2: 'number:level@1' }, 'mask@1')
  ]
}
