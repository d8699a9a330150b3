import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findPython } from '../scikit-image/reference-process.ts'
import { writtenExample } from './example.ts'
import { keptFor, macroOf } from './reading.ts'

const page = readFileSync(new URL('../../../../../docs/spec/log.md', import.meta.url), 'utf8')
const examples = [...page.matchAll(/^```python\n([\s\S]*?)^```$/gmu)].map(match => match[1] ?? '')
const [written = '', byHand = '', inPlace = ''] = examples

describe('docs/spec/log.md', () => {
  it('has three examples, the first as the writer writes it', async () => {
    expect(examples).toHaveLength(3)
    expect(written).toBe((await writtenExample()).replace(/\n+$/, '\n'))
  })

  it('says truly what slices keep', async () => {
    expect(keptFor(await macroOf(written), 'mask')).toEqual([0, 5, 6])
    expect(keptFor(await macroOf(byHand), 'mask')).toEqual([0, 1, 2, 3, 4, 5])
    expect(keptFor(await macroOf(byHand), 'labels')).toEqual([0, 1, 2, 3, 4, 5, 6])
    const macro = await macroOf(inPlace)
    expect(keptFor(macro, 'noisy')).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    expect(macro.steps.filter(({ operation }) => operation.id === 'numpy.ndarray.__iadd__')).toHaveLength(3)
  })

  it('has examples that run as they stand', context => {
    const found = findPython()
    if ('why' in found) return context.skip(`NOT RUN: ${found.why}`)
    const folder = mkdtempSync(join(tmpdir(), 'bims-log-'))
    const run = (source: string): void => {
      writeFileSync(join(folder, 'log.py'), source)
      execFileSync(found.python, ['log.py'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
    }
    try {
      run(
        'import numpy, skimage.io\nr = numpy.random.default_rng(1)\nfor name in ("cells", "background"):\n    skimage.io.imsave(name + ".tif", r.integers(0, 255, (64, 64)).astype("uint8"), check_contrast=False)\n'
      )
      for (const example of examples) run(example)
      for (const file of ['mask.tif', 'labels.tif', 'noisy.tif']) expect(existsSync(join(folder, file))).toBe(true)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 120_000)
})
