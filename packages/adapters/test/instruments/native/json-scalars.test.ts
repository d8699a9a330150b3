import { fc, test as property } from '@fast-check/vitest'
import * as E from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { parseJsonScalars } from '../../../src/instruments/native/json-scalars.ts'

const scalars = (value: unknown, path: readonly string[] = []): readonly (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, child]) => scalars(child, [...path, name]))
    : [[path.join('/'), value]]

describe('parseJsonScalars', () => {
  property.prop([fc.jsonValue(), fc.constantFrom(0, 2)])(
    'gives what JSON.parse gives, scalar by scalar',
    (value, indent) => {
      const parsed = parseJsonScalars(JSON.stringify(value, null, indent))
      expect(
        E.isRight(parsed) && !parsed.right.truncated
          ? parsed.right.scalars.map(({ key, parsed: own }) => [key, own])
          : parsed
      ).toEqual(scalars(JSON.parse(JSON.stringify(value))))
    }
  )

  property.prop([fc.string({ unit: fc.constantFrom(...Array.from('{}[]",:\\ 0-1.e+truefalsn\nu')) })])(
    'refuses what JSON.parse refuses, but for an end that is missing',
    text => {
      const parsed = parseJsonScalars(text)
      const strict = (): boolean => {
        try {
          JSON.parse(text)
          return true
        } catch {
          return false
        }
      }
      expect(E.isRight(parsed) && !parsed.right.truncated).toBe(strict())
    }
  )

  property.prop([fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat()])(
    'reads every beginning of a JSON text',
    (value, cut) => {
      const text = JSON.stringify(value)
      const parsed = parseJsonScalars(text.slice(0, 1 + (cut % (text.length - 1))))
      const whole = scalars(JSON.parse(text))
      expect(parsed).toMatchObject({ _tag: 'Right', right: { truncated: true } })
      // What was read is what stands there, never the beginning of a number.
      if (E.isRight(parsed))
        expect(parsed.right.scalars.map(({ key, parsed: own }) => [key, own])).toEqual(
          whole.slice(0, parsed.right.scalars.length)
        )
    }
  )

  test.each([
    '',
    ' ',
    '{"a":1}}',
    '{"a":1,}',
    '[1,]',
    '{"a" 1}',
    '{a:1}',
    '01',
    '1 2',
    '{"a":\u0000}',
    'nul',
    '{"a":nulL}',
    '['.repeat(100_000),
    '{"a":'.repeat(100_000)
  ])('refuses %.20s', text => {
    expect(parseJsonScalars(text)).toMatchObject({ _tag: 'Left', left: { code: 'native-malformed' } })
  })

  test('a text of a million characters, and one of a hundred thousand scalars', () => {
    expect(E.isRight(parseJsonScalars(`{"a":"${'x'.repeat(1_000_000)}"}`))).toBe(true)
    const many = parseJsonScalars(JSON.stringify(Array.from({ length: 100_000 }, (_, i) => i)))
    expect(E.isRight(many) ? many.right.scalars.length : 0).toBe(100_000)
    expect(E.isRight(parseJsonScalars(`{"a":"${'x'.repeat(1_000_000)}`))).toBe(true)
  })
})
