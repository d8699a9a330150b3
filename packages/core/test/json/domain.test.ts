import * as E from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkValue, fromFloat64, fromInteger, type JsonValue } from '@bims/core'
import { codeOf, left } from '../fixtures/either.ts'

const typed = (type: string, text: unknown): JsonValue => ({ $type: type, text }) as JsonValue
const accepts = (value: unknown): boolean => E.isRight(checkValue(value as JsonValue))

describe('typed values', () => {
  it.each([
    [
      'int64',
      ['0', '-1', '9223372036854775807', '-9223372036854775808'],
      ['-0', '+1', '01', '', ' 1', '1e3', '9223372036854775808', '-9223372036854775809', '9'.repeat(400)]
    ],
    ['uint64', ['0', '18446744073709551615'], ['-1', '18446744073709551616', '1.0']],
    ['float64', ['NaN', 'Infinity', '-Infinity', '-0'], ['1.5', '0', '-NaN', 'nan', 'inf', '']],
    [
      'complex128',
      ['1,2', 'NaN,-0', '1e+300,-Infinity', '-1.5,5e-324'],
      ['1', '1,2,3', ',', '1.0,2', '1, 2', '0x1,2', '+1,2']
    ],
    ['bytes', ['', 'AA==', 'AAEC'], ['A', 'AB==', 'AA', '!!!!']]
  ])('%s', (type, good, bad) => {
    for (const text of good) expect(accepts(typed(type, text)), text).toBe(true)
    for (const text of bad) expect(accepts(typed(type, text)), text).toBe(false)
    for (const text of [1, null, undefined, ['AA==']]) expect(accepts(typed(type, text)), String(text)).toBe(false)
  })

  it('have a type that is known', () => {
    for (const type of ['int32', 'toString', '__proto__', 'constructor', '', 5, null])
      expect(accepts({ $type: type, text: '0' }), String(type)).toBe(false)
  })

  it('have a charset only where they are bytes', () => {
    expect(accepts({ $type: 'bytes', text: 'AA==', charset: 'windows-1252' })).toBe(true)
    expect(accepts({ $type: 'bytes', text: 'AA==', charset: 5 })).toBe(false)
    expect(accepts({ $type: 'int64', text: '1', charset: 'x' })).toBe(false)
    expect(accepts({ $type: 'int64', text: '1', $more: 1 })).toBe(false)
  })
})

describe('the value domain', () => {
  it('knows no other names that start with $', () => {
    expect(accepts({ $withheld: `sha256:${'0a'.repeat(32)}` })).toBe(true)
    for (const bad of [
      { $x: 1 },
      { $withheld: 'sha256:00' },
      { $withheld: `sha256:${'0A'.repeat(32)}` },
      { $withheld: `sha256:${'00'.repeat(32)}`, a: 1 },
      { $: 1 }
    ]) {
      expect(accepts(bad)).toBe(false)
    }
    expect(accepts({ a$: 1, 'a.$type': 2 })).toBe(true)
  })

  it('has no lone surrogates, in names or in texts', () => {
    for (const bad of ['\ud800', 'a\udc00b', '\udc00\ud800']) {
      expect(accepts(bad)).toBe(false)
      expect(accepts({ [bad]: 1 })).toBe(false)
    }
    expect(accepts({ '\u{1f52c}': '\u{1f52c}' })).toBe(true)
  })

  it('has finite numbers and no negative zero', () => {
    for (const bad of [NaN, Infinity, -Infinity, -0]) expect(accepts([bad])).toBe(false)
    for (const good of [0, 5e-324, Number.MAX_VALUE, -1.5, 2 ** 53]) expect(accepts([good])).toBe(true)
  })

  it('holds nothing that JSON could not give back', () => {
    const holes = [1, , 3]
    for (const bad of [
      [undefined],
      holes,
      new Date(0),
      new Uint8Array(2),
      new Map(),
      5n,
      Symbol('x'),
      () => 1,
      new Number(5)
    ])
      expect(accepts(bad)).toBe(false)
    expect(accepts({ absent: undefined, a: Object.create(null) as unknown })).toBe(true)
  })

  it('is not without bottom', () => {
    const cycle: { again?: unknown } = {}
    cycle.again = cycle
    expect(accepts(cycle)).toBe(false)
    let deep: JsonValue = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(codeOf(checkValue(deep))).toBe('json-value')
  })

  it('tells every place, as a JSON pointer, a hundred at most', () => {
    const error = left(checkValue({ 'a/b~c': [NaN, { $x: 1 }], ok: 1, '\ud800': 2 }))
    expect(error.issues?.map(issue => issue.at)).toEqual(['/a~1b~0c/0', '/a~1b~0c/1', '/\ud800'])
    expect(left(checkValue(Array.from({ length: 1000 }, () => NaN))).issues).toHaveLength(100)
  })
})

describe('numbers of other types', () => {
  it('become numbers where they round-trip, typed values elsewhere', () => {
    expect(fromFloat64(1.5)).toBe(1.5)
    expect([NaN, Infinity, -Infinity, -0].map(fromFloat64)).toEqual(
      ['NaN', 'Infinity', '-Infinity', '-0'].map(text => ({ $type: 'float64', text }))
    )
    expect(fromInteger(2n ** 53n)).toEqual({ $type: 'uint64', text: '9007199254740992' })
    expect(fromInteger(-(2n ** 63n))).toEqual({ $type: 'int64', text: '-9223372036854775808' })
    expect(fromInteger(-5n)).toBe(-5)
  })

  it('always lie in the domain', () => {
    fc.assert(fc.property(fc.double(), value => E.isRight(checkValue(fromFloat64(value)))))
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), value =>
        E.isRight(checkValue(fromInteger(value)))
      )
    )
  })
})
