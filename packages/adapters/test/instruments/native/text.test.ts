import { fc, test as property } from '@fast-check/vitest'
import { describe, expect, test } from 'vitest'
import { parseDecimal, parseSwitch } from '../../../src/instruments/native/number.ts'
import { decodeText, decodeUtf16 } from '../../../src/instruments/native/text.ts'
import { utf16 } from '../fake-container.ts'

describe('native text', () => {
  property.prop([fc.string({ unit: 'binary' })])('UTF-8 comes back without trailing NULs', text => {
    const expected = text.replace(/\0+$/, '').replace(/^\uFEFF/, '')
    expect(decodeText(new TextEncoder().encode(`${text}\0\0`))).toEqual({ text: expected, charset: 'utf-8' })
  })

  property.prop([fc.uint8Array({ minLength: 1 })])('other bytes are ISO 8859-1: each gives itself back', bytes => {
    const { text, charset } = decodeText(bytes)
    let end = bytes.length
    while (end > 0 && bytes[end - 1] === 0) end--
    if (charset === 'iso-8859-1') expect(Uint8Array.from(text, c => c.charCodeAt(0))).toEqual(bytes.slice(0, end))
  })

  property.prop([fc.string(), fc.boolean()])('UTF-16 of either order comes back', (text, littleEndian) => {
    expect(decodeUtf16(utf16(text, littleEndian), littleEndian)).toBe(text)
  })

  test.each([
    ['1e-005', 1e-5],
    ['6.25e-012', 6.25e-12],
    ['-0', 0],
    [' 7 ', 7],
    ['.5', 0.5],
    ['5.', 5],
    ['+3', 3]
  ])('the number %s', (text, value) => {
    expect(Object.is(parseDecimal(text), value)).toBe(true)
  })

  test.each(['', ' ', 'NaN', 'Infinity', '1e999', '0x10', '1,5', '1 2', '5 kV', 'e5', `1${'0'.repeat(100)}`, '--1'])(
    '%s is no number',
    text => {
      expect(parseDecimal(text)).toBeUndefined()
    }
  )

  test('switches', () => {
    expect(['yes', 'On', ' TRUE ', 'no', 'Off', 'false', '', '1', 'N/A'].map(parseSwitch)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      undefined,
      undefined,
      undefined
    ])
  })
})
