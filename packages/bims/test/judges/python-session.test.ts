import { writeTiff } from '@bims/adapters/containers/tiff/file'
import { arrayDigest, type DType, type NdArray } from '@bims/core'
import { isLeft } from 'fp-ts/lib/Either.js'
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openBims } from '../../src/bims.ts'
import { runSession } from '../../src/demo/imaging-session.ts'
import { simulateMicrograph } from '../../src/demo/micrograph.ts'
import { pythonWith, run } from './judge.ts'

const folder = mkdtempSync(join(tmpdir(), 'bims-python-session-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

/** Appended to the log: what its variables hold at its end, as raw samples and as the facts to read them by. */
const saving = `
import json, numpy, skimage
facts = {'version': skimage.__version__}
for name in ('crop', 'cells', 'edges'):
    array = numpy.ascontiguousarray(globals()[name])
    array.tofile(name + '.raw')
    facts[name] = {'shape': array.shape, 'dtype': str(array.dtype)}
print(json.dumps(facts))
`

interface Facts {
  readonly shape: readonly number[]
  readonly dtype: DType
}

const arrayOf = (name: string, { dtype, shape }: Facts): NdArray => {
  const { buffer } = Uint8Array.from(readFileSync(join(folder, `${name}.raw`)))
  if (dtype === 'uint16') return { shape, dtype, data: new Uint16Array(buffer) }
  if (dtype === 'float64') return { shape, dtype, data: new Float64Array(buffer) }
  throw new Error(`${name} is ${dtype}`)
}

test('the log of a session, run by Python, gives our digests', { timeout: 120_000 }, async context => {
  const python = pythonWith('skimage, numpy')
  if (python === undefined) return context.skip('NOT JUDGED: no Python with scikit-image (set BIMS_PYTHON)')
  const { data, shape } = simulateMicrograph(512, 11)
  const raw = join(folder, 'raw.tif')
  const written = await writeTiff(raw, {
    axes: ['y', 'x'],
    shape,
    dtype: 'uint16',
    planes: [data]
  })()
  if (isLeft(written)) throw new Error(written.left.what)
  const bims = await openBims({ outbox: join(folder, 'outbox') })
  const log = join(folder, 'session.py')
  const session = await runSession(bims, raw, log)
  const saved = await bims.save(join(folder, 'cells.tif'), session.cells)
  await session.log.close()
  appendFileSync(log, saving)
  const ended = await run(python, ['session.py'], { cwd: folder })
  expect([ended.code, ended.err]).toEqual([0, ''])
  const facts = JSON.parse(ended.out) as Readonly<Record<'crop' | 'cells' | 'edges', Facts>> & {
    readonly version: string
  }
  if (facts.version !== '0.26.0')
    return context.skip(`NOT JUDGED: scikit-image is ${facts.version}, the vocabulary is that of 0.26.0`)

  for (const name of ['crop', 'cells'] as const) {
    const { array, axes } = await session[name].pixels()
    const theirs = arrayOf(name, facts[name])
    expect([name, arrayDigest(theirs, axes)]).toEqual([name, arrayDigest(array, axes)])
  }
  const theirs = arrayOf('cells', facts.cells)
  // An image without anything in it would be equal whatever was done to it.
  const labels = new Set(Array.from(theirs.data, Number)).size - 1
  expect(labels).toBeGreaterThan(5)
  expect(saved.images.map(({ digest }) => digest)).toEqual([arrayDigest(theirs).digest])

  // Floats agree within what the vocabulary promises, of a range of 1.
  const { array: edges } = await session.edges.pixels()
  const theirEdges = arrayOf('edges', facts.edges)
  expect([edges.dtype, edges.shape]).toEqual([theirEdges.dtype, theirEdges.shape])
  const largest = Array.from(edges.data, Number).reduce(
    (most, edge, i) => Math.max(most, Math.abs(edge - Number(theirEdges.data[i]))),
    0
  )
  console.log(
    `scikit-image ${facts.version}: cells (${labels} labels) and crop bit-equal; edges differ by at most ${largest}`
  )
  expect(largest).toBeLessThan(1e-12)
})
