import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Parser } from 'web-tree-sitter'
import { maxSourceLength, parsePython } from '../../src/python/parse.ts'
import { expressionOf, pythonParser, statementsOf } from './reading.ts'

// No test fails on a time: the machine may be busy.
vi.setConfig({ testTimeout: 600_000 })

let parser: Parser
beforeAll(async () => {
  parser = await pythonParser()
})

const issuesOf = (source: string): readonly { readonly at: string; readonly what: string }[] => {
  const parsed = parsePython(parser, source)
  return isLeft(parsed) ? [{ at: parsed.left.code, what: parsed.left.what }] : parsed.right.issues
}

describe('parsePython', () => {
  it('takes Python 3', () => {
    expect(
      issuesOf(
        'match x:\n    case [a, *b]: pass\nasync def f(): return await g()\nx: int = (y := 2)\n@d\nclass A[T]: pass\n'
      )
    ).toEqual([])
  })

  it.each([
    ['a = (1\n', 'line 1'],
    ["x = 1\ny = 'abc\nz = 2\n", 'line 2'],
    ['x = 1\n  y = 2\n', 'line 2'],
    ['print "a"\n', 'line 1'],
    ['f(a=1, 2)\n', 'line 1'],
    ['x = 10L\n', 'line 1'],
    ['for i in\n', 'line 1'],
    ['\n\n<xml/>\n', 'line 3'],
    ['"""never closed', 'line 1']
  ])('reports %j', (source, at) => {
    const issues = issuesOf(source)
    expect(issues.length).toBeGreaterThan(0)
    expect(issues[0]?.at).toBe(at)
    expect(issues[0]?.what).toMatch(/^not Python/)
  })

  it('reports all places, up to a hundred', () => {
    const lines = Array.from({ length: 300 }, () => 'print "x"').join('\n')
    expect(issuesOf(lines)).toHaveLength(100)
    expect(issuesOf('print "a"\nx = 1\nprint "b"\n').map(issue => issue.at)).toEqual(['line 1', 'line 3'])
  })

  it.each([
    ['unclosed brackets', '('.repeat(300_000)],
    ['brackets', `x = ${'('.repeat(100_000)}1${')'.repeat(100_000)}`],
    ['signs', `x = ${'-'.repeat(300_000)}1`],
    ['attributes', `x = a${'.b'.repeat(200_000)}`],
    ['operators', `x = 1${' + a'.repeat(100_000)}`],
    ['an open string', `"""${'x'.repeat(3_000_000)}`],
    ['too much', ' '.repeat(maxSourceLength + 1)],
    ['nested blocks', Array.from({ length: 2000 }, (_, i) => `${' '.repeat(i)}if x:`).join('\n')]
  ])('answers %s', (_, source) => {
    expect(issuesOf(source).length).toBeGreaterThan(0)
  })

  it('is whole after hostile text', () => {
    issuesOf('('.repeat(100_000))
    expect(statementsOf(parser, 'a = 1')).toMatchObject([{ kind: 'assignment', targets: [['a']] }])
  })

  it('never throws on any text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 200 }),
          fc.string({ unit: fc.constantFrom(...Array.from('()[]{}\'"\\\n \t:=.,#*+-@ab1fr')) })
        ),
        source => {
          const parsed = parsePython(parser, source)
          expect(isLeft(parsed) || isRight(parsed)).toBe(true)
        }
      ),
      { numRuns: 1000 }
    )
  })
})

describe('statements', () => {
  it('tells the forms that logs need from the others', () => {
    const source =
      'a, b = f(x)\nc = d = 1\na += 1\na[0] = 2\ndel a, b\nimport numpy as np, skimage.io\nfrom m import n as o, p\nfor i in range(3):\n    f(i)\nwhile x: pass\na.b = 1\n"text"\nf(x)\nx: int\n'
    expect(statementsOf(parser, source)).toMatchObject([
      { kind: 'assignment', targets: [['a', 'b']] },
      { kind: 'assignment', targets: [['c'], ['d']] },
      { kind: 'augmented', operator: '+' },
      { kind: 'item' },
      { kind: 'delete', names: ['a', 'b'] },
      {
        kind: 'import',
        names: [
          { name: 'np', path: 'numpy' },
          { name: 'skimage', path: 'skimage' }
        ]
      },
      {
        kind: 'import',
        names: [
          { name: 'o', path: 'm.n' },
          { name: 'p', path: 'm.p' }
        ]
      },
      { kind: 'loop', variable: 'i' },
      { kind: 'other', form: 'while_statement', rewires: false },
      { kind: 'other', rewires: true },
      { kind: 'text', text: 'text' },
      { kind: 'expression' },
      { kind: 'nothing' }
    ])
  })

  it('names everything that code may bind', () => {
    const [statement] = statementsOf(
      parser,
      'with f(a) as b:\n    c = 1\n    for d, e in g: pass\n    def h(): global k\n    import l.m as n, o\n    (p := 2)\n    try: pass\n    except E as q: pass\n'
    )
    if (statement?.kind !== 'other') throw new Error(statement?.kind)
    expect(new Set(statement.binds)).toEqual(new Set(['b', 'c', 'd', 'e', 'h', 'k', 'n', 'l', 'm', 'o', 'p', 'q']))
  })

  it('sees what changes the meaning of names', () => {
    for (const source of [
      'from m import *',
      'setattr(a, "b", 1)\nif x: a.b = 1',
      'if x: exec("y")',
      'for a.b in c: pass'
    ]) {
      expect(statementsOf(parser, source).some(statement => statement.kind === 'other' && statement.rewires)).toBe(true)
    }
  })
})

describe('expressions', () => {
  it('keeps spreads, slices and operators', () => {
    expect(expressionOf(parser, 'f(a, *b, c=1, **d)')).toMatchObject({
      kind: 'call',
      spread: true,
      keywords: [['c', {}]]
    })
    expect(expressionOf(parser, 'a[1:2, ::3, ...]')).toMatchObject({
      kind: 'subscript',
      keys: [{ kind: 'slice' }, { kind: 'slice' }, { kind: 'other' }]
    })
    expect(expressionOf(parser, 'a < b')).toMatchObject({ kind: 'binary', operator: '<' })
    expect(expressionOf(parser, 'a < b < c')).toMatchObject({ kind: 'other', calls: false })
    expect(expressionOf(parser, '[f(x) for x in y]')).toMatchObject({ kind: 'other', calls: true })
    expect(expressionOf(parser, 'a.b(c).d')).toMatchObject({ kind: 'attribute', name: 'd', object: { kind: 'call' } })
  })
})
