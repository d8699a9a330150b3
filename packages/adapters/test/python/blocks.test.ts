import { isLeft } from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Parser } from 'web-tree-sitter'
import { type LogText, parseLogText } from '../../src/python/blocks.ts'
import { fieldOf, parseDocstring } from '../../src/python/docstring.ts'
import { decodeSource, maxLogBytes } from '../../src/python/text.ts'
import { pythonParser } from './reading.ts'

let parser: Parser
beforeAll(async () => {
  parser = await pythonParser()
})

const read = (source: string): LogText => {
  const text = parseLogText(parser, source, { escapes: true })
  if (isLeft(text)) throw new Error(JSON.stringify(text.left))
  return text.right
}

const failure = (source: string): { readonly code: string; readonly lines: readonly string[] } => {
  const text = parseLogText(parser, source, { escapes: true })
  return isLeft(text)
    ? { code: text.left.code, lines: (text.left.issues ?? []).map(issue => issue.at) }
    : { code: 'none', lines: [] }
}

const begin = '# ********** BEGIN MACRO ********** #'
const end = '# ********** END MACRO ********** #'

describe('parseLogText', () => {
  it('takes header, blocks and loose statements apart', () => {
    const text = read(
      `"""\nHead.\n:host: V\n"""\nimport numpy\n\n# why\n# so\na = 1\n${begin}\n"""\nText.\n\n:name: n\n"""\nb = 2\nc = 3\n# note\n${end}\nd = 4\n`
    )
    expect(text.header).toEqual({ text: 'Head.', fields: [{ keyword: 'host', argument: '', text: 'V' }] })
    expect(text.blocks.map(({ framed, code, line, doc }) => ({ framed, code, line, text: doc.text }))).toEqual([
      { framed: false, code: 'import numpy', line: 5, text: '' },
      { framed: false, code: 'a = 1', line: 9, text: 'why\nso' },
      { framed: true, code: 'b = 2\nc = 3', line: 16, text: 'Text.' },
      { framed: false, code: 'd = 4', line: 20, text: '' }
    ])
    expect(text.blocks[2]?.comments).toEqual(['# note'])
  })

  it('does not take markers within strings or blocks for markers', () => {
    expect(read(`a = """\n${begin}\n"""\nif a:\n    ${begin}\n    b = 1\n`).blocks.map(block => block.framed)).toEqual([
      false,
      false
    ])
  })

  it('keeps a block that does not parse, with the lines of the others', () => {
    const text = read(`a = 1\n${begin}\nb = (\n${end}\n${begin}\nc = 1\n${end}\nd = 1\n`)
    expect(text.blocks.map(({ parses, line }) => [parses, line])).toEqual([
      [true, 1],
      [false, 2],
      [true, 6],
      [true, 8]
    ])
    expect(text.blocks[1]?.code).toBe('b = (')
  })

  it('does not let an open string in a block swallow the rest', () => {
    const text = read(`${begin}\nb = """\n${end}\n${begin}\nc = 1\n${end}\n`)
    expect(text.blocks.map(({ parses }) => parses)).toEqual([false, true])
  })

  it('refuses what does not parse at all, and blocks that do not pair', () => {
    expect(failure(`${begin}\nb = (\n${end}\n`)).toEqual({ code: 'log-not-python', lines: ['line 2'] })
    expect(failure(`x y\n${begin}\nb = 1\n${end}\n`)).toMatchObject({ code: 'log-not-python', lines: ['line 1'] })
    expect(failure(`${begin}\n${begin}\n${end}\n${end}\n`)).toEqual({
      code: 'log-grammar',
      lines: ['line 1', 'line 4']
    })
    expect(failure(`${begin}\n`)).toEqual({ code: 'log-grammar', lines: ['line 1'] })
  })

  it('reads lines that end in CR LF', () => {
    expect(read(`"""\r\n:host: V\r\n"""\r\n${begin}\r\n"""\r\n:name: n\r\n"""\r\na = 1\r\n${end}\r\n`)).toMatchObject({
      header: { fields: [{ keyword: 'host', text: 'V' }] },
      blocks: [{ framed: true, code: 'a = 1' }]
    })
  })
})

describe('docstrings', () => {
  it('continues fields by indentation and undoes escapes', () => {
    const doc = parseDocstring(
      'Say:\n\\:name: no field\n\n:param a b: one\n    two\n:name: c\\\\d\\ne\n:type x:\nafter',
      true
    )
    expect(doc.text).toBe('Say:\n:name: no field\n\nafter')
    expect(fieldOf(doc, 'param', 'a b')).toBe('one two')
    expect(fieldOf(doc, 'name')).toBe('c\\d\ne')
    expect(fieldOf(doc, 'type', 'x')).toBe('')
  })
})

describe('decodeSource', () => {
  it('refuses bytes that are no text', () => {
    for (const bytes of [
      Uint8Array.of(0xff),
      Uint8Array.of(0x61, 0),
      Uint8Array.of(0xed, 0xa0, 0x80),
      new Uint8Array(maxLogBytes + 1)
    ]) {
      expect(decodeSource(bytes)).toMatchObject({ left: { code: 'log-not-python' } })
    }
    expect(decodeSource(new TextEncoder().encode('\ufeffa'))).toMatchObject({ right: 'a' })
  })
})
