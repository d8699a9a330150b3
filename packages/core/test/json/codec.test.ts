import * as E from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import {
  Base64Codec,
  CountCodec,
  DateTimeCodec,
  decodeWith,
  HexHashCodec,
  ImageDigestCodec,
  Sha256IdCodec
} from '@bims/core'
import { listCodec } from '../../src/json/codec.ts'
import { left } from '../fixtures/either.ts'

const hash = '0123456789abcdef'.repeat(4)

describe('refined texts', () => {
  it.each([
    [Sha256IdCodec, [`sha256:${hash}`], [hash, `sha256:${hash}0`, `sha256:${hash.toUpperCase()}`, `sha256:${hash}\n`]],
    [HexHashCodec, [hash], [`${hash}0`, hash.slice(1), `${hash}\n`]],
    [
      ImageDigestCodec,
      [`bims-pixels-1:${hash}`, `bims-coded-1:${hash}`],
      [`bims-pixels-2:${hash}`, `bims-pixels-1:${hash}\n`]
    ],
    [Base64Codec, ['', 'AA=='], ['A', 'AAAA\n']],
    [
      DateTimeCodec,
      ['2026-03-01T10:31:00Z', '2026-03-01T10:31:00.123+01:00', '2016-12-31T23:59:60Z'],
      [
        '2026-03-01',
        '2026-03-01 10:31:00Z',
        '2026-03-01T10:31:00',
        '2026-13-01T10:31:00Z',
        '2026-03-32T10:31:00Z',
        '2026-03-01T24:31:00Z',
        '2026-03-01T10:31:00+25:00',
        '2026-03-01t10:31:00z'
      ]
    ]
  ])('%o', (codec, good, bad) => {
    for (const text of good) expect(codec.is(text), text).toBe(true)
    for (const text of [...bad, 5, null, undefined, [good[0]]]) expect(codec.is(text), String(text)).toBe(false)
  })

  it('counts are safe integers', () => {
    for (const good of [0, 1, Number.MAX_SAFE_INTEGER]) expect(CountCodec.is(good)).toBe(true)
    for (const bad of [-1, 1.5, 2 ** 53, NaN, '1', null, 5n]) expect(CountCodec.is(bad)).toBe(false)
  })
})

describe('decoding', () => {
  const codec = t.intersection([
    t.type({ a: t.union([t.string, listCodec(t.type({ 'b/c': CountCodec }))]) }),
    t.partial({ d: t.string })
  ])

  it('keeps members that it does not know, and the value itself', () => {
    const value = { a: [{ 'b/c': 1, more: 2 }], later: { x: 1 } }
    expect(decodeWith(codec, 'an example')(value)).toEqual(E.right(value))
    expect(E.isRight(decodeWith(codec, 'an example')(value))).toBe(true)
  })

  it('tells places as JSON pointers, without the parts of unions and intersections', () => {
    const error = left(decodeWith(codec, 'an example')({ a: [{ 'b/c': -1 }, { 'b/c': 1 }, {}], d: 5 }))
    expect(error.code).toBe('record-schema')
    expect(error.issues?.map(issue => issue.at)).toEqual(['/a', '/a/0/b~1c', '/a/2/b~1c', '/d'])
  })

  it('stops early and says little where much is wrong', () => {
    const huge = Array.from({ length: 1_000_000 }, () => ({ big: 'x' }))
    const error = left(decodeWith(listCodec(CountCodec), 'counts')(huge))
    expect(error.issues).toHaveLength(100)
    expect(error.what.length).toBeLessThan(300)
    const deep = left(decodeWith(t.string, 'a text')(huge))
    expect(deep.what).toContain('a list of 1000000')
  })

  it('can say what is wrong with values that JSON does not know', () => {
    for (const value of [5n, undefined, Symbol('x'), () => 1])
      expect(left(decodeWith(t.string, 'a text')(value)).issues).toHaveLength(1)
  })
})
