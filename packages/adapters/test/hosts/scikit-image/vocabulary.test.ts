import { describe, expect, it } from 'vitest'
import * as vocabulary from '../../../src/hosts/scikit-image/index.ts'

const { findOperation, operations } = vocabulary

describe('the vocabulary', () => {
  it('exports these names', () => {
    expect(Object.keys(vocabulary).sort()).toEqual(['findOperation', 'operations', 'operationsTable', 'pythonFloat'])
  })

  it('lists these operations', () => {
    expect(operations.map(({ id }) => id)).toMatchInlineSnapshot(`
      [
        "skimage.filters.gaussian",
        "skimage.filters.median",
        "skimage.filters.sobel",
        "skimage.filters.threshold_otsu",
        "skimage.morphology.erosion",
        "skimage.morphology.dilation",
        "skimage.morphology.opening",
        "skimage.morphology.closing",
        "skimage.morphology.remove_small_objects",
        "skimage.morphology.disk",
        "skimage.morphology.footprint_rectangle",
        "skimage.exposure.rescale_intensity",
        "skimage.exposure.equalize_hist",
        "skimage.transform.rescale",
        "skimage.measure.label",
        "skimage.util.img_as_float",
        "skimage.util.img_as_ubyte",
        "skimage.util.invert",
        "numpy.add",
        "numpy.subtract",
        "numpy.multiply",
        "numpy.divide",
        "numpy.greater",
        "numpy.greater_equal",
        "numpy.less",
        "numpy.less_equal",
        "numpy.clip",
        "numpy.rot90",
        "numpy.ndarray.__getitem__",
        "numpy.ndarray.astype",
      ]
    `)
  })

  it('finds an operation by its id, and nothing by another', () => {
    for (const operation of operations) expect(findOperation(operation.id)).toBe(operation)
    for (const id of ['', 'skimage.filters.nothing', '__proto__', 'constructor'])
      expect(findOperation(id)).toBeUndefined()
  })

  it.each(operations.map(operation => [operation.id, operation] as const))(
    '%s describes itself wholly',
    (_, operation) => {
      const { signature, reads, writes, parameters, doc, version, tool } = operation
      const named = new Set([...reads, ...parameters.map(({ name }) => name)])
      expect([...signature].sort()).toEqual([...named].sort())
      expect(new Set(signature).size).toBe(signature.length)
      expect(writes).toEqual(['return'])
      expect(doc).toMatch(/^[A-Z].*\.$/)
      for (const parameter of parameters) {
        expect(parameter.type).not.toBe('')
        expect(parameter.doc).toMatch(/^[A-Z].*\.$/)
      }
      expect(`${tool} ${version}`).toBe(operation.id.startsWith('numpy') ? 'numpy 2.4.6' : 'scikit-image 0.26.0')
      expect(operation.run).toBeTypeOf('function')
    }
  )
})
