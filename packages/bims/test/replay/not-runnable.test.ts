import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bims, cells, listing, newWorkspace, writeImage, type Workspace } from '../workspace.ts'

describe('a macro with an operation that nobody knows', () => {
  let workspace: Workspace
  const at = (name: string): string => workspace.at(name)
  beforeAll(async () => {
    workspace = await newWorkspace()
    await writeFile(
      at('strange.py'),
      "import acme\nimport skimage.io\nimport skimage.filters\nraw = skimage.io.imread('cells.tif')\nmask = acme.magic(raw, strength=3)\nmask = skimage.filters.sobel(mask)\n"
    )
    await writeImage(at('mask.tif'), cells())
    const { code, json } = await bims(
      'save',
      at('mask.tif'),
      '--log',
      at('strange.py'),
      '--output',
      'mask',
      '--to',
      at('saved.tif'),
      '--json'
    )
    expect(code).toBe(0)
    expect(json().macro.proof).toBe('static')
    expect(json().warnings.join()).toMatch(/not proven by a replay/)
  })
  afterAll(() => workspace.remove())

  it('is not runnable: exit 3, the step named, nothing written', async () => {
    const before = await listing(workspace.folder)
    const { code, json } = await bims('replay', at('saved.tif'), '--json')
    expect(code).toBe(3)
    expect(json().steps[0]).toMatchObject({
      index: 0,
      operation: 'acme.magic',
      status: 'not-runnable',
      why: expect.stringMatching(/\S/)
    })
    expect(json().outputs).toEqual([])
    expect(await listing(workspace.folder)).toEqual(before)
    const words = await bims('replay', at('saved.tif'))
    expect([words.code, words.out]).toEqual([3, expect.stringContaining('not-runnable')])
  })
})

describe('a replay that gives other pixels', () => {
  let workspace: Workspace
  const at = (name: string): string => workspace.at(name)
  beforeAll(async () => {
    workspace = await newWorkspace()
    await writeFile(
      at('log.py'),
      "import skimage.io\nimport skimage.morphology\nraw = skimage.io.imread('cells.tif')\nmask = skimage.morphology.erosion(raw)\n"
    )
    // The log does not tell how these pixels were made.
    await writeImage(at('mask.tif'), cells())
    expect(
      (await bims('save', at('mask.tif'), '--log', at('log.py'), '--output', 'mask', '--to', at('saved.tif'))).code
    ).toBe(0)
  })
  afterAll(() => workspace.remove())

  it('exits with 1 and tells by how much', async () => {
    const { code, json } = await bims('replay', at('saved.tif'), '--json')
    expect(code).toBe(1)
    expect(json()).toMatchObject({
      comparable: true,
      steps: [{ status: 'differs', difference: { max: expect.any(Number), count: expect.any(Number) } }],
      outputs: [{ equal: false }]
    })
    expect((await bims('replay', at('saved.tif'))).out).toContain('NOT as recorded')
  })

  it('is no difference within a tolerance that is told', async () => {
    const { code, json } = await bims('replay', at('saved.tif'), '--tolerance', '1', '--json')
    expect([code, json().steps[0].status]).toEqual([0, 'within-tolerance'])
  })
})
