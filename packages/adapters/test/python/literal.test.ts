import { checkValue, type JsonValue } from '@bims/core'
import fc from 'fast-check'
import { isRight } from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { Parser } from 'web-tree-sitter'
import { isPythonName, printLiteral } from '../../src/python/print.ts'
import { expressionOf, pythonParser } from './reading.ts'

// No test fails on a time: the machine may be busy.
vi.setConfig({ testTimeout: 600_000 })

let parser: Parser
beforeAll(async () => {
  parser = await pythonParser()
})

const literal = (source: string): unknown => {
  const expression = expressionOf(parser, source)
  return expression.kind === 'literal' ? expression.literal : expression.kind
}

describe('literals', () => {
  it.each<[string, JsonValue, string]>([
    ['1', 1, 'int'],
    ['-1', -1, 'int'],
    ['1_000', 1000, 'int'],
    ['0xff', 255, 'int'],
    ['0o17', 15, 'int'],
    ['0b101', 5, 'int'],
    ['9223372036854775807', { $type: 'uint64', text: '9223372036854775807' }, 'int'],
    ['-9223372036854775808', { $type: 'int64', text: '-9223372036854775808' }, 'int'],
    ['18446744073709551615', { $type: 'uint64', text: '18446744073709551615' }, 'int'],
    ['1.0', 1, 'float'],
    ['.5', 0.5, 'float'],
    ['5.', 5, 'float'],
    ['1e3', 1000, 'float'],
    ['-2.5e-3', -0.0025, 'float'],
    ['-0.0', { $type: 'float64', text: '-0' }, 'float'],
    ['1e999', { $type: 'float64', text: 'Infinity' }, 'float'],
    ['2j', { $type: 'complex128', text: '0,2' }, 'complex'],
    ['1.5-2j', { $type: 'complex128', text: '1.5,-2' }, 'complex'],
    ['True', true, 'bool'],
    ['False', false, 'bool'],
    ['None', null, 'None'],
    ["'a' \"b\" r'\\c'", 'ab\\c', 'str'],
    ["'\\x41\\u00e9\\U0001F600\\101\\n'", 'Aé😀A\n', 'str'],
    ["'''a\nb'''", 'a\nb', 'str'],
    ["b'\\x00a'", { $type: 'bytes', text: 'AGE=' }, 'bytes'],
    ['(1, 2)', [1, 2], 'tuple'],
    ['(1.0, 2)', [1, 2], 'tuple of float'],
    ['(1,)', [1], 'tuple'],
    ['[]', [], 'list'],
    ["{'a': 1, 'b': [True]}", { a: 1, b: [true] }, 'dict'],
    [
      '((1, 2), (3, 4))',
      [
        [1, 2],
        [3, 4]
      ],
      'tuple'
    ],
    ['(3)', 3, 'int']
  ])('reads %s', (source, value, type) => {
    expect(literal(source)).toEqual({ value, type })
  })

  it.each([
    "'\\ud800'",
    "'\\N{BULLET}'",
    "f'{x}'",
    '18446744073709551616',
    '{1: 2}',
    "{'$type': 1}",
    "{'__proto__': 1}",
    '{1, 2}'
  ])('does not make a value of %s', source => {
    expect(literal(source)).not.toHaveProperty('value')
  })
})

const floatText = fc.constantFrom('NaN', 'Infinity', '-Infinity', '-0')
const wellFormed = fc.string({ unit: 'binary' }).filter(text => !/\p{Surrogate}/u.test(text))
const scalar: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter(n => !Object.is(n, -0)),
  wellFormed,
  floatText.map(text => ({ $type: 'float64', text })),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 64n - 1n }).map(n => ({ $type: 'uint64', text: n.toString() })),
  fc.uint8Array().map(bytes => ({ $type: 'bytes', text: Buffer.from(bytes).toString('base64') }))
)
const { value: jsonValue } = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      wellFormed.filter(name => !name.startsWith('$') && name !== '__proto__'),
      tie('value'),
      { maxKeys: 3, noNullPrototype: true }
    )
  )
}))

describe('printed literals', () => {
  it('are read back as the value that was printed', () => {
    fc.assert(
      fc.property(jsonValue, fc.constantFrom('', 'float', 'tuple', 'tuple of float', 'list'), (value, type) => {
        const text = printLiteral(value, type)
        if (text === undefined) throw new Error('not printed')
        expect(text).not.toMatch(/[\n\r\u2028\u202e]/u)
        const expression = expressionOf(parser, text)
        if (expression.kind === 'literal') {
          expect(expression.literal.value).toEqual(value)
          expect(isRight(checkValue(expression.literal.value))).toBe(true)
        } else {
          // float('nan') and its kin are calls until names are known.
          expect(JSON.stringify(value)).toMatch(/NaN|Infinity/)
        }
      }),
      { numRuns: 500 }
    )
  })

  it('keeps ints and floats apart by the type', () => {
    expect(printLiteral(2, 'int')).toBe('2')
    expect(printLiteral(2, 'float or None')).toBe('2.0')
    expect(printLiteral([1, 0.5], 'tuple of float')).toBe('(1.0, 0.5)')
    expect(printLiteral(1e21, 'float')).toBe('1e+21')
  })

  it('refuses what no literal stands for', () => {
    expect(printLiteral({ $withheld: `sha256:${'0'.repeat(64)}` }, '')).toBeUndefined()
    expect(printLiteral('\ud800', '')).toBeUndefined()
    expect(printLiteral({ $type: 'bytes', text: 'AGE=', charset: 'latin1' }, '')).toBeUndefined()
  })

  it('takes ASCII names only, and no keywords', () => {
    for (const name of ['a', '_b1', 'kept_a']) expect(isPythonName(name)).toBe(true)
    for (const name of ['', '1a', 'a-b', 'lambda', 'None', 'é', 'a\n', 'a b']) expect(isPythonName(name)).toBe(false)
  })
})
