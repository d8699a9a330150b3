import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  canonicalBytes,
  canonicalText,
  idOf,
  parseCanonical,
  parseJson,
  recordBounds,
  sha256,
  toHex,
  utf8,
  type JsonValue
} from '@bims/core'
import { codeOf, left, right } from '../fixtures/either.ts'

const parse = (text: string) => parseCanonical(utf8(text), recordBounds)

/** Values of the domain that JSON gives back. */
const json: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(n => (Object.is(n, -0) ? 0 : n)),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value')),
    fc.dictionary(
      fc.string({ unit: 'binary' }).filter(name => !name.startsWith('$')),
      tie('value')
    )
  )
})).value

describe('canonical form (RFC 8785)', () => {
  it('is what its definition says, however it is found out', () => {
    // Members in any order, numbers and escapes as others write them: the quick look may never decide otherwise than the definition.
    const texts = fc.oneof(
      json.map(value => JSON.stringify(value)),
      json.map(canonicalText),
      json.map(value => JSON.stringify(value, undefined, 1)),
      fc.tuple(json, fc.nat()).map(([value, at]) => {
        const text = canonicalText(value)
        return text.slice(0, at % text.length) + text.slice((at % text.length) + 1)
      }),
      fc.constantFrom(
        '{"a":1,"a":1}',
        '{"b":1,"a":1}',
        '{"10":1,"9":1}',
        '{"9":1,"10":1}',
        '-0',
        '1.0',
        '"\\u0041"',
        '[1 ]'
      ),
      fc.constantFrom(
        '{"$type":"int64","text":"1"}',
        '{"$type":"int64","text":"01"}',
        '{"$x":1}',
        '"\\ud800"',
        '"\\udbff"',
        '{"\\udc00":1}',
        '"\\\\ud800"',
        '"\\ud83d\\ude00"',
        '["a\\\\","\\udfff"]',
        '-0.0',
        '1e999',
        '[5e-324,1e+21]',
        '{"a":{"$withheld":"x"}}',
        '"\\u000f"'
      )
    )
    fc.assert(
      fc.property(texts, text => {
        const value = parseJson(utf8(text), recordBounds)
        const isCanonical = E.isRight(value) && Buffer.from(utf8(text)).equals(canonicalBytes(value.right))
        expect(E.isRight(parse(text))).toBe(isCanonical)
        if (isCanonical) expect(right(parse(text))).toEqual(value.right)
      }),
      { numRuns: 500 }
    )
  })

  it('gives the example of section 3.2.2', () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/","literals":[null,true,false]}'
    ) as JsonValue
    expect(canonicalText(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'
    )
  })

  it('sorts names by UTF-16 code units (section 3.2.3)', () => {
    const value = {
      '\u20ac': 'Euro Sign',
      '\r': 'Carriage Return',
      '\ufb33': 'Hebrew Letter Dalet With Dagesh',
      '1': 'One',
      '\u{1f600}': 'Emoji: Grinning Face',
      '\u0080': 'Control',
      '\u00f6': 'Latin Small Letter O With Diaeresis'
    }
    expect(Object.values(JSON.parse(canonicalText(value)) as object).join('|')).toContain('One')
    expect([...canonicalText(value).matchAll(/"((?:[^"\\]|\\.)*)":/g)].map(match => match[1])).toEqual([
      '\\r',
      '1',
      '\u0080',
      'ö',
      '€',
      '\u{1f600}',
      '\ufb33'
    ])
  })

  it.each([
    [0x0000000000000000n, '0'],
    [0x0000000000000001n, '5e-324'],
    [0x8000000000000001n, '-5e-324'],
    [0x7fefffffffffffffn, '1.7976931348623157e+308'],
    [0x4340000000000000n, '9007199254740992'],
    [0xc340000000000000n, '-9007199254740992'],
    [0x4430000000000000n, '295147905179352830000'],
    [0x44b52d02c7e14af5n, '9.999999999999997e+22'],
    [0x44b52d02c7e14af6n, '1e+23'],
    [0x44b52d02c7e14af7n, '1.0000000000000001e+23'],
    [0x444b1ae4d6e2ef4en, '999999999999999700000'],
    [0x444b1ae4d6e2ef4fn, '999999999999999900000'],
    [0x444b1ae4d6e2ef50n, '1e+21'],
    [0x3eb0c6f7a0b5ed8cn, '9.999999999999997e-7'],
    [0x3eb0c6f7a0b5ed8dn, '0.000001'],
    [0x41b3de4355555553n, '333333333.3333332'],
    [0x41b3de4355555554n, '333333333.33333325'],
    [0x41b3de4355555555n, '333333333.3333333'],
    [0x41b3de4355555556n, '333333333.3333334'],
    [0x41b3de4355555557n, '333333333.33333343'],
    [0xbecbf647612f3696n, '-0.0000033333333333333333'],
    [0x43143ff3c1cb0959n, '1424953923781206.2']
  ])('writes the number %x as appendix B does', (bits, text) => {
    expect(canonicalText(new Float64Array(BigUint64Array.of(bits).buffer)[0] ?? 0)).toBe(text)
  })

  it('comes back, whatever the order of names', () => {
    fc.assert(
      fc.property(json, value => {
        const bytes = canonicalBytes(value)
        expect(right(parseCanonical(bytes, recordBounds))).toEqual(value)
        const shuffled = JSON.parse(JSON.stringify(value), (_, node: unknown) =>
          typeof node === 'object' && node !== null && !Array.isArray(node)
            ? Object.fromEntries(Object.entries(node).reverse())
            : node
        ) as JsonValue
        expect(canonicalBytes(shuffled)).toEqual(bytes)
      })
    )
  })

  it('keeps a member called __proto__', () => {
    expect(canonicalText(right(parse('{"__proto__":{"a":1},"b":2}')))).toBe('{"__proto__":{"a":1},"b":2}')
  })
})

describe('an id', () => {
  it('is SHA-256 of the canonical bytes', () => {
    expect(idOf(canonicalBytes({}))).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')
    expect(idOf(utf8('x'))).toBe(`sha256:${toHex(sha256(utf8('x')))}`)
  })
})

describe('parsing', () => {
  it.each([
    ['a repeated name', '{"a":1,"a":1}'],
    ['names out of order', '{"b":1,"a":2}'],
    ['white space', '{"a": 1}'],
    ['a final line feed', '{}\n'],
    ['another form of a number', '[1.0]'],
    ['an exponent', '[1e2]'],
    ['an integer that no double holds', '[9007199254740993]'],
    ['a number that is no more than zero', '[1e-999]'],
    ['an escape that need not be', '["\\u0061"]'],
    ['an escaped slash', '["\\/"]'],
    ['upper-case escapes', '["\\u001F"]']
  ])('refuses %s', (_, text) => {
    expect(codeOf(parse(text))).toBe('json-not-canonical')
    expect(E.isRight(parseJson(utf8(text), recordBounds))).toBe(true)
  })

  it.each([['[-0]'], ['[1e999]'], ['["\\ud800"]'], ['{"$x":1}']])('refuses %s, outside the domain', text => {
    expect(codeOf(parse(text))).toBe('json-value')
  })

  it.each([[''], ['{'], ['nul'], ['[1,]'], ['{a:1}'], ["'a'"], ['NaN'], ['[] []'], ['\ufeff[]'], ['[\u0000]']])(
    'refuses %j, which is not JSON',
    text => {
      expect(codeOf(parse(text))).toBe('json-syntax')
    }
  )

  it('refuses what is not UTF-8', () => {
    expect(codeOf(parseJson(Uint8Array.of(0x22, 0xff, 0x22), recordBounds))).toBe('json-syntax')
    expect(codeOf(parseJson(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), recordBounds))).toBe('json-syntax')
  })

  it('has bounds of size, depth and number', () => {
    expect(codeOf(parseJson(utf8(`"${'a'.repeat(recordBounds.bytes)}"`), recordBounds))).toBe('json-bounds')
    expect(codeOf(parse('['.repeat(64) + ']'.repeat(64)))).toBe('none')
    expect(codeOf(parse('['.repeat(65) + ']'.repeat(65)))).toBe('json-bounds')
    expect(codeOf(parse('{"a":'.repeat(40_000)))).toBe('json-bounds')
    expect(codeOf(parse('['.repeat(100_000)))).toBe('json-bounds')
    expect(codeOf(parseJson(utf8('[1,2,3]'), { ...recordBounds, values: 3 }))).toBe('json-bounds')
    expect(codeOf(parseJson(utf8('[1,2]'), { ...recordBounds, values: 3 }))).toBe('none')
    expect(codeOf(parseJson(utf8('["[[,,:{"]'), { ...recordBounds, values: 3, depth: 1 }))).toBe('none')
    expect(codeOf(parseJson(utf8('["\\"[[["]'), { ...recordBounds, depth: 1 }))).toBe('none')
  })

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 60 }),
          fc.string({ unit: fc.constantFrom(...Array.from('[]{}",:\\u0d8e1-.tn$ ')), maxLength: 60 }).map(utf8)
        ),
        bytes => {
          const parsed = parseCanonical(bytes, recordBounds)
          if (E.isRight(parsed)) expect(canonicalBytes(parsed.right)).toEqual(bytes)
          else expect(left(parsed).advice).not.toBe('')
        }
      ),
      { numRuns: 2000 }
    )
  })
})
