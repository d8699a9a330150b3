import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it, type TestContext, vi } from 'vitest'
import { canonicalText } from '@bims/core'
import { specPath } from './files.ts'

// Much work, and machines may be busy: no test here fails on a time.
vi.setConfig({ testTimeout: 300_000 })

const judges = specPath('../../.cache/judges/bin/python')
const python = process.env['BIMS_PYTHON'] ?? (existsSync(judges) ? judges : 'python3')
const found = spawnSync(python, ['--version']).status === 0
const needPython = (ctx: TestContext): void => {
  if (!found)
    ctx.skip(
      `no Python: ${python} does not run. Set BIMS_PYTHON; the golden vectors were NOT recomputed from the specification.`
    )
}

const folder = mkdtempSync(join(tmpdir(), 'bims-vectors-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const recompute = (path: string) => {
  const { status, stderr, stdout } = spawnSync(python, [specPath('recompute.py'), path], { encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

describe('recompute.py, written from the specification', () => {
  it('agrees with all golden vectors', ctx => {
    needPython(ctx)
    const { status, text } = recompute(specPath('vectors'))
    expect(text).toMatch(/[1-9]\d\d compared, 0 wrong/)
    expect(status).toBe(0)
  })

  it.for([
    ['canonical', '"text": "'],
    ['canonical', '"id": "sha256:'],
    ['values', '"$withheld": "sha256:'],
    ['attachments', '"digest": "sha256:'],
    ['merkle', '"root": "'],
    ['pixels', 'bims-pixels-1:'],
    ['pixels', 'bims-coded-1:'],
    ['pixels', '"content": "'],
    ['macros', '"root": "'],
    ['macros', '"hash": "'],
    ['records', '"id": "sha256:'],
    ['ledger', '"hash": "']
  ] as const)('finds a difference in %s', ([name, mark], ctx) => {
    needPython(ctx)
    const copy = join(folder, 'copy')
    cpSync(specPath('vectors'), copy, { recursive: true })
    const file = join(copy, `${name}.json`)
    const text = readFileSync(file, 'utf8')
    const at = text.lastIndexOf(mark) + mark.length
    writeFileSync(file, `${text.slice(0, at)}${text[at] === '7' ? '8' : '7'}${text.slice(at + 1)}`)
    const result = recompute(copy)
    expect(result.text).toContain('WRONG')
    expect(result.status).toBe(1)
  })

  it.for([
    ['what is written', '"value": "eyJhdCI6WzBdfQ=="', '"value": "eyJhdCI6WzFdfQ=="'],
    ['a run', '"key": "\\u0000run\\u00000\\u00001', '"key": "\\u0000run\\u00000\\u00002'],
    ['an answer', '\\"merged\\":2', '\\"merged\\":3'],
    ['what is purged', '"value": null', '"value": ""']
  ] as const)('finds a difference in the ledger: %s', ([, from, to], ctx) => {
    needPython(ctx)
    const copy = join(folder, 'ledger')
    cpSync(specPath('vectors'), copy, { recursive: true })
    const file = join(copy, 'ledger.json')
    const text = readFileSync(file, 'utf8')
    expect(text).toContain(from)
    writeFileSync(file, text.replace(from, to))
    const result = recompute(copy)
    expect(result.text).toContain('WRONG')
    expect(result.status).toBe(1)
  })

  it('finds a difference in the bundle', ctx => {
    needPython(ctx)
    const copy = join(folder, 'bundle')
    cpSync(specPath('vectors'), copy, { recursive: true })
    const file = join(copy, 'example.bims.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('Remove specks.', 'Remove Specks.'))
    expect(recompute(copy).status).toBe(1)
  })

  it('writes numbers as ECMAScript does', ctx => {
    needPython(ctx)
    const numbers = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 3000).filter(n => !Object.is(n, -0))
    const more = fc
      .sample(fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: -25, max: 25 })), 2000)
      .map(([n, e]) => Number(`${n}e${e}`))
      .filter(n => !Object.is(n, -0))
    const all = [...numbers, ...more]
    const program = `import json, sys; sys.path.insert(0, ${JSON.stringify(specPath(''))}); import recompute; print(json.dumps([recompute.number(float(x)) for x in json.load(sys.stdin)]))`
    const output = execFileSync(python, ['-B', '-c', program], {
      input: JSON.stringify(all.map(n => n.toPrecision(17))),
      encoding: 'utf8',
      maxBuffer: 1e8
    })
    expect(JSON.parse(output)).toEqual(all.map(n => canonicalText(n)))
  })
})
